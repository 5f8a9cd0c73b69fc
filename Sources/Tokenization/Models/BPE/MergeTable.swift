// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A rule of byte-pair encoding: two neighbours become one token.
public struct Merge: Hashable, Sendable, BitwiseCopyable {
  /// The token on the left.
  public var left: TokenID
  /// The token on the right.
  public var right: TokenID
  /// What both become.
  public var merged: TokenID
  /// Lower is applied first; of equal ranks the leftmost place is.
  public var rank: UInt32

  /// A rule.
  public init(left: TokenID, right: TokenID, merged: TokenID, rank: UInt32) {
    self.left = left
    self.right = right
    self.merged = merged
    self.rank = rank
  }
}

/// Rules of any kind: a hash table with open addressing.
struct MergeTable: Sendable {
  struct Slot: BitwiseCopyable {
    var key: UInt64
    var rank: UInt32
    var merged: TokenID
    static let free = Slot(key: .max, rank: .max, merged: 0)
  }

  let slots: ConstantTable<Slot>
  private let shift: UInt64

  /// Of two rules for one pair the later counts, as in the reference implementation.
  init(_ merges: RuleList) {
    // A file may name few pairs many times, so the table grows with the pairs.
    var slots = MutableTable(repeating: Slot.free, count: 1 << 10)
    var count = 0
    for index in 0..<merges.count {
      let merge = merges.view[index]
      let key = Self.key(merge.left, merge.right)
      var place = Self.place(of: key, in: slots)
      if slots[place].key != key {
        count += 1
        if count * 3 > slots.count * 2 {
          slots = Self.doubled(slots)
          place = Self.place(of: key, in: slots)
        }
      }
      slots[place] = Slot(key: key, rank: merge.rank, merged: merge.merged)
    }
    self.init(slots: slots.finish())
  }

  /// Where a pair stands, or would.
  private static func place(of key: UInt64, in slots: borrowing MutableTable<Slot>) -> Int {
    let shift = UInt64(64 - slots.count.trailingZeroBitCount)
    var place = Int(truncatingIfNeeded: hash(key) >> shift)
    while slots[place].key != key, slots[place].key != Slot.free.key {
      place = (place + 1) & (slots.count - 1)
    }
    return place
  }

  private static func doubled(_ slots: borrowing MutableTable<Slot>) -> MutableTable<Slot> {
    var doubled = MutableTable(repeating: Slot.free, count: 2 * slots.count)
    for index in 0..<slots.count where slots[index].key != Slot.free.key {
      doubled[place(of: slots[index].key, in: doubled)] = slots[index]
    }
    return doubled
  }

  /// A table of slots, whose number is a power of two.
  init(slots: ConstantTable<Slot>) {
    self.slots = slots
    shift = UInt64(64 - slots.count.trailingZeroBitCount)
  }

  var view: View {
    View(slots: slots.view, mask: slots.count - 1, shift: shift)
  }

  /// The table for the length of a call.
  struct View {
    fileprivate let slots: ConstantTable<Slot>.View
    fileprivate let mask: Int
    fileprivate let shift: UInt64

    /// The rule for two neighbours; its rank is `UInt32.max` where there is none.
    @inline(__always)
    func rule(_ left: TokenID, _ right: TokenID) -> (rank: UInt32, merged: TokenID) {
      let key = MergeTable.key(left, right)
      var place = Int(truncatingIfNeeded: MergeTable.hash(key) &>> shift)
      while true {
        let slot = slots[place]
        if slot.key == key { return (slot.rank, slot.merged) }
        if slot.key == Slot.free.key { return (.max, 0) }
        place = (place &+ 1) & mask
      }
    }
  }

  @inline(__always)
  private static func key(_ left: TokenID, _ right: TokenID) -> UInt64 {
    UInt64(left) << 32 | UInt64(right)
  }

  @inline(__always)
  private static func hash(_ key: UInt64) -> UInt64 {
    (key ^ key >> 29) &* 0x9E37_79B9_7F4A_7C15
  }
}

/// A table of rules that is made when it is first asked for, since few words need it.
final class LateMergeTable: Sendable {
  private let rules: RuleList
  private let made = Mutex<MergeTable?>(nil)

  init(_ rules: RuleList) {
    self.rules = rules
  }

  /// The table.
  var table: MergeTable {
    made.withLock { made in
      if let made { return made }
      let table = MergeTable(rules)
      made = table
      return table
    }
  }
}
