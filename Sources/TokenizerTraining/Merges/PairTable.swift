// SPDX-License-Identifier: Apache-2.0

/// Two neighbouring tokens; ordered by the left id, then the right.
struct TokenPair: Hashable, Comparable {
  let key: UInt64

  init(_ left: UInt32, _ right: UInt32) {
    key = UInt64(left) << 32 | UInt64(right)
  }

  var left: UInt32 { UInt32(truncatingIfNeeded: key >> 32) }
  var right: UInt32 { UInt32(truncatingIfNeeded: key) }

  static func < (left: TokenPair, right: TokenPair) -> Bool { left.key < right.key }
}

/// Numbers the pairs in the order of their appearance and counts them.
struct PairTable {
  private(set) var pairs: [TokenPair] = []
  /// How often each pair occurs; bookkeeping may take a count below zero, as the reference's does.
  var counts: [Int] = []
  // Places in `pairs`, one up; 0 is free. The number of slots is a power of two.
  private var slots = [UInt32](repeating: 0, count: 1 << 12)

  /// The place of a pair, which is made if it is new.
  @inline(__always)
  mutating func place(of pair: TokenPair) -> Int {
    let mask = slots.count - 1
    var slot = Self.hash(pair) & mask
    while slots[slot] != 0 {
      let place = Int(slots[slot]) - 1
      if pairs[place] == pair { return place }
      slot = (slot + 1) & mask
    }
    pairs.append(pair)
    counts.append(0)
    slots[slot] = UInt32(pairs.count)
    if pairs.count * 2 > slots.count { grow() }
    return pairs.count - 1
  }

  private mutating func grow() {
    slots = [UInt32](repeating: 0, count: slots.count * 2)
    let mask = slots.count - 1
    for (place, pair) in pairs.enumerated() {
      var slot = Self.hash(pair) & mask
      while slots[slot] != 0 { slot = (slot + 1) & mask }
      slots[slot] = UInt32(place + 1)
    }
  }

  @inline(__always)
  private static func hash(_ pair: TokenPair) -> Int {
    let product = pair.key.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
    return Int(truncatingIfNeeded: product.high ^ product.low)
  }
}
