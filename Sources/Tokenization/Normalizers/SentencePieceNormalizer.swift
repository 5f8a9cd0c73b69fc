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
  /// User-defined pieces, which are taken as they stand in the text instead of being replaced.
  public let keptPieces: [[UInt8]]
  private let keptMatcher: LiteralMatcher

  /// A normalizer with the fields of a `NormalizerSpec`, and the user-defined pieces of the model.
  public init(
    charsmap: PrecompiledCharsmap?, addsDummyPrefix: Bool, removesExtraSpaces: Bool,
    escapesSpaces: Bool, keptPieces: [[UInt8]] = []
  ) {
    self.charsmap = charsmap
    self.addsDummyPrefix = addsDummyPrefix
    self.removesExtraSpaces = removesExtraSpaces
    self.escapesSpaces = escapesSpaces
    self.keptPieces = keptPieces
    keptMatcher = LiteralMatcher(keptPieces)
  }

  /// Whether all that happens is that spaces become marks and one may be put before the text.
  var onlyReplacesSpaces: Bool { charsmap == nil && !removesExtraSpaces && escapesSpaces }

  /// What a space becomes.
  private var space: [UInt8] { escapesSpaces ? Metaspace.utf8 : [0x20] }

  func apply(to text: AlignedText) -> AlignedText {
    let bytes = text.bytes
    guard !bytes.isEmpty else { return text }
    return text.rewritten([0..<bytes.count]) { _, rewriter in
      var place = removesExtraSpaces ? spacesEnd(bytes) : 0
      guard place < bytes.count else { return }
      if addsDummyPrefix { rewriter.write(space, for: place) }
      var isAfterSpace = removesExtraSpaces
      while place < bytes.count {
        let (found, length) = next(bytes, place)
        let unit = isAfterSpace ? found.drop { $0 == 0x20 } : found[...]
        for byte in unit { rewriter.write(byte == 0x20 ? space : [byte], for: place) }
        if removesExtraSpaces, let last = unit.last { isAfterSpace = last == 0x20 }
        place += length
      }
      // Marks that stood in the text count as spaces here, and so does the one put before it.
      if removesExtraSpaces { rewriter.trim(trailing: space) }
    }.text
  }

  /// Where the spaces at the start of the text end.
  private func spacesEnd(_ bytes: [UInt8]) -> Int {
    var place = 0
    while place < bytes.count {
      let (unit, length) = next(bytes, place)
      guard unit == [0x20] else { break }
      place += length
    }
    return place
  }

  /// What the text at `place` becomes, and how many bytes it is.
  private func next(_ bytes: [UInt8], _ place: Int) -> (text: [UInt8], length: Int) {
    if let kept = keptMatcher.longest(in: bytes.span, at: place)?.range {
      return (Array(bytes[kept]), kept.count)
    }
    if let found = charsmap?.longestMatch(in: bytes, at: place) { return found }
    let length = PreTokenizedText.scalar(in: bytes.span, at: place).length
    return (Array(bytes[place..<place + length]), length)
  }
}
