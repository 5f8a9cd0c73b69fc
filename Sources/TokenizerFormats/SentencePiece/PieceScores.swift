// SPDX-License-Identifier: Apache-2.0

import Tokenization

/// Turns pieces with scores, as SentencePiece and GGUF keep them, into merges.
enum PieceScores {
  /// Every way to put a piece together from two others, the highest score first.
  ///
  /// SentencePiece joins whatever neighbours give a piece, the best score first and of equal scores
  /// the leftmost; so equal scores have equal ranks. Complexity: O(total bytes) look-ups.
  static func merges(_ pieces: PieceList, in vocabulary: Vocabulary)
    throws(TokenSplits.Problem) -> RuleList
  {
    let (scores, types) = (pieces.scores, pieces.types)
    let order = pieces.indices.filter { types[$0].merges }
      .sorted { (scores[$0], $1) > (scores[$1], $0) }
    var splits = TokenSplits(vocabulary, lengths: pieces.lazy.map(\.text.count))
    var rank: UInt32 = 0
    for (place, id) in order.enumerated() {
      if place > 0, scores[id] != scores[order[place - 1]] { rank += 1 }
      try splits.add(
        pieces[id].text.span, id: TokenID(id), rank: rank, number: id,
        canSplit: { $0 & 0xC0 != 0x80 }, canMerge: { types[Int($0)].merges })
    }
    return splits.rules()
  }
}

extension SentencePieceModel.PieceType {
  /// Whether pieces of the type are made of others, and part of others.
  fileprivate var merges: Bool { self == .normal || self == .unused }
}
