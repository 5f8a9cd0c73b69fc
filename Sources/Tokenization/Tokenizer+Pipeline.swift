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
  ) throws(TokenizerError) -> (ids: [TokenID], ranges: TokenOffsets) {
    let sink = try encoding(.identifiersAndRanges) { run throws(TokenizerError) in
      try encode(bytes, &run) { token, range in
        guard token.isSpecial || control.contains(token.id) else { return true }
        return Self.holds(trusted, range)
      }
    }
    return (sink.ids, sink.ranges)
  }

  /// Whether one of some ranges, ascending and disjoint, holds another.
  private static func holds(_ ranges: [Range<Int>], _ range: Range<Int>) -> Bool {
    var (low, high) = (0, ranges.count)
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].upperBound < range.upperBound { low = middle + 1 } else { high = middle }
    }
    return low < ranges.count && ranges[low].lowerBound <= range.lowerBound
  }

  /// The tokens of a text by a policy for special tokens.
  func tokens(of bytes: [UInt8], special: SpecialTokenPolicy, wish: TokenSink.Wish)
    throws(TokenizerError) -> TokenSink
  {
    try encoding(wish, special) { run throws(TokenizerError) in
      try tokens(of: bytes, special: special, &run)
    }
  }

  private func encoding(
    _ wish: TokenSink.Wish, _ special: SpecialTokenPolicy = .allowAll,
    _ body: (inout PipelineRun) throws(TokenizerError) -> TokenSink
  ) throws(TokenizerError) -> TokenSink {
    let context = parts.contexts.take()
    defer { parts.contexts.giveBack(context) }
    var run = PipelineRun(parts, context, wish, allowsSpecial: special != .asText)
    return try body(&run)
  }

  /// The tokens of a text, in a run that is for the same policy.
  func tokens(of bytes: [UInt8], special: SpecialTokenPolicy, _ run: inout PipelineRun)
    throws(TokenizerError) -> TokenSink
  {
    switch special {
    case .asText: return try encode(bytes, &run) { token, _ in !token.isSpecial }
    case .allowAll: return try encode(bytes, &run) { _, _ in true }
    case .allow(let ids):
      return try encode(bytes, &run) { token, _ in !token.isSpecial || ids.contains(token.id) }
    case .reject:
      var refused: (token: AddedToken, offset: Int)?
      let sink = try encode(bytes, &run, needsPlaces: true) { token, range in
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

  /// Encodes a text; `needsPlaces` says that `isAllowed` asks where tokens stand.
  private func encode(
    _ bytes: [UInt8], _ run: inout PipelineRun, needsPlaces: Bool = false,
    isAllowed: (AddedToken, Range<Int>) -> Bool
  ) throws(TokenizerError) -> TokenSink {
    guard bytes.count <= TokenOffsets.textLimit else { throw TokenizerError(.textTooLong) }
    let tracksOrigins = needsPlaces || run.encoder.sink.keepsRanges
    if let invalid = UTF8Check.firstInvalidByte(in: bytes.span) {
      switch configuration.invalidUTF8 {
      case .reject: throw TokenizerError(.invalidUTF8(byteOffset: invalid))
      case .replaceEachByte:
        let (text, origins) = UTF8Check.replacingInvalidBytes(
          in: bytes.span, tracksOrigins: tracksOrigins)
        run.encode(
          AlignedText(text, origins: origins, base: 0, tracksOrigins: tracksOrigins),
          isAllowed: isAllowed)
      case .mergeTail: run.encodeMergingTail(bytes, from: invalid)
      }
    } else {
      run.encode(
        AlignedText(bytes, base: 0, tracksOrigins: tracksOrigins), isAllowed: isAllowed)
    }
    guard !run.isTooLong else {
      run.cancel()
      throw TokenizerError(.textTooLong)
    }
    return run.takeTokens()
  }
}

/// A run that a thread keeps for many texts.
final class ThreadRun {
  private let contexts: ContextPool
  private let context: EncodingContext
  private var run: PipelineRun

  init(_ parts: Tokenizer.Parts, _ wish: TokenSink.Wish, _ special: SpecialTokenPolicy) {
    contexts = parts.contexts
    context = parts.contexts.take()
    run = PipelineRun(parts, context, wish, allowsSpecial: special != .asText)
  }

  deinit {
    contexts.giveBack(context)
  }

  /// The tokens of a text by the policy that the run is for.
  func tokens(of bytes: [UInt8], special: SpecialTokenPolicy, _ tokenizer: Tokenizer)
    throws(TokenizerError) -> TokenSink
  {
    try tokenizer.tokens(of: bytes, special: special, &run)
  }
}
