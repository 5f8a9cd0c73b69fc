// SPDX-License-Identifier: Apache-2.0

/// A pair that may be merged next, with the words it was seen in.
struct MergeCandidate {
  /// The pair's count when the candidate was queued.
  var count: Int
  let pair: TokenPair
  /// The pair's place in the table.
  let place: Int
  /// The words that held the pair when it was queued, each once.
  let words: [UInt32]

  /// The more frequent pair comes first, of equals the one with the lower ids.
  @inline(__always)
  func precedes(_ other: MergeCandidate) -> Bool {
    count != other.count ? count > other.count : pair < other.pair
  }
}

/// A heap of candidates, the next merge on top.
struct MergeQueue {
  private var heap: [MergeCandidate] = []

  mutating func push(_ candidate: MergeCandidate) {
    heap.append(candidate)
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard heap[child].precedes(heap[parent]) else { break }
      heap.swapAt(child, parent)
      child = parent
    }
  }

  mutating func pop() -> MergeCandidate? {
    guard let last = heap.popLast() else { return nil }
    guard let top = heap.first else { return last }
    heap[0] = last
    var parent = 0
    while true {
      var child = 2 * parent + 1
      guard child < heap.count else { break }
      if child + 1 < heap.count, heap[child + 1].precedes(heap[child]) { child += 1 }
      guard heap[child].precedes(heap[parent]) else { break }
      heap.swapAt(child, parent)
      parent = child
    }
    return top
  }
}
