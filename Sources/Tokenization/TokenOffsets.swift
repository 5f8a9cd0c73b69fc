// SPDX-License-Identifier: Apache-2.0

/// Where tokens stand in a text, in UTF-8 bytes: a range for each, in eight bytes of memory.
///
/// ```swift
/// for (id, range) in zip(encoding.ids, encoding.offsets) { … }
/// ```
public struct TokenOffsets: RandomAccessCollection, MutableCollection, Hashable, Sendable {
  /// Texts end here, so that a place has 32 bits.
  package static let textLimit = Int(UInt32.max)

  /// Ranges: the start in the upper half, the end in the lower.
  private var packed: [UInt64]

  /// The offsets of no token.
  public init() {
    packed = []
  }

  /// The offsets of tokens that stand where the ranges say.
  ///
  /// - Precondition: No place is negative or above 4 GB.
  public init(_ ranges: some Sequence<Range<Int>>) {
    packed = ranges.map(Self.pack)
  }

  /// The same offsets for some tokens.
  init(repeating range: Range<Int>, count: Int) {
    packed = Array(repeating: Self.pack(range), count: count)
  }

  @inline(__always)
  private static func pack(_ range: Range<Int>) -> UInt64 {
    precondition(range.lowerBound >= 0 && range.upperBound <= textLimit)
    return pack(range.lowerBound, range.upperBound)
  }

  /// A range within the limit, for ``append(count:_:)``.
  @inline(__always)
  static func pack(_ start: Int, _ end: Int) -> UInt64 {
    UInt64(truncatingIfNeeded: start) &<< 32 | UInt64(truncatingIfNeeded: end)
  }

  /// The first token.
  public var startIndex: Int { 0 }
  /// How many tokens there are.
  public var endIndex: Int { packed.count }

  /// The bytes of a token.
  public subscript(index: Int) -> Range<Int> {
    get {
      let range = packed[index]
      return Int(range >> 32)..<Int(range & 0xFFFF_FFFF)
    }
    set { packed[index] = Self.pack(newValue) }
  }
}

extension TokenOffsets: ExpressibleByArrayLiteral, CustomStringConvertible {
  /// The offsets of tokens that stand where the ranges say.
  public init(arrayLiteral ranges: Range<Int>...) {
    self.init(ranges)
  }

  /// The ranges as an array writes them.
  public var description: String { Array(self).description }
}

// MARK: - Changes

extension TokenOffsets {
  package mutating func append(_ range: Range<Int>) {
    packed.append(Self.pack(range))
  }

  package mutating func append(contentsOf ranges: some Sequence<Range<Int>>) {
    for range in ranges { append(range) }
  }

  package static func += (offsets: inout TokenOffsets, others: TokenOffsets) {
    offsets.packed += others.packed
  }

  /// Appends packed ranges, all of which the body writes.
  mutating func append(count: Int, _ body: (WorkBuffer<UInt64>.View) -> Void) {
    packed.append(addingCapacity: count) { span in
      // SAFETY: the span has room for the elements, and the view does not leave the body.
      unsafe span.withUnsafeMutableBufferPointer { buffer, filled in
        guard let base = buffer.baseAddress else { return }
        unsafe body(WorkBuffer<UInt64>.View(base + filled, count))
        filled += count
      }
    }
  }

  mutating func reserveCapacity(_ count: Int) {
    packed.reserveCapacity(count)
    LargePages.use(for: &packed)
  }

  mutating func removeLast(_ count: Int) {
    packed.removeLast(count)
  }

  /// The offsets of some of the tokens.
  package func part(_ range: Range<Int>) -> TokenOffsets {
    var part = TokenOffsets()
    part.packed = Array(packed[range])
    return part
  }
}
