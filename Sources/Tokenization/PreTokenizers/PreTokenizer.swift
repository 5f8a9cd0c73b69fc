// SPDX-License-Identifier: Apache-2.0

import TextNormalization

/// Cuts a text into the pieces that the model encodes one by one.
///
/// Cases and their meaning are those of Hugging Face's `pre_tokenizers`.
public indirect enum PreTokenizer: Sendable {
  /// Whether Metaspace puts its mark before a piece.
  public enum PrependScheme: String, Hashable, Sendable {
    /// Only at the start of the text.
    case first
    /// Nowhere.
    case never
    /// Before every piece that does not start with it.
    case always
  }

  /// Hands the model bytes; the pattern, where there is one, cuts first.
  case byteLevel(pattern: SplitPattern?, addsPrefixSpace: Bool)
  /// Makes spaces visible and cuts before them.
  case metaspace(replacement: Unicode.Scalar, prepend: PrependScheme, splits: Bool)
  case split(SplitPattern, SplitBehavior, isInverted: Bool)
  case digits(individually: Bool)
  case punctuation(SplitBehavior)
  /// Words and runs of punctuation, without white space.
  case whitespace
  case whitespaceSplit
  case delimiter(Unicode.Scalar)
  case unicodeScripts
  case bert
  /// Pieces of so many scalars.
  case fixedLength(Int)
  case sequence([PreTokenizer])
}

/// A text and the pieces that it has been cut into.
struct PreTokenizedText {
  var text: AlignedText
  var pieces: [Range<Int>]

  init(_ text: AlignedText) {
    self.text = text
    pieces = text.bytes.isEmpty ? [] : [0..<text.bytes.count]
  }

  /// Cuts every piece by a function that appends its parts.
  mutating func cut(_ body: (Span<UInt8>, Range<Int>, inout [Range<Int>]) -> Void) {
    var result: [Range<Int>] = []
    result.reserveCapacity(pieces.count)
    let text = text
    for piece in pieces { body(text.bytes.span, piece, &result) }
    pieces = result
  }

  /// Cuts every piece at the scalars of a set.
  mutating func cut(at set: ScalarBits, _ behavior: SplitBehavior) {
    cut { bytes, piece, result in
      var matches = MatchList(piece)
      var place = piece.lowerBound
      while place < piece.upperBound {
        let (scalar, length) = Self.scalar(in: bytes, at: place)
        if set.contains(scalar) { matches.add(place..<place + length) }
        place += length
      }
      matches.pieces(behavior, isInverted: false, into: &result)
    }
  }

  static func scalar(in bytes: Span<UInt8>, at place: Int) -> (scalar: UInt32, length: Int) {
    bytes[place] < 0x80 ? (UInt32(bytes[place]), 1) : UTF8Scalars.decode(bytes, at: place)
  }
}
