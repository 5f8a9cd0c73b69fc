// SPDX-License-Identifier: Apache-2.0

/// A text under normalization: its bytes as they are now, and where each came from.
///
/// The rules of what an inserted, replaced or removed character leaves behind are those of Hugging
/// Face's `NormalizedString` (tokenizers 3ba8ad00, tokenizer/normalizer.rs), so that offsets agree.
/// As long as nothing changed there is no alignment to keep and a text costs its bytes.
///
/// ```swift
/// var text = NormalizedText(Array("Äb".utf8))
/// text.normalize(with: UnicodeNormalizer(.nfd))
/// text.lowercase()
/// text.originalRange(of: 0..<3)  // 0..<2
/// ```
public struct NormalizedText: Sendable {
  /// A range of the original's bytes.
  struct Span: Sendable, Equatable {
    var start: UInt32
    var end: UInt32
  }

  /// The bytes as they are now; they need not be UTF-8.
  public internal(set) var bytes: [UInt8]
  /// Where the original of this text starts in the text that offsets refer to.
  public let originalStart: Int
  /// Whether ``originalRange(of:)`` can answer.
  public let tracksOriginal: Bool
  /// The origin of each byte; nil where every character comes from itself.
  var spans: [Span]?

  /// A text before any change.
  ///
  /// - Parameters:
  ///   - bytes: The text, below 4 GiB with what is before it.
  ///   - originalStart: Where it starts in the text that offsets shall refer to.
  ///   - tracksOriginal: False where offsets will not be asked for, which saves 8 bytes a byte.
  public init(_ bytes: [UInt8], originalStart: Int = 0, tracksOriginal: Bool = true) {
    self.bytes = bytes
    self.originalStart = originalStart
    self.tracksOriginal = tracksOriginal
  }

  init(_ bytes: [UInt8], originalStart: Int, tracksOriginal: Bool, spans: [Span]?) {
    self.bytes = bytes
    self.originalStart = originalStart
    self.tracksOriginal = tracksOriginal
    self.spans = spans
  }

  /// Whether every byte still comes from the byte at its own place.
  public var isUnchanged: Bool { spans == nil }

  /// The original's bytes that a range of the present bytes comes from.
  ///
  /// An empty range gives itself, shifted, as the reference has it. A range that cuts a character
  /// gives the whole character.
  public func originalRange(of range: Range<Int>) -> Range<Int> {
    guard !range.isEmpty else {
      return (range.lowerBound + originalStart)..<(range.lowerBound + originalStart)
    }
    guard let spans else {
      let first = Self.character(at: range.lowerBound, in: bytes).lowerBound
      let end = Self.character(at: range.upperBound - 1, in: bytes).upperBound
      return (first + originalStart)..<(end + originalStart)
    }
    let start = Int(spans[range.lowerBound].start)
    return start..<max(start, Int(spans[range.upperBound - 1].end))
  }

  /// A part of the text as a text of its own, with offsets into the same original.
  public func slice(_ range: Range<Int>) -> NormalizedText {
    NormalizedText(
      Array(bytes[range]),
      originalStart: tracksOriginal ? originalRange(of: range).lowerBound : 0,
      tracksOriginal: tracksOriginal,
      spans: spans.map { Array($0[range]) })
  }

  /// The bytes of the character that a byte belongs to.
  static func character(at offset: Int, in bytes: [UInt8]) -> Range<Int> {
    if bytes[offset] < 0x80 { return offset..<(offset + 1) }
    for start in stride(from: offset, through: max(0, offset - 3), by: -1)
    where bytes[start] & 0xC0 != 0x80 {
      let length = UTF8Scalars.decode(bytes, at: start).length
      if start + length > offset { return start..<(start + length) }
      break
    }
    return offset..<(offset + 1)
  }
}
