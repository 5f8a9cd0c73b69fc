// SPDX-License-Identifier: Apache-2.0

/// An array that never changes, for inner loops: going through its view counts no references.
///
/// A view is valid as long as the table is held; its indices are checked.
@safe
final class FlatTable<Element: BitwiseCopyable & Sendable>: Sendable {
  private let address: UInt
  private let count: Int

  /// A copy of some elements.
  init(_ elements: [Element]) {
    let copy = UnsafeMutablePointer<Element>.allocate(capacity: max(elements.count, 1))
    // SAFETY: the memory has room for all elements.
    unsafe elements.withUnsafeBufferPointer { source in
      if let base = source.baseAddress { unsafe copy.initialize(from: base, count: source.count) }
    }
    address = UInt(bitPattern: copy)
    count = elements.count
  }

  deinit {
    // SAFETY: allocated in init; whoever has a view holds the table.
    unsafe UnsafeMutableRawPointer(bitPattern: address)?.deallocate()
  }

  /// The elements, for someone who holds the table.
  var view: FlatView<Element> {
    // SAFETY: the address is that of the allocation, which has so many elements.
    unsafe FlatView(UnsafePointer(bitPattern: address).unsafelyUnwrapped, count: count)
  }
}

/// Elements in memory that someone else holds.
@safe
struct FlatView<Element: BitwiseCopyable> {
  fileprivate let base: UnsafePointer<Element>
  /// How many there are.
  let count: Int

  /// The elements at an address, which stay there as long as the view is used.
  @unsafe
  fileprivate init(_ base: UnsafePointer<Element>, count: Int) {
    unsafe self.base = base
    self.count = count
  }

  /// An element.
  @inline(__always)
  subscript(index: Int) -> Element {
    precondition(index >= 0 && index < count)
    return unsafe base[index]
  }
}

/// Bytes that are written one after the other, in memory of their own.
@safe
struct ByteBuffer: ~Copyable {
  private var base: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  private(set) var count = 0

  /// A buffer with room for so many bytes: growing means copying.
  init(capacity: Int) {
    self.capacity = max(capacity, 64)
    unsafe base = .allocate(capacity: self.capacity)
  }

  deinit {
    // SAFETY: allocated by us, and given to no one for longer than a call.
    unsafe base.deallocate()
  }

  /// Appends a part of a table of bytes.
  @inline(__always)
  mutating func append(_ view: FlatView<UInt8>, _ range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= view.count)
    // SAFETY: the range lies inside the view.
    unsafe append(view.base + range.lowerBound, count: range.count)
  }

  /// Appends a part of another buffer.
  @inline(__always)
  mutating func append(_ other: borrowing ByteBuffer, _ range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= other.count)
    // SAFETY: the range lies inside the other buffer.
    unsafe append(UnsafePointer(other.base) + range.lowerBound, count: range.count)
  }

  /// Appends bytes.
  @inline(__always)
  mutating func append(_ span: Span<UInt8>) {
    // SAFETY: the bytes are copied within the closure, while the span keeps them alive.
    unsafe span.withUnsafeBufferPointer { source in
      if let start = source.baseAddress { unsafe append(start, count: source.count) }
    }
  }

  @inline(__always)
  @unsafe
  private mutating func append(_ source: UnsafePointer<UInt8>, count added: Int) {
    if capacity - count < added { grow(by: added) }
    // SAFETY: there is room behind what was written, and the source is other memory.
    unsafe (base + count).update(from: source, count: added)
    count += added
  }

  @inline(never)
  private mutating func grow(by added: Int) {
    capacity = max(2 * capacity, count + added)
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    // SAFETY: the new memory has room for what was written, which the old one holds.
    unsafe larger.update(from: base, count: count)
    unsafe base.deallocate()
    unsafe base = larger
  }

  /// Drops what follows an offset.
  mutating func cut(at end: Int) {
    precondition(end >= 0)
    count = min(count, end)
  }

  /// Takes a range out.
  mutating func remove(_ range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    // SAFETY: both places lie inside what was written; the memory may overlap.
    unsafe (base + range.lowerBound).update(
      from: base + range.upperBound, count: count - range.upperBound)
    count -= range.count
  }

  /// A byte that was written.
  @inline(__always)
  subscript(index: Int) -> UInt8 {
    precondition(index >= 0 && index < count)
    return unsafe base[index]
  }

  /// Gives the bytes for the length of a call.
  func withSpan<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
    let bytes = unsafe UnsafeBufferPointer(start: base, count: count)
    // SAFETY: nothing is written during the call, since it borrows the buffer.
    return body(unsafe bytes.span)
  }

  /// The bytes as text.
  var text: String { text(0..<count) }

  /// A part of the bytes as text.
  func text(_ range: Range<Int>) -> String {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    // SAFETY: the range lies inside what was written.
    return unsafe String(
      decoding: UnsafeBufferPointer(start: base + range.lowerBound, count: range.count),
      as: UTF8.self)
  }

  /// A copy of the bytes.
  var bytes: [UInt8] {
    unsafe Array(UnsafeBufferPointer(start: base, count: count))
  }
}
