// SPDX-License-Identifier: Apache-2.0

/// One value for each token, kept as runs of equal values: nearly always there are few.
///
/// ```swift
/// encoding.typeIDs == [0, 0, 0, 1, 1]      // two runs
/// ```
public struct TokenColumn<Value: Hashable & Sendable>: RandomAccessCollection, Sendable {
  /// The value of each run, which is not that of the run before, and where the run ends.
  private var runs: [(value: Value, end: Int)] = []

  /// A column of no token.
  public init() {}

  /// The same value for some tokens.
  init(repeating value: Value, count: Int) {
    append(value, count: count)
  }

  /// The first token.
  public var startIndex: Int { 0 }
  /// How many tokens there are.
  public var endIndex: Int { runs.last?.end ?? 0 }

  /// The value of a token.
  ///
  /// - Complexity: O(log runs).
  public subscript(index: Int) -> Value {
    precondition(index >= 0 && index < endIndex)
    return runs[run(of: index)].value
  }

  private func run(of index: Int) -> Int {
    var (low, high) = (0, runs.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if runs[middle].end <= index { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private mutating func append(_ value: Value, count: Int) {
    guard count > 0 else { return }
    let end = endIndex + count
    if let last = runs.last, last.value == value {
      runs[runs.count - 1].end = end
    } else {
      runs.append((value, end))
    }
  }

  static func += (column: inout TokenColumn, other: TokenColumn) {
    var start = 0
    for run in other.runs {
      column.append(run.value, count: run.end - start)
      start = run.end
    }
  }

  /// The values of some of the tokens.
  func part(_ range: Range<Int>) -> TokenColumn {
    var part = TokenColumn()
    guard !range.isEmpty else { return part }
    var start = range.lowerBound
    for run in runs[run(of: start)...] where start < range.upperBound {
      let end = Swift.min(run.end, range.upperBound)
      part.append(run.value, count: end - start)
      start = end
    }
    return part
  }
}

extension TokenColumn: Hashable {
  /// Whether both have the same values.
  public static func == (first: TokenColumn, second: TokenColumn) -> Bool {
    first.runs.elementsEqual(second.runs) { $0.value == $1.value && $0.end == $1.end }
  }

  /// Hashes the values.
  public func hash(into hasher: inout Hasher) {
    for run in runs {
      hasher.combine(run.value)
      hasher.combine(run.end)
    }
  }
}

extension TokenColumn: ExpressibleByArrayLiteral, CustomStringConvertible {
  /// A column of these values.
  public init(arrayLiteral values: Value...) {
    for value in values { append(value, count: 1) }
  }

  /// The values as an array writes them.
  public var description: String { Array(self).description }
}
