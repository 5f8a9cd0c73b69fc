// SPDX-License-Identifier: Apache-2.0

import Tokenization

/// Turns pieces with scores, as SentencePiece and GGUF keep them, into merges.
enum PieceScores {
  /// Every way to put a piece together from two others, the highest score first.
  ///
  /// SentencePiece joins whatever neighbours give a piece, the best score first and of equal scores
  /// the leftmost; so equal scores have equal ranks. Complexity: O(total bytes) look-ups.
  static func merges(
    _ pieces: [(id: TokenID, text: [UInt8], score: Float)], in vocabulary: Vocabulary,
    canMerge: (TokenID) -> Bool
  ) -> [Merge] {
    let scores = Set(pieces.map(\.score)).sorted(by: >)
    var ranks: [Float: UInt32] = [:]
    for (rank, score) in scores.enumerated() { ranks[score] = UInt32(rank) }
    var merges: [Merge] = []
    for piece in pieces where piece.text.count > 1 {
      let text = piece.text.span
      for middle in 1..<text.count where text[middle] & 0xC0 != 0x80 {
        guard let left = vocabulary.identifier(of: text.extracting(0..<middle)), canMerge(left),
          let right = vocabulary.identifier(of: text.extracting(middle..<text.count)),
          canMerge(right)
        else { continue }
        merges.append(
          Merge(left: left, right: right, merged: piece.id, rank: ranks[piece.score] ?? 0))
      }
    }
    return merges
  }
}
