// SPDX-License-Identifier: Apache-2.0

/// A set of Unicode scalars, kept as ranges in order.
public struct ScalarSet: Sendable, Hashable {
  /// The ranges: ascending, apart from each other, and none of them empty.
  public private(set) var ranges: [ClosedRange<UInt32>]

  /// The greatest scalar.
  static let last: UInt32 = 0x10_FFFF

  /// The empty set.
  public init() {
    ranges = []
  }

  /// The set of the scalars in some ranges, in any order.
  public init(_ ranges: [ClosedRange<UInt32>]) {
    var isSorted = true
    for index in ranges.indices.dropFirst()
    where ranges[index].lowerBound < ranges[index - 1].lowerBound {
      isSorted = false
    }
    self.init(
      sorted: isSorted ? ranges : ranges.sorted { $0.lowerBound < $1.lowerBound })
  }

  private init(sorted: [ClosedRange<UInt32>]) {
    ranges = []
    ranges.reserveCapacity(sorted.count)
    for range in sorted { append(range) }
  }

  /// Adds a range that starts at or after the last one.
  private mutating func append(_ range: ClosedRange<UInt32>) {
    if let previous = ranges.last, range.lowerBound <= previous.upperBound &+ 1 {
      let end = max(previous.upperBound, range.upperBound)
      ranges[ranges.count - 1] = previous.lowerBound...end
    } else {
      ranges.append(range)
    }
  }

  /// The set of single scalars.
  public init(scalars: [UInt32]) {
    self.init(scalars.map { $0...$0 })
  }

  /// The set whose ranges' first and last scalars alternate in a table.
  init(bounds: [UInt32]) {
    self.init(stride(from: 0, to: bounds.count - 1, by: 2).map { bounds[$0]...bounds[$0 + 1] })
  }

  /// Whether there is nothing in it.
  public var isEmpty: Bool { ranges.isEmpty }

  /// Whether it holds the scalar.
  ///
  /// - Complexity: O(log *n*) in the number of ranges; use ``ScalarTable`` where it is hot.
  public func contains(_ scalar: UInt32) -> Bool {
    var low = 0
    var high = ranges.count
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].upperBound < scalar { low = middle + 1 } else { high = middle }
    }
    return low < ranges.count && ranges[low].contains(scalar)
  }

  /// The scalars in either set.
  public func union(_ other: ScalarSet) -> ScalarSet {
    if other.isEmpty { return self }
    var result = ScalarSet()
    result.ranges.reserveCapacity(ranges.count + other.ranges.count)
    var (left, right) = (0, 0)
    while left < ranges.count || right < other.ranges.count {
      let takesLeft =
        right == other.ranges.count
        || left < ranges.count && ranges[left].lowerBound <= other.ranges[right].lowerBound
      if takesLeft {
        result.append(ranges[left])
        left += 1
      } else {
        result.append(other.ranges[right])
        right += 1
      }
    }
    return result
  }

  /// The scalars outside the set.
  public var inverted: ScalarSet {
    var result: [ClosedRange<UInt32>] = []
    var next: UInt32 = 0
    for range in ranges {
      if range.lowerBound > next { result.append(next...(range.lowerBound - 1)) }
      next = range.upperBound + 1
    }
    if next <= Self.last { result.append(next...Self.last) }
    return ScalarSet(result)
  }

  /// The scalars in both sets.
  public func intersection(_ other: ScalarSet) -> ScalarSet {
    var result: [ClosedRange<UInt32>] = []
    var (left, right) = (0, 0)
    while left < ranges.count, right < other.ranges.count {
      let low = max(ranges[left].lowerBound, other.ranges[right].lowerBound)
      let high = min(ranges[left].upperBound, other.ranges[right].upperBound)
      if low <= high { result.append(low...high) }
      if ranges[left].upperBound < other.ranges[right].upperBound { left += 1 } else { right += 1 }
    }
    return ScalarSet(result)
  }

  /// The scalars of this set that the other does not hold.
  public func subtracting(_ other: ScalarSet) -> ScalarSet {
    intersection(other.inverted)
  }
}
