// SPDX-License-Identifier: Apache-2.0

/// Room for the tokens of a word while they merge by the definition.
final class MergeScratch: Sendable {
  /// A token, its neighbours, and what it and the next one become.
  struct Symbol: BitwiseCopyable, Sendable {
    var id: TokenID
    var start: UInt32
    /// 0 for a token that has become a part of another.
    var length: UInt32
    var previous: UInt32
    var next: UInt32
    /// The rank of the rule for it and the next, `UInt32.max` where there is none.
    var rank: UInt32
    var merged: TokenID
  }

  let symbols: WorkBuffer<Symbol>
  let queue: WorkBuffer<UInt64>

  /// Room for a word of so many bytes.
  init(capacity: Int) {
    symbols = WorkBuffer(count: max(capacity, 1))
    // A pair for each two neighbours, and two new ones for each merge.
    queue = WorkBuffer(count: 3 * max(capacity, 1))
  }

  var capacity: Int { symbols.count }
}

/// The tokens of a word while they merge, one merge after the other as the definition has it.
///
/// This takes any rules in any order, and is what words and models are encoded by that are out of
/// the ordinary.
///
/// As `Word::merge_all` does (huggingface/tokenizers 3ba8ad00, models/bpe/word.rs): a heap of
/// (rank, place), whose entries are checked when they come up instead of being removed.
struct MergeList {
  private static let none = UInt32.max

  private let symbols: WorkBuffer<MergeScratch.Symbol>.View
  private let queue: WorkBuffer<UInt64>.View
  private var count = 0
  private var queued = 0

  /// An empty list; `scratch` must outlive it and be used by nothing else.
  init(_ scratch: MergeScratch) {
    symbols = scratch.symbols.view
    queue = scratch.queue.view
  }

  mutating func add(_ id: TokenID, _ start: Int, _ length: Int) {
    symbols[count] = MergeScratch.Symbol(
      id: id, start: UInt32(truncatingIfNeeded: start),
      length: UInt32(truncatingIfNeeded: length), previous: UInt32(truncatingIfNeeded: count &- 1),
      next: UInt32(truncatingIfNeeded: count &+ 1), rank: Self.none, merged: 0)
    count += 1
  }

  /// The tokens from left to right, and where they stand.
  func forEach(_ body: (TokenID, Range<Int>) -> Void) {
    var place = count > 0 ? 0 : Self.none
    while place != Self.none {
      let symbol = symbols[Int(place)]
      body(symbol.id, Int(symbol.start)..<Int(symbol.start) + Int(symbol.length))
      place = symbol.next
    }
  }

  // MARK: Merging

  /// Merges until no two neighbours have a rule.
  mutating func merge(_ rules: MergeTable.View) {
    guard count > 0 else { return }
    symbols[count - 1].next = Self.none
    for place in 0..<count &- 1 {
      let rank = findRule(UInt32(truncatingIfNeeded: place), rules)
      guard rank != Self.none else { continue }
      queue[queued] = Self.entry(rank, UInt32(truncatingIfNeeded: place))
      queued &+= 1
    }
    var place = queued / 2
    while place > 0 {
      place &-= 1
      sink(queue[place], from: place)
    }
    while queued > 0 {
      let entry = queue[0]
      queued &-= 1
      if queued > 0 { sink(queue[queued], from: 0) }
      let place = UInt32(truncatingIfNeeded: entry)
      let symbol = symbols[Int(place)]
      // Of a pair that has changed another entry speaks.
      guard symbol.length > 0, symbol.rank == UInt32(truncatingIfNeeded: entry &>> 32) else {
        continue
      }
      join(place, rules)
    }
  }

  /// Joins a token with the next.
  private mutating func join(_ place: UInt32, _ rules: MergeTable.View) {
    var symbol = symbols[Int(place)]
    let right = symbols[Int(symbol.next)]
    symbols[Int(symbol.next)].length = 0
    symbol.id = symbol.merged
    symbol.length &+= right.length
    symbol.next = right.next
    symbols[Int(place)] = symbol
    if right.next != Self.none { symbols[Int(right.next)].previous = place }
    enqueue(place, rules)
    if symbol.previous != Self.none { enqueue(symbol.previous, rules) }
  }

  /// Finds the rule for a token and the next.
  @inline(__always)
  private func findRule(_ place: UInt32, _ rules: MergeTable.View) -> UInt32 {
    let next = symbols[Int(place)].next
    let rule =
      next == Self.none
      ? (rank: Self.none, merged: 0) : rules.rule(symbols[Int(place)].id, symbols[Int(next)].id)
    symbols[Int(place)].rank = rule.rank
    symbols[Int(place)].merged = rule.merged
    return rule.rank
  }

  // MARK: The heap, of which the lowest rank comes first and of equal ones the leftmost place

  @inline(__always)
  private static func entry(_ rank: UInt32, _ place: UInt32) -> UInt64 {
    UInt64(rank) &<< 32 | UInt64(place)
  }

  @inline(__always)
  private mutating func enqueue(_ place: UInt32, _ rules: MergeTable.View) {
    let rank = findRule(place, rules)
    guard rank != Self.none else { return }
    let entry = Self.entry(rank, place)
    var child = queued
    queued &+= 1
    while child > 0 {
      let parent = (child &- 1) / 2
      guard entry < queue[parent] else { break }
      queue[child] = queue[parent]
      child = parent
    }
    queue[child] = entry
  }

  /// Puts an entry where it belongs at or below a place.
  @inline(__always)
  private func sink(_ entry: UInt64, from place: Int) {
    var parent = place
    while true {
      var child = 2 &* parent &+ 1
      guard child < queued else { break }
      if child &+ 1 < queued, queue[child &+ 1] < queue[child] { child &+= 1 }
      guard queue[child] < entry else { break }
      queue[parent] = queue[child]
      parent = child
    }
    queue[parent] = entry
  }
}
