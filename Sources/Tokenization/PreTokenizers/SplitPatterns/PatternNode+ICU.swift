// SPDX-License-Identifier: Apache-2.0

import TextNormalization

extension PatternNode {
  /// The same pattern in ICU's syntax, with every class written out, so that no result depends on
  /// ICU's version of Unicode.
  var icuPattern: String {
    switch self {
    case .empty: ""
    case .set(let set): set.icuPattern
    case .sequence(let items): items.map(\.icuPattern).joined()
    case .alternatives(let branches):
      "(?:" + branches.map(\.icuPattern).joined(separator: "|") + ")"
    case .repetition(let item, let minimum, let maximum, let greed):
      "(?:" + item.icuPattern + "){\(minimum),\(maximum.map { "\($0)" } ?? "")}"
        + (greed == .lazy ? "?" : greed == .possessive ? "+" : "")
    case .atomic(let item): "(?>" + item.icuPattern + ")"
    case .look(let item, let isAhead, let isNegative):
      "(?" + (isAhead ? "" : "<") + (isNegative ? "!" : "=") + item.icuPattern + ")"
    case .textStart: #"\A"#
    case .textEnd: #"\z"#
    case .lineStart(let isOniguruma):
      #"(?:\A|(?<=\n)"# + (isOniguruma ? #"(?!\z))"# : ")")
    case .lineEnd: #"(?:(?=\n)|\z)"#
    }
  }
}

extension ScalarSet {
  fileprivate var icuPattern: String {
    // Surrogates are in no text, and ICU would read a pair of them as one scalar.
    let scalars = subtracting(ScalarSet([0xD800...0xDFFF]))
    guard !scalars.isEmpty else { return "(?!)" }
    let ranges = scalars.ranges.map { range in
      [range.lowerBound, range.upperBound].map { #"\x{\#(String($0, radix: 16))}"# }
        .joined(separator: "-")
    }
    return "[" + ranges.joined() + "]"
  }
}
