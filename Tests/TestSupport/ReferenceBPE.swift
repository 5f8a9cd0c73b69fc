// SPDX-License-Identifier: Apache-2.0

/// Byte-pair encoding as its definition reads, slow and plainly right: the oracle for the fast one.
public struct ReferenceBPE {
  private let ranks: [[UInt8]: Int]

  /// An encoder whose rules are named by their ranks: `pairs[0]` merges first.
  public init(_ pairs: [(left: [UInt8], right: [UInt8])]) {
    var ranks: [[UInt8]: Int] = [:]
    for (rank, pair) in pairs.enumerated() { ranks[pair.left + [0xFF] + pair.right] = rank }
    self.ranks = ranks
  }

  /// The tokens of a word, as bytes.
  public func encode(_ word: [UInt8]) -> [[UInt8]] {
    var parts = word.map { [$0] }
    while true {
      let candidates = zip(parts, parts.dropFirst()).enumerated().compactMap { index, pair in
        ranks[pair.0 + [0xFF] + pair.1].map { (rank: $0, index: index) }
      }
      guard let best = candidates.min(by: { ($0.rank, $0.index) < ($1.rank, $1.index) }) else {
        return parts
      }
      parts[best.index] += parts.remove(at: best.index + 1)
    }
  }
}
