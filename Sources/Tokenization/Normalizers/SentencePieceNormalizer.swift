// SPDX-License-Identifier: Apache-2.0

public import TextNormalization

/// SentencePiece's own normalizer: replacements by the longest match, then the rules for spaces.
///
/// As `Normalizer::Normalize` does (google/sentencepiece, src/normalizer.cc).
public struct SentencePieceNormalizer: Sendable {
  /// What is replaced first; nil replaces nothing.
  public let charsmap: PrecompiledCharsmap?
  /// Whether a space is put before the text.
  public let addsDummyPrefix: Bool
  /// Whether spaces at the ends vanish and runs of them become one.
  public let removesExtraSpaces: Bool
  /// Whether spaces become `▁`.
  public let escapesSpaces: Bool

  /// A normalizer with the fields of a `NormalizerSpec`.
  public init(
    charsmap: PrecompiledCharsmap?, addsDummyPrefix: Bool, removesExtraSpaces: Bool,
    escapesSpaces: Bool
  ) {
    self.charsmap = charsmap
    self.addsDummyPrefix = addsDummyPrefix
    self.removesExtraSpaces = removesExtraSpaces
    self.escapesSpaces = escapesSpaces
  }

  /// Whether all that happens is that spaces become marks and one may be put before the text.
  var onlyReplacesSpaces: Bool { charsmap == nil && !removesExtraSpaces && escapesSpaces }

  func apply(to text: AlignedText) -> AlignedText {
    let bytes = text.bytes
    guard !bytes.isEmpty else { return text }
    let space: [UInt8] = escapesSpaces ? Metaspace.utf8 : [0x20]
    return text.rewritten([0..<bytes.count]) { _, rewriter in
      var place = 0
      var isAfterSpace = removesExtraSpaces
      var isStarted = false
      /// Spaces that are written only if something follows them.
      var pendingSpace: Int?
      while place < bytes.count {
        let (scalars, length) = next(bytes, place)
        for byte in scalars {
          if byte == 0x20, removesExtraSpaces {
            if !isAfterSpace { pendingSpace = place }
            isAfterSpace = true
            continue
          }
          if !isStarted {
            isStarted = true
            if addsDummyPrefix { rewriter.write(space, for: place) }
          }
          if let open = pendingSpace {
            rewriter.write(space, for: open)
            pendingSpace = nil
          }
          isAfterSpace = false
          rewriter.write(byte == 0x20 ? space : [byte], for: place)
        }
        place += length
      }
    }.text
  }

  /// What the text at `place` becomes, and how many bytes it is.
  private func next(_ bytes: [UInt8], _ place: Int) -> (text: [UInt8], length: Int) {
    if let found = charsmap?.longestMatch(in: bytes, at: place) { return found }
    let length = PreTokenizedText.scalar(in: bytes.span, at: place).length
    return (Array(bytes[place..<place + length]), length)
  }
}
