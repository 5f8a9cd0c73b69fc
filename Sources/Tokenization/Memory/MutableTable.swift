// SPDX-License-Identifier: Apache-2.0

import CProcessor
import Glibc

/// A ``ConstantTable`` while it is made: memory that is written without a check of the index and
/// becomes the table without being copied.
@safe
struct MutableTable<Element: BitwiseCopyable & Sendable>: ~Copyable {
  private var base: UnsafeMutablePointer<Element>
  private var capacity: Int
  private(set) var count: Int

  /// A table without elements that has room for some.
  init(capacity: Int = 0) {
    self.capacity = max(capacity, 1)
    count = 0
    unsafe base = Self.allocation(malloc(self.capacity * MemoryLayout<Element>.stride))
  }

  /// A table of elements whose bytes are all zero; the system provides memory as it is touched.
  init(zeros count: Int) {
    capacity = max(count, 1)
    self.count = count
    unsafe base = Self.allocation(calloc(capacity, MemoryLayout<Element>.stride))
  }

  /// A table of equal elements.
  init(repeating element: Element, count: Int) {
    self.init(capacity: count)
    unsafe base.initialize(repeating: element, count: count)
    self.count = count
  }

  deinit {
    unsafe free(base)
  }

  private static func allocation(_ memory: UnsafeMutableRawPointer?)
    -> UnsafeMutablePointer<Element>
  {
    guard let memory = unsafe memory else { preconditionFailure("out of memory") }
    return unsafe memory.assumingMemoryBound(to: Element.self)
  }

  /// An element; a debug build checks the index.
  @inline(__always)
  subscript(index: Int) -> Element {
    get {
      assert(index >= 0 && index < count)
      return unsafe base[index]
    }
    set {
      assert(index >= 0 && index < count)
      unsafe base[index] = newValue
    }
  }

  /// Asks for an element to be brought near, without waiting.
  @inline(__always)
  func prefetch(_ index: Int) {
    unsafe dialect_prefetch(base + index)
  }

  /// Adds an element.
  @inline(__always)
  mutating func append(_ element: Element) {
    if count == capacity { grow() }
    unsafe base[count] = element
    count &+= 1
  }

  @inline(never)
  private mutating func grow() {
    capacity *= 2
    unsafe base = Self.allocation(realloc(base, capacity * MemoryLayout<Element>.stride))
  }

  /// The table, which owns the memory from now on.
  consuming func finish() -> ConstantTable<Element> {
    if capacity > count + count / 4 {
      unsafe base = Self.allocation(
        realloc(base, max(count, 1) * MemoryLayout<Element>.stride))
    }
    let table = unsafe ConstantTable(adopting: base, count: count)
    discard self
    return table
  }
}
