// SPDX-License-Identifier: Apache-2.0

/// What readings have found, as one tree: readings that part share what they have in common.
struct ResponseLog: Sendable {
  /// Something that was found; ranges are of the input's bytes.
  enum Entry: Sendable, Equatable {
    case text(slot: Int, Range<Int>)
    case arguments(Range<Int>, isWhole: Bool)
    /// Kept apart, since what is known of a call is large, and the other entries are many.
    indirect case call(Range<Int>, JSONScan)
    /// A quote inside of values in braces, and the values.
    case quote(Range<Int>)
    case braces(Range<Int>, isWhole: Bool)
    /// The text that identifies a call.
    case identifier(Range<Int>)
    case beginCall(Int)
    case endCall(Int)
    case name(Int)
    case argument(Int)
    /// The control token of that number ended the answer; it starts at an offset.
    case stop(Int, at: Int)
    case rest(Range<Int>)
  }

  /// How far back an entry that stands already is looked for.
  private static let reach = 8

  /// An entry in the tree.
  ///
  /// Beside the way to the one before there is one far back, by which the common beginning of two
  /// long ways is found in few steps (Myers, An applicative random-access stack, 1983).
  private struct Node {
    var entry: Entry
    var previous: Int
    /// How many entries there are up to this one, those taken out included.
    var depth: Int
    var far: Int
    var farDepth: Int
  }

  private var nodes: [Node] = []
  /// How many entries have been taken out; numbers count them too.
  private var taken = 0
  /// The depth of the last entry that was taken out.
  private var takenDepth = 0
  /// How many entries there may be until those that no reading has are looked for.
  private var limit = Self.smallestLimit
  private static let smallestLimit = 1 << 12

  /// Notes an entry behind the one of that number, and gives the number of the new one.
  mutating func append(_ entry: Entry, to last: inout Int) {
    // Readings that part in the same step have noted the same.
    for place in nodes.indices.suffix(Self.reach).reversed()
    where nodes[place].previous == last && nodes[place].entry == entry {
      last = taken + place
      return
    }
    nodes.append(node(entry, after: last))
    last = taken + nodes.count - 1
  }

  private func node(_ entry: Entry, after previous: Int) -> Node {
    guard previous >= taken else {
      return Node(
        entry: entry, previous: previous, depth: takenDepth + 1, far: previous,
        farDepth: takenDepth)
    }
    let before = nodes[previous - taken]
    var node = Node(
      entry: entry, previous: previous, depth: before.depth + 1, far: previous,
      farDepth: before.depth)
    if before.far >= taken {
      let beyond = nodes[before.far - taken]
      if before.depth - before.farDepth == beyond.depth - beyond.farDepth {
        node.far = beyond.far
        node.farDepth = beyond.farDepth
      }
    }
    return node
  }

  /// Forgets the entries behind a number: no reading has them.
  mutating func forget(after last: Int) {
    let kept = max(last - taken + 1, 0)
    if kept < nodes.count { nodes.removeLast(nodes.count - kept) }
  }

  /// Whether there are so many entries that it pays to collect.
  var isCrowded: Bool { nodes.count >= limit }

  /// Forgets the entries that no reading has; the last ones of all readings get new numbers.
  ///
  /// Readings come and go at every mark that a text may hold, and leave their entries behind.
  /// - Complexity: Linear in the entries; the next time comes when they have doubled.
  mutating func collect(_ numbers: inout [Int]) {
    var isKept = [Bool](repeating: false, count: nodes.count)
    for number in numbers {
      var place = number - taken
      while place >= 0, !isKept[place] {
        isKept[place] = true
        place = nodes[place].previous - taken
      }
    }
    var places = [Int](repeating: 0, count: nodes.count)
    var count = 0
    let first = taken
    let renumbered = { (number: Int) in number < first ? number : first + places[number - first] }
    for place in nodes.indices where isKept[place] {
      var node = nodes[place]
      // What is far back is on the way, so it is kept as well.
      node.previous = renumbered(node.previous)
      node.far = renumbered(node.far)
      nodes[count] = node
      places[place] = count
      count += 1
    }
    numbers = numbers.map(renumbered)
    nodes.removeLast(nodes.count - count)
    limit = max(Self.smallestLimit, 2 * count)
  }

  /// The entries up to a number that have not been taken, from the first.
  func entries(upTo last: Int) -> [Entry] {
    var way: [Int] = []
    var place = last - taken
    while place >= 0 {
      way.append(place)
      place = nodes[place].previous - taken
    }
    return way.reversed().map { nodes[$0].entry }
  }

  /// Takes out what all readings share, given that it ends with a number.
  mutating func take(upTo last: Int) -> [Entry] {
    guard last >= taken else { return [] }
    let result = entries(upTo: last)
    takenDepth = nodes[last - taken].depth
    nodes.removeFirst(last - taken + 1)
    taken = last + 1
    return result
  }

  /// The entry that follows those taken out, on the way to a number.
  func entry(afterTakenTowards last: Int) -> Entry? {
    last < taken ? nil : nodes[ancestor(of: last, depth: takenDepth + 1) - taken].entry
  }

  /// The entry of a depth on the way to a number.
  private func ancestor(of last: Int, depth: Int) -> Int {
    var place = last
    while nodes[place - taken].depth > depth {
      let node = nodes[place - taken]
      place = node.farDepth >= depth ? node.far : node.previous
    }
    return place
  }

  /// The number of the last entry that all of some readings share.
  ///
  /// - Complexity: O(log *n*) for each, of *n* entries that have not been taken.
  func common(_ numbers: [Int]) -> Int {
    guard var shared = numbers.first else { return -1 }
    for number in numbers.dropFirst() {
      guard shared >= taken else { break }
      shared = number < taken ? taken - 1 : common(shared, number)
    }
    return max(shared, taken - 1)
  }

  /// The last entry on the ways to both of two numbers that have not been taken.
  private func common(_ first: Int, _ second: Int) -> Int {
    let depth = min(nodes[first - taken].depth, nodes[second - taken].depth)
    var (left, right) = (ancestor(of: first, depth: depth), ancestor(of: second, depth: depth))
    while left != right {
      let (one, other) = (nodes[left - taken], nodes[right - taken])
      let differs = one.far != other.far && one.far >= taken && other.far >= taken
      if differs, one.farDepth == other.farDepth {
        (left, right) = (one.far, other.far)
      } else {
        (left, right) = (one.previous, other.previous)
      }
      if left < taken || right < taken { return taken - 1 }
    }
    return left
  }
}
