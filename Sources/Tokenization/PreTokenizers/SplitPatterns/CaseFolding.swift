// SPDX-License-Identifier: Apache-2.0

import TextNormalization

extension ScalarSet {
  /// With every scalar that simple case folding makes equal to a member.
  ///
  /// Foldings of one scalar to several (ß and ss) are left out, as Rust's regex does.
  var caseInsensitive: ScalarSet {
    var folded: [UInt32] = []
    for pair in CaseFolding.pairs where contains(pair.scalar) || contains(pair.folded) {
      folded.append(pair.folded)
    }
    if folded.isEmpty { return self }
    let targets = ScalarSet(scalars: folded)
    var members: [UInt32] = []
    for pair in CaseFolding.pairs where targets.contains(pair.folded) {
      members.append(pair.scalar)
    }
    return union(targets).union(ScalarSet(scalars: members))
  }
}

/// Simple case folding (Unicode's CaseFolding.txt, status C and S).
private enum CaseFolding {
  /// The scalars that fold to another one: mostly to their lowercase.
  static let pairs: [(scalar: UInt32, folded: UInt32)] = {
    var result: [(scalar: UInt32, folded: UInt32)] = []
    for (scalar, lowercase) in ScalarCase.lowercasePairs {
      // Cherokee folds to its capitals.
      if 0x13A0...0x13F5 ~= scalar || special[scalar] != nil { continue }
      result.append((scalar, lowercase))
    }
    return result + special.map { ($0.key, $0.value) }
  }()

  /// Where folding is not lowercase.
  private static let special: [UInt32: UInt32] = {
    var result: [UInt32: UInt32] = [
      0xB5: 0x3BC, 0x17F: 0x73, 0x345: 0x3B9, 0x3C2: 0x3C3, 0x3D0: 0x3B2, 0x3D1: 0x3B8,
      0x3D5: 0x3C6, 0x3D6: 0x3C0, 0x3F0: 0x3BA, 0x3F1: 0x3C1, 0x3F5: 0x3B5, 0x1E9B: 0x1E61,
      0x1FBE: 0x3B9, 0x1FD3: 0x390, 0x1FE3: 0x3B0, 0xFB05: 0xFB06, 0x1C80: 0x432, 0x1C81: 0x434,
      0x1C82: 0x43E, 0x1C83: 0x441, 0x1C84: 0x442, 0x1C85: 0x442, 0x1C86: 0x44A, 0x1C87: 0x463,
      0x1C88: 0xA64B,
    ]
    for offset in UInt32(0)..<80 { result[0xAB70 + offset] = 0x13A0 + offset }
    for offset in UInt32(0)..<6 { result[0x13F8 + offset] = 0x13F0 + offset }
    return result
  }()
}
