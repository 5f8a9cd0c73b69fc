// SPDX-License-Identifier: Apache-2.0

/// The rules of a ``MergeGraph``: a hash table, and before it a filter that is small enough to stay near
/// the processor and knows of most pairs that they have no rule.
struct RuleTable: Sendable {
  /// Rules in open addressing: left, right and merged, 21 bits each; 0 is free.
  let slots: ConstantTable<UInt64>
  /// A bit for each of eight hashes a slot: whether a rule has it.
  let filter: ConstantTable<UInt64>

  /// A table of slots, whose number is a power of two; one must be free.
  init(slots: ConstantTable<UInt64>) {
    var filter = MutableTable<UInt64>(zeros: Self.filterCount(slots.count))
    let (view, shift) = (slots.view, UInt64(64 - slots.count.trailingZeroBitCount))
    for index in 0..<slots.count where view[index] != 0 {
      let bit = Self.hash(view[index] >> 21) >> (shift - 3)
      filter[Int(bit >> 6)] |= 1 << (bit & 63)
    }
    self.init(slots: slots, filter: filter.finish())
  }

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
      if mayHave(hash) { slots.prefetch(Int(truncatingIfNeeded: hash &>> shift)) }
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

  /// Where the search for a rule starts, of a table with so many slots.
  @inline(__always)
  static func slot(_ key: UInt64, _ shift: UInt64) -> Int {
    Int(truncatingIfNeeded: hash(key) &>> shift)
  }

  @inline(__always)
  private static func hash(_ key: UInt64) -> UInt64 {
    (key ^ key &>> 17) &* 0x9E37_79B9_7F4A_7C15
  }
}
