// SPDX-License-Identifier: Apache-2.0

/// Lowercase, scalar by scalar, as Rust's `char::to_lowercase` has it.
public enum ScalarCase {
  /// U+0130, the one scalar whose lowercase has two: `i` and U+0307.
  public static let dottedCapitalI: UInt32 = 0x130

  /// The lowercase of a scalar, or the scalar itself; for ``dottedCapitalI`` the first of the two.
  public static func lowercase(_ scalar: UInt32) -> UInt32 {
    if scalar < 0x80 { return scalar &- 65 < 26 ? scalar + 32 : scalar }
    if scalar == dottedCapitalI { return 0x69 }
    let table = ScalarTables.lowercase
    var low = 0
    var high = table.count / 4
    while low < high {
      let middle = (low + high) / 2
      if table[middle * 4 + 1] < Int32(scalar) { low = middle + 1 } else { high = middle }
    }
    guard low * 4 < table.count else { return scalar }
    let distance = Int32(scalar) - table[low * 4]
    guard distance >= 0, distance % table[low * 4 + 2] == 0 else { return scalar }
    return UInt32(Int32(scalar) + table[low * 4 + 3])
  }

  /// Every scalar that has another lowercase, ascending, but for ``dottedCapitalI``.
  public static var lowercasePairs: [(scalar: UInt32, lowercase: UInt32)] {
    let table = ScalarTables.lowercase
    var result: [(scalar: UInt32, lowercase: UInt32)] = []
    result.reserveCapacity(1500)
    for run in stride(from: 0, to: table.count, by: 4) {
      for scalar in stride(from: table[run], through: table[run + 1], by: Int(table[run + 2])) {
        result.append((UInt32(scalar), UInt32(scalar + table[run + 3])))
      }
    }
    return result
  }
}
