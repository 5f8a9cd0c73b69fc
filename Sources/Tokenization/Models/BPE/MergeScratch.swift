// SPDX-License-Identifier: Apache-2.0

/// The tokens of a word while they merge, one merge after the other as the definition has it.
///
/// This takes any rules in any order, and is what words and models are encoded by that are out of
/// the ordinary. Short words scan for the lowest rank; long ones keep a heap, so that no input is
/// quadratic.
final class MergeScratch {
  /// From this many tokens on a heap is used.
  ///
  /// A scan of 48 ranks costs about as much as the heap's bookkeeping.
  private static let heapThreshold = 48

  private var ids: [TokenID] = []
  private var starts: [Int] = []
  private var lengths: [Int] = []

  func begin() {
    ids.removeAll(keepingCapacity: true)
    starts.removeAll(keepingCapacity: true)
    lengths.removeAll(keepingCapacity: true)
  }

  @inline(__always)
  func add(_ id: TokenID, _ start: Int, _ length: Int) {
    ids.append(id)
    starts.append(start)
    lengths.append(length)
  }

  func finish(into sink: inout TokenSink) {
    for index in ids.indices { sink.append(ids[index], starts[index], lengths[index]) }
  }

  func merge(_ table: some MergeRules) {
    guard ids.count > 1 else { return }
    if ids.count < Self.heapThreshold { mergeByScanning(table) } else { mergeByHeap(table) }
  }

  // MARK: Short words

  private var rules: [(rank: UInt32, merged: TokenID)] = []

  private func mergeByScanning(_ table: some MergeRules) {
    rules.removeAll(keepingCapacity: true)
    for index in 1..<ids.count { rules.append(table.rule(ids[index - 1], ids[index])) }
    while true {
      var best = 0
      var lowest = UInt32.max
      for index in rules.indices where rules[index].rank < lowest {
        lowest = rules[index].rank
        best = index
      }
      guard lowest != .max else { return }
      ids[best] = rules[best].merged
      lengths[best] += lengths[best + 1]
      ids.remove(at: best + 1)
      starts.remove(at: best + 1)
      lengths.remove(at: best + 1)
      rules.remove(at: best)
      if best > 0 { rules[best - 1] = table.rule(ids[best - 1], ids[best]) }
      if best < rules.count { rules[best] = table.rule(ids[best], ids[best + 1]) }
    }
  }

  // MARK: Long words

  private static let none = UInt32.max
  private var previous: [UInt32] = []
  private var next: [UInt32] = []
  private var heap = RankHeap()

  /// As `Word::merge_all` does (huggingface/tokenizers 3ba8ad00, models/bpe/word.rs): a heap of
  /// (rank, place), whose entries are checked when they come up instead of being removed.
  private func mergeByHeap(_ table: some MergeRules) {
    let count = ids.count
    previous = (0..<count).map { $0 == 0 ? Self.none : UInt32($0 - 1) }
    next = (0..<count).map { $0 + 1 == count ? Self.none : UInt32($0 + 1) }
    heap.removeAll()
    for place in 0..<count - 1 { push(table, UInt32(place), UInt32(place + 1)) }
    while let (rank, place) = heap.popMinimum() {
      let left = Int(place)
      guard lengths[left] >= 0, next[left] != Self.none else { continue }
      let right = Int(next[left])
      let rule = table.rule(ids[left], ids[right])
      guard rule.rank == rank else { continue }
      ids[left] = rule.merged
      lengths[left] += lengths[right]
      lengths[right] = -1
      next[left] = next[right]
      if next[left] != Self.none {
        previous[Int(next[left])] = place
        push(table, place, next[left])
      }
      if previous[left] != Self.none { push(table, previous[left], place) }
    }
    compact()
  }

  private func push(_ table: some MergeRules, _ left: UInt32, _ right: UInt32) {
    let rank = table.rule(ids[Int(left)], ids[Int(right)]).rank
    if rank != .max { heap.push(rank: rank, place: left) }
  }

  private func compact() {
    var kept = 0
    for index in ids.indices where lengths[index] >= 0 {
      ids[kept] = ids[index]
      starts[kept] = starts[index]
      lengths[kept] = lengths[index]
      kept += 1
    }
    ids.removeLast(ids.count - kept)
    starts.removeLast(starts.count - kept)
    lengths.removeLast(lengths.count - kept)
  }
}

/// A binary min-heap of ranks and places; of equal ranks the leftmost place comes first.
struct RankHeap {
  private var entries: [UInt64] = []

  mutating func removeAll() {
    entries.removeAll(keepingCapacity: true)
  }

  mutating func push(rank: UInt32, place: UInt32) {
    let entry = UInt64(rank) << 32 | UInt64(place)
    var child = entries.count
    entries.append(entry)
    while child > 0 {
      let parent = (child - 1) / 2
      guard entry < entries[parent] else { break }
      entries[child] = entries[parent]
      child = parent
    }
    entries[child] = entry
  }

  mutating func popMinimum() -> (rank: UInt32, place: UInt32)? {
    guard let minimum = entries.first, let last = entries.popLast() else { return nil }
    if !entries.isEmpty {
      var parent = 0
      while true {
        var child = 2 * parent + 1
        guard child < entries.count else { break }
        if child + 1 < entries.count, entries[child + 1] < entries[child] { child += 1 }
        guard entries[child] < last else { break }
        entries[parent] = entries[child]
        parent = child
      }
      entries[parent] = last
    }
    return (UInt32(minimum >> 32), UInt32(truncatingIfNeeded: minimum))
  }
}
