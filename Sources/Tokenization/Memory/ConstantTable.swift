// SPDX-License-Identifier: Apache-2.0

/// An array that never changes, read through a bare pointer in inner loops: memory of its own, or a
/// part of a mapped file.
@safe
final class ConstantTable<Element: BitwiseCopyable & Sendable>: Sendable {
  private let address: UInt
  let count: Int
  /// The file that the elements are a part of; nil where they are memory of our own.
  private let file: MappedTables?

  init(_ elements: [Element]) {
    let copy = UnsafeMutablePointer<Element>.allocate(capacity: max(elements.count, 1))
    // SAFETY: the memory has room for all elements.
    unsafe elements.withUnsafeBufferPointer { source in
      if let base = source.baseAddress { unsafe copy.initialize(from: base, count: source.count) }
    }
    address = UInt(bitPattern: copy)
    count = elements.count
    file = nil
  }

  /// Elements of a file; the address must be aligned for them and lie within the file.
  init(_ file: MappedTables, at address: UInt, count: Int) {
    self.file = file
    self.address = address
    self.count = count
  }

  deinit {
    guard file == nil else { return }
    // SAFETY: allocated in init; views do not outlive the program that has us.
    unsafe UnsafeMutableRawPointer(bitPattern: address)?.deallocate()
  }

  var view: View {
    // SAFETY: the address is that of the allocation, which lives as long as we do.
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

  /// Whether all elements pass a test.
  func allSatisfy(_ test: (Element) -> Bool) -> Bool {
    let view = view
    for index in 0..<count where !test(view[index]) { return false }
    return true
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
    private let base: UnsafePointer<Element>
    private let count: Int

    init(_ base: UnsafePointer<Element>, _ count: Int) {
      unsafe self.base = base
      self.count = count
    }

    @inline(__always)
    subscript(index: Int) -> Element {
      assert(index >= 0 && index < count)
      return unsafe base[index]
    }
  }
}
