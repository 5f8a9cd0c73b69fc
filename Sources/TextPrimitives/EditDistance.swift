// SPDX-License-Identifier: Apache-2.0

/// Finds what a misspelt name was meant to be.
public enum EditDistance {
  /// The candidate nearest to a name, where one is near enough to be worth a suggestion.
  ///
  /// Near enough is one edit for every three scalars, and at least one. Of equal candidates the
  /// first wins.
  ///
  /// ```swift
  /// EditDistance.nearest(to: "tojsn", among: ["trim", "tojson"])  // "tojson"
  /// ```
  public static func nearest(to name: String, among candidates: some Sequence<String>) -> String? {
    let wanted = Array(name.unicodeScalars)
    var best: (candidate: String, distance: Int)?
    let limit = max(1, wanted.count / 3)
    for candidate in candidates {
      let scalars = Array(candidate.unicodeScalars)
      guard abs(scalars.count - wanted.count) <= limit else { continue }
      let distance = between(wanted, scalars)
      if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    return best?.candidate
  }

  /// Insertions, deletions, substitutions and swaps of neighbours that turn one into the other.
  ///
  /// - Complexity: O(`first.count` · `second.count`).
  public static func between(_ first: [Unicode.Scalar], _ second: [Unicode.Scalar]) -> Int {
    var beforeLast = [Int](repeating: 0, count: second.count + 1)
    var last = Array(0...second.count)
    for row in first.indices {
      var current = [row + 1]
      current.reserveCapacity(second.count + 1)
      for column in second.indices {
        let substituted = last[column] + (first[row] == second[column] ? 0 : 1)
        var cost = min(substituted, last[column + 1] + 1, current[column] + 1)
        if row > 0, column > 0, first[row] == second[column - 1],
          first[row - 1] == second[column]
        {
          cost = min(cost, beforeLast[column - 1] + 1)
        }
        current.append(cost)
      }
      beforeLast = last
      last = current
    }
    return last[second.count]
  }
}
