// SPDX-License-Identifier: Apache-2.0

import CProcessor

/// An array that never changes, read through a bare pointer in inner loops: memory of its own, or a
/// part of a mapped file.
@safe
final class ConstantTable<Element: BitwiseCopyable & Sendable>: Sendable {
  private let address: UInt
  let count: Int
  /// What the elements are a part of.
  private let owner: any AnyObject & Sendable

  /// A copy of an array.
  convenience init(_ elements: [Element]) {
    let size = elements.count * MemoryLayout<Element>.stride
    let memory = TableMemory(size: size, isFilled: true)
    // SAFETY: the memory has room for all elements.
    unsafe elements.withUnsafeBytes { source in
      let target = unsafe UnsafeMutableRawPointer(bitPattern: memory.address)
      unsafe UnsafeMutableRawBufferPointer(start: target, count: size).copyMemory(from: source)
    }
    self.init(memory, count: elements.count)
  }

  /// Elements of a file; the address must be aligned for them and lie within the file.
  init(_ file: MappedTables, at address: UInt, count: Int) {
    owner = file
    self.address = address
    self.count = count
  }

  /// Elements of a buffer that is not written any more.
  init(_ buffer: WorkBuffer<Element>) {
    owner = buffer
    address = buffer.address
    count = buffer.count
  }

  /// Elements in memory that has room for them and is not written any more.
  init(_ memory: TableMemory, count: Int) {
    owner = memory
    address = memory.address
    self.count = count
  }

  var view: View {
    // SAFETY: the address is the owner's, which lives as long as we do.
    unsafe View(UnsafePointer(bitPattern: address).unsafelyUnwrapped, count)
  }

  /// An element; the index is checked.
  subscript(index: Int) -> Element {
    precondition(index >= 0 && index < count)
    return view[index]
  }

  /// Gives the elements for the length of the call.
  func withElements<Result>(_ body: (UnsafeBufferPointer<Element>) -> Result) -> Result {
    // SAFETY: the memory lives as long as we do, which the call holds.
    let start = unsafe UnsafePointer<Element>(bitPattern: address)
    defer { withExtendedLifetime(self) {} }
    return unsafe body(UnsafeBufferPointer(start: start, count: start == nil ? 0 : count))
  }

  /// A copy of the elements.
  var elements: [Element] { elements(0..<count) }

  /// A copy of some elements; the range is checked.
  func elements(_ range: Range<Int>) -> [Element] {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    return unsafe withElements { unsafe Array($0[range]) }
  }

  /// Whether all elements pass a test, which is asked of each: so several can be tested at a time.
  @inline(__always)
  func allSatisfy(_ test: (Element) -> Bool) -> Bool {
    let view = view
    var failures = 0
    for index in 0..<count { failures &+= test(view[index]) ? 0 : 1 }
    return failures == 0
  }

  /// Whether some element passes a test.
  func contains(where test: (Element) -> Bool) -> Bool {
    let view = view
    return (0..<count).contains { test(view[$0]) }
  }

  /// Where an element lies, for copying; valid while the table is held.
  @unsafe
  func address(of index: Int) -> UnsafeRawPointer {
    unsafe UnsafeRawPointer(bitPattern: address).unsafelyUnwrapped
      + index * MemoryLayout<Element>.stride
  }

  /// The elements, without a check of the index in release builds: it is the reader's to know.
  @safe
  struct View {
    let base: UnsafePointer<Element>
    let count: Int

    init(_ base: UnsafePointer<Element>, _ count: Int) {
      unsafe self.base = base
      self.count = count
    }

    /// Asks for an element to be brought near, without waiting.
    @inline(__always)
    func prefetch(_ index: Int) {
      unsafe dialect_prefetch(base + index)
    }

    @inline(__always)
    subscript(index: Int) -> Element {
      assert(index >= 0 && index < count)
      return unsafe base[index]
    }
  }
}
