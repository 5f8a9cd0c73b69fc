// SPDX-License-Identifier: Apache-2.0

extension SplitPattern {
  /// Whether the source means the same under another dialect's rules.
  ///
  /// ```swift
  /// try SplitPattern(#"\s+$"#, dialect: .fancyRegex).meansTheSame(in: .oniguruma)   // false
  /// ```
  public func meansTheSame(in other: Dialect) -> Bool {
    guard other != dialect else { return true }
    var (here, there) = (
      PatternParser(source, dialect: dialect), PatternParser(source, dialect: other)
    )
    guard let meaning = try? here.parse(), let otherMeaning = try? there.parse() else {
      return false
    }
    return meaning == otherMeaning
  }

  /// A pattern that matches a text and nothing else, in every dialect.
  package static func escaped(_ text: String) -> String {
    var output = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if scalar.isASCII, !scalar.properties.isAlphabetic, !("0"..."9").contains(scalar),
        scalar.value > 0x20
      {
        output.append("\\")
      }
      output.append(scalar)
    }
    return String(output)
  }
}
