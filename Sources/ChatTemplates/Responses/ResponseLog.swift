// SPDX-License-Identifier: Apache-2.0

/// What readings have found, as one tree: readings that part share what they have in common.
struct ResponseLog: Sendable {
  /// Something that was found; ranges are of the input's bytes.
  enum Entry: Sendable, Equatable {
    case text(slot: Int, Range<Int>)
    case arguments(Range<Int>, isWhole: Bool)
    case call(Range<Int>, JSONScan)
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

  private var nodes: [(entry: Entry, previous: Int)] = []
  /// How many entries have been taken out; numbers count them too.
  private var taken = 0

  /// Notes an entry behind the one of that number, and gives the number of the new one.
  mutating func append(_ entry: Entry, to last: inout Int) {
    // Readings that part in the same step have noted the same.
    for place in nodes.indices.suffix(Self.reach).reversed()
    where nodes[place].previous == last && nodes[place].entry == entry {
      last = taken + place
      return
    }
    nodes.append((entry, last))
    last = taken + nodes.count - 1
  }

  /// Forgets the entries behind a number: no reading has them.
  mutating func forget(after last: Int) {
    let kept = max(last - taken + 1, 0)
    if kept < nodes.count { nodes.removeLast(nodes.count - kept) }
  }

  /// The entries up to a number that have not been taken, from the first.
  func entries(upTo last: Int) -> [Entry] {
    var result: [Entry] = []
    var place = last
    while place >= taken {
      result.append(nodes[place - taken].entry)
      place = nodes[place - taken].previous
    }
    return result.reversed()
  }

  /// Takes out what all readings share, given that it ends with a number.
  mutating func take(upTo last: Int) -> [Entry] {
    guard last >= taken else { return [] }
    let result = entries(upTo: last)
    nodes.removeFirst(last - taken + 1)
    taken = last + 1
    return result
  }

  /// The entry that follows those taken out, on the way to a number.
  func entry(afterTakenTowards last: Int) -> Entry? {
    var place = last
    var found: Entry?
    while place >= taken {
      found = nodes[place - taken].entry
      place = nodes[place - taken].previous
    }
    return found
  }

  /// The number of the last entry that all of some readings share.
  func common(_ numbers: [Int]) -> Int {
    guard var shared = numbers.first else { return -1 }
    for number in numbers.dropFirst() {
      var other = number
      while shared != other, shared >= taken || other >= taken {
        if shared > other {
          shared = nodes[shared - taken].previous
        } else {
          other = nodes[other - taken].previous
        }
      }
      if shared != other { shared = taken - 1 }
    }
    return max(shared, taken - 1)
  }
}
