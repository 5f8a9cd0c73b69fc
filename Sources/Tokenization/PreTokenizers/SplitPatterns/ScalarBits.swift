// SPDX-License-Identifier: Apache-2.0

import TextNormalization

/// A set of Unicode scalars with membership in constant time: one bit per scalar.
struct ScalarBits: Sendable {
  /// Words of 64 scalars, up to the last word that has a bit.
  private let words: [UInt64]

  init(_ set: ScalarSet) {
    let last = set.ranges.last?.upperBound ?? 0
    var words = [UInt64](repeating: 0, count: Int(last >> 6) + 1)
    for range in set.ranges {
      var scalar = range.lowerBound
      while scalar <= range.upperBound {
        let wordEnd = scalar | 63
        let end = min(wordEnd, range.upperBound)
        let low = UInt64.max << UInt64(scalar & 63)
        let high = UInt64.max >> UInt64(63 - end & 63)
        words[Int(scalar >> 6)] |= low & high
        scalar = end + 1
      }
    }
    self.words = words
  }

  @inline(__always)
  func contains(_ scalar: UInt32) -> Bool {
    let word = Int(scalar >> 6)
    return word < words.count && words[word] >> UInt64(scalar & 63) & 1 == 1
  }
}
