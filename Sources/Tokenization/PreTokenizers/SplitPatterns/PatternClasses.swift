// SPDX-License-Identifier: Apache-2.0

import TextNormalization

/// The named classes of patterns, with the members that the reference engines give them.
enum PatternClasses {
  static let whitespace = ScalarClass.whiteSpace.set
  static let decimalDigit = ScalarClass.category(.decimalNumber).set
  static let hexadecimalDigit = ScalarSet([0x30...0x39, 0x41...0x46, 0x61...0x66])

  /// `\w`, which for Oniguruma holds ², ³, ¹, ¼, ½ and ¾ outside of brackets only.
  static func word(_ dialect: SplitPattern.Dialect, isBracketed: Bool = false) -> ScalarSet {
    switch dialect {
    case .fancyRegex: rustWord
    case .oniguruma: isBracketed ? onigurumaBracketedWord : onigurumaWord
    }
  }

  /// What `\p{…}` names; Rust also takes a property before `=`.
  static func property(named name: String, _ dialect: SplitPattern.Dialect) -> ScalarSet? {
    let parts = name.split(separator: "=", maxSplits: 1)
    if dialect == .fancyRegex, parts.count == 2 {
      let keys = ["script", "sc", "generalcategory", "gc"]
      let key = parts[0].lowercased().filter { $0 != "_" }
      return keys.contains(key) ? ScalarClass.property(named: String(parts[1])) : nil
    }
    if name.lowercased() == "any" { return ScalarSet().inverted }
    return ScalarClass.property(named: name)
  }

  private static let onigurumaWord = ScalarClass.onigurumaWord.set
  private static let onigurumaBracketedWord = onigurumaWord.subtracting(
    ScalarSet([0xB2...0xB3, 0xB9...0xB9, 0xBC...0xBE]))
  private static let rustWord = ScalarClass.rustWord.set
}

/// Classes that pre-tokenizers ask scalar by scalar.
enum ScalarTests {
  static let whitespace = ScalarBits(PatternClasses.whitespace)
  static let word = ScalarBits(PatternClasses.word(.fancyRegex))
  static let numeric = ScalarBits(ScalarClass.huggingFaceDigit.set)
  static let punctuation = ScalarBits(ScalarClass.huggingFacePunctuation.set)
}
