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
}
