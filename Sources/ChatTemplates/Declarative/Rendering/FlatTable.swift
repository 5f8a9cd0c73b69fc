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
struct FlatView<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
  // SAFETY: nobody writes what a table holds.
  fileprivate let base: UnsafePointer<Element>
  /// How many there are.
  let count: Int

  /// The elements at an address, which stay there as long as the view is used.
  @unsafe
  fileprivate init(_ base: UnsafePointer<Element>, count: Int) {
    unsafe self.base = base
    self.count = count
  }

  /// An element, read where it lies.
  subscript(index: Int) -> Element {
    @inline(__always)
    unsafeAddress {
      precondition(index >= 0 && index < count)
      return unsafe base + index
    }
  }
}

extension FlatView<UInt8> {
  /// A part of bytes that are text.
  @inline(__always)
  func text(_ start: Int32, count length: Int32) -> HeldText {
    let (start, length) = (Int(start), Int(length))
    precondition(start >= 0 && length >= 0 && start &+ length <= count)
    // SAFETY: the part lies inside the table.
    return unsafe HeldText(base + start, count: length)
  }
}
