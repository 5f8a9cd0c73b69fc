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
  ) throws(TokenSplits.Problem) -> [Merge] {
    let scores = Set(pieces.map(\.score)).sorted(by: >)
    var ranks: [Float: UInt32] = [:]
    for (rank, score) in scores.enumerated() { ranks[score] = UInt32(rank) }
    var splits = TokenSplits(vocabulary, lengths: pieces.map(\.text.count))
    for piece in pieces {
      try splits.add(
        piece.text.span, id: piece.id, rank: ranks[piece.score] ?? 0, number: Int(piece.id),
        canSplit: { $0 & 0xC0 != 0x80 }, canMerge: canMerge)
    }
    return splits.merges
  }
}
