// SPDX-License-Identifier: Apache-2.0

/// An array that never changes, read through a bare pointer in inner loops.
@safe
final class ConstantTable<Element: BitwiseCopyable & Sendable>: Sendable {
  private let address: UInt

  init(_ elements: [Element]) {
    let copy = UnsafeMutablePointer<Element>.allocate(capacity: max(elements.count, 1))
    // SAFETY: the memory has room for all elements.
    for (index, element) in elements.enumerated() {
      unsafe (copy + index).initialize(to: element)
    }
    address = UInt(bitPattern: copy)
  }

  deinit {
    // SAFETY: allocated in init; views do not outlive the program that has us.
    unsafe UnsafeMutableRawPointer(bitPattern: address)?.deallocate()
  }

  var view: View {
    // SAFETY: the address is that of the allocation, which lives as long as we do.
    unsafe View(UnsafePointer(bitPattern: address).unsafelyUnwrapped)
  }

  /// The elements, without a check of the index, which is the reader's to know.
  @safe
  struct View {
    private let base: UnsafePointer<Element>

    init(_ base: UnsafePointer<Element>) {
      unsafe self.base = base
    }

    @inline(__always)
    subscript(index: Int) -> Element { unsafe base[index] }
  }
}
