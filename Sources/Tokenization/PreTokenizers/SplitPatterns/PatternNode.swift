// SPDX-License-Identifier: Apache-2.0

import TextNormalization

/// A pattern as a tree, in which every class is the set of its scalars.
indirect enum PatternNode: Sendable, Hashable {
  case empty
  case set(ScalarSet)
  case sequence([PatternNode])
  case alternatives([PatternNode])
  case repetition(PatternNode, minimum: Int, maximum: Int?, Greed)
  case atomic(PatternNode)
  case look(PatternNode, isAhead: Bool, isNegative: Bool)
  case textStart
  case textEnd
  /// After a line feed, and at the start of the text; not at the end of a text that ends with one
  /// where `isOniguruma` is true.
  case lineStart(isOniguruma: Bool)
  /// Before a line feed, and at the end of the text.
  case lineEnd

  enum Greed: Sendable, Hashable { case greedy, lazy, possessive }
}

extension PatternNode {
  /// A boundary between what is a word and what is not, or its opposite.
  static func wordBoundary(_ word: ScalarSet, isNegated: Bool) -> PatternNode {
    func look(isAhead: Bool, isNegative: Bool) -> PatternNode {
      .look(.set(word), isAhead: isAhead, isNegative: isNegative)
    }
    return .alternatives(
      [false, true].map { isAfterOther in
        .sequence([
          look(isAhead: false, isNegative: isAfterOther),
          look(isAhead: true, isNegative: isAfterOther == isNegated),
        ])
      })
  }
}
