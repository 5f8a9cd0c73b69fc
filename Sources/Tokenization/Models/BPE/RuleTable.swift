// SPDX-License-Identifier: Apache-2.0

/// The rules of a ``MergeGraph``: a hash table, and before it a filter that is small enough to stay near
/// the processor and knows of most pairs that they have no rule.
struct RuleTable: Sendable {
  /// Rules in open addressing: left, right and merged, 21 bits each; 0 is free.
  let slots: ConstantTable<UInt64>
  /// A bit for each of eight hashes a slot: whether a rule has it.
  let filter: ConstantTable<UInt64>

  /// A table whose filter has ``filterCount(_:)`` elements.
  init(slots: ConstantTable<UInt64>, filter: ConstantTable<UInt64>) {
    self.slots = slots
    self.filter = filter
  }

  static func filterCount(_ slotCount: Int) -> Int { max(slotCount / 8, 1) }

  var view: View {
    View(
      slots: slots.view, filter: filter.view, mask: slots.count - 1,
      shift: UInt64(64 - slots.count.trailingZeroBitCount))
  }

  /// The table for the length of a call.
  struct View {
    fileprivate let slots: ConstantTable<UInt64>.View
    fileprivate let filter: ConstantTable<UInt64>.View
    fileprivate let mask: Int
    fileprivate let shift: UInt64

    /// Asks for what looking up two neighbours reads, without waiting.
    @inline(__always)
    func prefetch(_ left: UInt32, _ right: UInt32) {
      let hash = RuleTable.hash(UInt64(left) &<< 21 | UInt64(right))
      filter.prefetch(Int(truncatingIfNeeded: hash &>> (shift &+ 3)))
      slots.prefetch(Int(truncatingIfNeeded: hash &>> shift))
    }

    /// The order of the token that two neighbours become, or ``MergeGraph/none``.
    @inline(__always)
    func merged(_ left: UInt32, _ right: UInt32) -> UInt32 {
      let key = UInt64(left) &<< 21 | UInt64(right)
      let hash = RuleTable.hash(key)
      guard mayHave(hash) else { return MergeGraph.none }
      var place = Int(truncatingIfNeeded: hash &>> shift)
      while true {
        let rule = slots[place]
        if rule == 0 { return MergeGraph.none }
        if rule &>> 21 == key { return UInt32(truncatingIfNeeded: rule) & 0x1F_FFFF }
        place = (place &+ 1) & mask
      }
    }

    @inline(__always)
    private func mayHave(_ hash: UInt64) -> Bool {
      let bit = hash &>> (shift &- 3)
      return filter[Int(truncatingIfNeeded: bit &>> 6)] &>> (bit & 63) & 1 != 0
    }
  }

  @inline(__always)
  private static func hash(_ key: UInt64) -> UInt64 {
    (key ^ key &>> 17) &* 0x9E37_79B9_7F4A_7C15
  }
}

extension RuleTable {
  /// A table while its rules are found.
  struct Builder: ~Copyable {
    private var slots: MutableTable<UInt64>
    private var filter: MutableTable<UInt64>
    /// The rules so far, for the life of the builder.
    let view: View

    /// Starts with room for so many rules.
    init(rules count: Int) {
      var bits = 6
      while 1 << bits < count * 2 { bits += 1 }
      slots = MutableTable(zeros: 1 << bits)
      filter = MutableTable(zeros: RuleTable.filterCount(1 << bits))
      // Neither table grows.
      view = View(
        slots: slots.view, filter: filter.view, mask: 1 << bits - 1, shift: UInt64(64 - bits))
    }

    /// Adds a rule; no other may have its parts.
    mutating func add(_ left: UInt32, _ right: UInt32, _ merged: UInt32) {
      let key = UInt64(left) << 21 | UInt64(right)
      let hash = RuleTable.hash(key)
      var place = Int(truncatingIfNeeded: hash >> view.shift)
      while slots[place] != 0 { place = (place + 1) & view.mask }
      slots[place] = key << 21 | UInt64(merged)
      let bit = hash >> (view.shift - 3)
      filter[Int(bit >> 6)] |= 1 << (bit & 63)
    }

    /// The table, which is not written from now on.
    consuming func finish() -> RuleTable {
      RuleTable(slots: slots.finish(), filter: filter.finish())
    }
  }
}
