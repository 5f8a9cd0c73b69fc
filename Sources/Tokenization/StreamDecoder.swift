// SPDX-License-Identifier: Apache-2.0

/// Decodes a stream of ids, giving text as soon as it is whole: never U+FFFD in the middle of a
/// scalar that the next id completes.
///
/// ```swift
/// var decoder = tokenizer.makeStreamDecoder()
/// for id in ids { if let text = try decoder.append(id) { print(text, terminator: "") } }
/// if let rest = try decoder.finish() { print(rest) }
/// ```
///
/// Chunks are those of Hugging Face's `DecodeStream`, or, for rank files and tekken.json, those of an
/// incremental UTF-8 decoder.
public struct StreamDecoder: Sendable {
  private let tokenizer: Tokenizer
  private let skippingSpecialTokens: Bool
  /// Byte-level vocabularies: bytes that have not been given out.
  private var pending: [UInt8] = []
  /// Others: the ids of the last chunk, which tell how the text before goes on, and those since.
  private var ids: [TokenID] = []
  private var prefixCount = 0
  private var prefix: [UInt8] = []

  init(_ tokenizer: Tokenizer, skippingSpecialTokens: Bool) {
    self.tokenizer = tokenizer
    self.skippingSpecialTokens = skippingSpecialTokens
  }

  /// Takes an id and gives the text that is certain now, if any.
  ///
  /// - Throws: ``TokenizerError`` for an id that has no token.
  public mutating func append(_ id: TokenID) throws(TokenizerError) -> String? {
    tokenizer.parts.decodesBytes ? try appendBytes(id) : try appendToken(id)
  }

  /// Gives what is left at the end, with U+FFFD for what is not whole.
  ///
  /// - Throws: Never for ids that ``append(_:)`` has taken.
  public mutating func finish() throws(TokenizerError) -> String? {
    defer { self = StreamDecoder(tokenizer, skippingSpecialTokens: skippingSpecialTokens) }
    if tokenizer.parts.decodesBytes {
      return pending.isEmpty ? nil : String(decoding: pending, as: UTF8.self)
    }
    let text = try decode(ids)
    guard text.starts(with: prefix) else { return try restart() }
    return text.count > prefix.count
      ? String(decoding: text.dropFirst(prefix.count), as: UTF8.self) : nil
  }

  private mutating func appendBytes(_ id: TokenID) throws(TokenizerError) -> String? {
    try tokenizer.appendBytes(of: id, skippingSpecialTokens, to: &pending)
    if tokenizer.configuration.streamsByScalar {
      let end = Self.wholeCount(pending)
      guard end > 0 else { return nil }
      defer { pending.removeFirst(end) }
      return String(decoding: pending[..<end], as: UTF8.self)
    }
    guard !pending.isEmpty, Self.endsWhole(pending) else { return nil }
    defer { pending.removeAll(keepingCapacity: true) }
    return String(decoding: pending, as: UTF8.self)
  }

  /// The bytes before a scalar at the end that may still become whole.
  private static func wholeCount(_ bytes: [UInt8]) -> Int {
    for length in 1...3 where length <= bytes.count {
      let tail = bytes.suffix(length)
      let needed =
        switch bytes[tail.startIndex] {
        case 0xC2...0xDF: 2
        case 0xE0...0xEF: 3
        case 0xF0...0xF4: 4
        default: 0
        }
      // One replacement means that the bytes so far may begin a scalar.
      if length < needed, String(decoding: tail, as: UTF8.self).unicodeScalars.count == 1 {
        return tail.startIndex
      }
    }
    return bytes.count
  }

  /// Whether the text ends with a whole scalar that is not U+FFFD.
  private static func endsWhole(_ bytes: [UInt8]) -> Bool {
    var start = bytes.count - 1
    while start > 0, bytes.count - start < 4, bytes[start] & 0xC0 == 0x80 { start -= 1 }
    let tail = bytes[start...]
    guard let text = String(validating: tail, as: UTF8.self) else { return false }
    return text.unicodeScalars.last != "\u{FFFD}"
  }

  private func decode(_ ids: [TokenID]) throws(TokenizerError) -> [UInt8] {
    TokenDecoder.repaired(
      try tokenizer.decodedBytes(ids, skippingSpecialTokens: skippingSpecialTokens))
  }

  /// As `step_decode_stream` does (huggingface/tokenizers 3ba8ad00, tokenizer/mod.rs).
  private mutating func appendToken(_ id: TokenID) throws(TokenizerError) -> String? {
    if prefix.isEmpty, !ids.isEmpty {
      let text = try decode(ids)
      if Self.isCertain(text) {
        prefix = text
        prefixCount = ids.count
      }
    }
    ids.append(id)
    let text = try decode(ids)
    guard text.count > prefix.count, Self.isCertain(text) else { return nil }
    guard text.starts(with: prefix) else { return try restart() }
    let chunk = String(decoding: text.dropFirst(prefix.count), as: UTF8.self)
    let kept = ids.count - prefixCount
    ids.removeFirst(prefixCount)
    prefix = try decode(ids)
    prefixCount = kept
    return chunk
  }

  /// Goes on without the ids that were given out, where a byte that follows them has changed their
  /// text; the reference fails from here on.
  private mutating func restart() throws(TokenizerError) -> String? {
    ids.removeFirst(prefixCount)
    prefix = try decode(ids)
    prefixCount = ids.count
    return String(decoding: prefix, as: UTF8.self)
  }

  private static func isCertain(_ text: [UInt8]) -> Bool {
    text.suffix(3) != [0xEF, 0xBF, 0xBD]
  }
}
