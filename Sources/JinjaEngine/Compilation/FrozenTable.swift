// SPDX-License-Identifier: Apache-2.0

/// Elements that never change, read without reference counting.
///
/// It lives as long as its owner, a ``Program``, which frees it.
@safe struct FrozenTable<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
  // SAFETY: written once, here; `Program` frees it when nobody can read it any more.
  private let base: UnsafeMutablePointer<Element>
  let count: Int

  init(_ elements: [Element]) {
    count = elements.count
    unsafe base = UnsafeMutablePointer<Element>.allocate(capacity: max(1, elements.count))
    for (index, element) in elements.enumerated() { unsafe (base + index).initialize(to: element) }
  }

  func deallocate() { unsafe base.deallocate() }

  @inline(__always)
  subscript(index: Int) -> Element {
    precondition(index >= 0 && index < count, "an index outside of a compiled template")
    return unsafe base[index]
  }
}
