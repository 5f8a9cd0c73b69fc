// SPDX-License-Identifier: Apache-2.0

import TextNormalization
import TextPrimitives

extension Tokenizer {
  /// Encodes a text in which only some parts may hold control tokens.
  ///
  /// This is how a prompt is encoded: what the template wrote is trusted, what callers wrote is
  /// not, and yet the text is cut and merged as one.
  ///
  /// - Parameters:
  ///   - bytes: The whole text, UTF-8.
  ///   - trusted: The byte ranges in which control tokens are tokens, ascending and disjoint.
  ///   - control: The ids that are control tokens beside the special ones.
  /// - Returns: The ids, and for each its byte range in the text.
  /// - Throws: ``TokenizerError`` where the bytes are not UTF-8.
  public func encode(
    _ bytes: [UInt8], trusting trusted: [Range<Int>], control: Set<TokenID> = []
  ) throws(TokenizerError) -> (ids: [TokenID], ranges: [Range<Int>]) {
    let sink = try encode(bytes, keepsRanges: true) { token, range in
      guard token.isSpecial || control.contains(token.id) else { return true }
      return trusted.contains {
        $0.lowerBound <= range.lowerBound && range.upperBound <= $0.upperBound
      }
    }
    return (sink.ids, sink.ranges)
  }

  /// The tokens of a text by a policy for special tokens.
  func tokens(of bytes: [UInt8], special: SpecialTokenPolicy, keepsRanges: Bool)
    throws(TokenizerError) -> TokenSink
  {
    switch special {
    case .asText:
      return try encode(bytes, keepsRanges: keepsRanges) { token, _ in !token.isSpecial }
    case .allowAll: return try encode(bytes, keepsRanges: keepsRanges) { _, _ in true }
    case .allow(let ids):
      return try encode(bytes, keepsRanges: keepsRanges) { token, _ in
        !token.isSpecial || ids.contains(token.id)
      }
    case .reject:
      var refused: (token: AddedToken, offset: Int)?
      let sink = try encode(bytes, keepsRanges: keepsRanges) { token, range in
        if token.isSpecial, refused == nil { refused = (token, range.lowerBound) }
        return !token.isSpecial
      }
      if let refused {
        throw TokenizerError(
          .specialTokenInText(refused.token.content.string, byteOffset: refused.offset))
      }
      return sink
    }
  }

  private func encode(
    _ bytes: [UInt8], keepsRanges: Bool, isAllowed: (AddedToken, Range<Int>) -> Bool
  ) throws(TokenizerError) -> TokenSink {
    var sink = TokenSink(keepsRanges: keepsRanges)
    let scratch = MergeScratch()
    if let invalid = UTF8Check.firstInvalidByte(in: bytes.span) {
      switch configuration.invalidUTF8 {
      case .reject: throw TokenizerError(.invalidUTF8(byteOffset: invalid))
      case .replaceEachByte:
        let (text, origins) = UTF8Check.replacingInvalidBytes(in: bytes.span)
        let aligned = AlignedText(text, origins: origins, base: 0, tracksOrigins: keepsRanges)
        encode(aligned, into: &sink, scratch, isAllowed: isAllowed)
        return sink
      case .mergeTail:
        encodeMergingTail(bytes, from: invalid, into: &sink, scratch)
        return sink
      }
    }
    let text = AlignedText(bytes, base: 0, tracksOrigins: keepsRanges)
    encode(text, into: &sink, scratch, isAllowed: isAllowed)
    return sink
  }

  private func encode(
    _ text: AlignedText, into sink: inout TokenSink, _ scratch: MergeScratch,
    isAllowed: (AddedToken, Range<Int>) -> Bool
  ) {
    parts.added.split(text.bytes.span, afterNormalization: false, isAllowed: isAllowed) { part in
      if let token = part.token {
        let range = text.originalRange(part.range)
        sink.append(token, range.lowerBound, range.count)
      } else {
        let isWhole = part.range.count == text.bytes.count
        encodeSection(
          isWhole ? text : text.part(part.range), into: &sink, scratch, isAllowed: isAllowed)
      }
    }
  }

  /// Encodes what stands between tokens that are matched before normalization.
  private func encodeSection(
    _ section: AlignedText, into sink: inout TokenSink, _ scratch: MergeScratch,
    isAllowed: (AddedToken, Range<Int>) -> Bool
  ) {
    let text = configuration.normalizer?.apply(to: section) ?? section
    parts.added.split(
      text.bytes.span, afterNormalization: true,
      isAllowed: { isAllowed($0, text.originalRange($1)) }
    ) { part in
      if let token = part.token {
        let range = text.originalRange(part.range)
        sink.append(token, range.lowerBound, range.count)
      } else {
        let isWhole = part.range.count == text.bytes.count
        encodePieces(isWhole ? text : text.part(part.range), into: &sink, scratch)
      }
    }
  }

  private func encodePieces(
    _ text: AlignedText, into sink: inout TokenSink, _ scratch: MergeScratch
  ) {
    let model = configuration.model
    var target = PreTokenizedText(text)
    configuration.preTokenizer?.apply(to: &target, spelling: model.vocabulary.spelling)
    let first = sink.ranges.count
    let bytes = target.text.bytes.span
    for piece in target.pieces { model.encode(bytes, piece, into: &sink, scratch) }
    for index in first..<sink.ranges.count {
      sink.ranges[index] = target.text.originalRange(sink.ranges[index])
    }
  }

  /// As tiktoken's `_encode_bytes`: the last piece before the first bad byte, and all that follows
  /// it, is one piece.
  private func encodeMergingTail(
    _ bytes: [UInt8], from invalid: Int, into sink: inout TokenSink, _ scratch: MergeScratch
  ) {
    let model = configuration.model
    var head = PreTokenizedText(
      AlignedText(Array(bytes[..<invalid]), base: 0, tracksOrigins: false))
    configuration.preTokenizer?.apply(to: &head, spelling: model.vocabulary.spelling)
    let tail = head.pieces.popLast()?.lowerBound ?? 0
    for piece in head.pieces { model.encode(bytes.span, piece, into: &sink, scratch) }
    model.encode(bytes.span, tail..<bytes.count, into: &sink, scratch)
  }
}

/// Looks for bytes that are not UTF-8.
enum UTF8Check {
  static func firstInvalidByte(in text: Span<UInt8>) -> Int? {
    do {
      _ = try UTF8Span(validating: text)
      return nil
    } catch {
      return error.byteOffsets.lowerBound
    }
  }

  /// U+FFFD in the place of every byte that belongs to no scalar.
  static func replacingInvalidBytes(in text: Span<UInt8>)
    -> (text: [UInt8], origins: [AlignedText.Origin])
  {
    var output: [UInt8] = []
    var origins: [AlignedText.Origin] = []
    var place = 0
    while place < text.count {
      let (scalar, length) = PreTokenizedText.scalar(in: text, at: place)
      let origin = AlignedText.Origin(start: UInt32(place), end: UInt32(place + length))
      if scalar >= UTF8Scalars.malformed {
        output += [0xEF, 0xBF, 0xBD]
        for _ in 0..<3 { origins.append(origin) }
      } else {
        for index in place..<place + length {
          output.append(text[index])
          origins.append(origin)
        }
      }
      place += length
    }
    return (output, origins)
  }
}
