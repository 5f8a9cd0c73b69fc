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

extension ScalarSet {
  /// With the other case of every letter, by simple case folding of single scalars.
  var caseInsensitive: ScalarSet {
    var variants: [UInt32] = []
    for range in ranges {
      for value in range {
        guard let scalar = Unicode.Scalar(value) else { continue }
        variants += Self.caseVariants(of: scalar)
      }
    }
    return union(ScalarSet(scalars: variants))
  }

  private static func caseVariants(of scalar: Unicode.Scalar) -> [UInt32] {
    // The long s and the Kelvin sign fold to ASCII letters, and so the letters match them.
    switch scalar {
    case "s", "S", "\u{17F}": return [0x53, 0x73, 0x17F]
    case "k", "K", "\u{212A}": return [0x4B, 0x6B, 0x212A]
    default: break
    }
    guard scalar.properties.isCased else { return [] }
    let mappings = [scalar.properties.lowercaseMapping, scalar.properties.uppercaseMapping]
    return mappings.compactMap { mapping in
      let scalars = mapping.unicodeScalars
      return scalars.count == 1 ? scalars.first?.value : nil
    }
  }

  /// The bytes that can start the UTF-8 of a member.
  var firstBytes: [Bool] {
    var result = [Bool](repeating: false, count: 256)
    for range in ranges {
      for lead in Self.lead(range.lowerBound)...Self.lead(range.upperBound) { result[lead] = true }
    }
    return result
  }

  private static func lead(_ scalar: UInt32) -> Int {
    switch scalar {
    case 0..<0x80: Int(scalar)
    case 0x80..<0x800: Int(0xC0 | scalar >> 6)
    case 0x800..<0x10000: Int(0xE0 | scalar >> 12)
    default: Int(0xF0 | scalar >> 18)
    }
  }
}
