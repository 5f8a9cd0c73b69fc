// SPDX-License-Identifier: Apache-2.0

/// An array that never changes, read through a bare pointer in inner loops.
@safe
final class ConstantTable<Element: BitwiseCopyable & Sendable>: Sendable {
  private let address: UInt
  let count: Int

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
    // SAFETY: allocated in init; views do not outlive the program that has us.
    unsafe UnsafeMutableRawPointer(bitPattern: address)?.deallocate()
  }

  var view: View {
    // SAFETY: the address is that of the allocation, which lives as long as we do.
    unsafe View(UnsafePointer(bitPattern: address).unsafelyUnwrapped, count)
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
