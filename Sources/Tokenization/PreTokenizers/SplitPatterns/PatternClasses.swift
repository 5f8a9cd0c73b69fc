// SPDX-License-Identifier: Apache-2.0

import TextNormalization

/// The named classes of patterns, with the members that the reference engines give them.
enum PatternClasses {
  static let whitespace = ScalarClass.whiteSpace.set
  static let decimalDigit = ScalarClass.category(.decimalNumber).set

  static func word(_ dialect: SplitPattern.Dialect) -> ScalarSet {
    dialect == .oniguruma ? ScalarClass.onigurumaWord.set : ScalarClass.rustWord.set
  }
}

/// Classes that pre-tokenizers ask scalar by scalar.
enum ScalarTests {
  static let whitespace = ScalarBits(PatternClasses.whitespace)
  static let word = ScalarBits(PatternClasses.word(.fancyRegex))
  static let numeric = ScalarBits(ScalarClass.huggingFaceDigit.set)
  static let punctuation = ScalarBits(ScalarClass.huggingFacePunctuation.set)
}
