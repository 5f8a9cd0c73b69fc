// SPDX-License-Identifier: Apache-2.0

import CProcessor
import Glibc

/// A ``ConstantTable`` while it is made: memory that is written without a check of the index and
/// becomes the table without being copied.
@safe
struct MutableTable<Element: BitwiseCopyable & Sendable>: ~Copyable {
  private var memory: TableMemory
  private var base: UnsafeMutablePointer<Element>
  private var capacity: Int
  private(set) var count: Int

  /// A table without elements that has room for some.
  init(capacity: Int = 0) {
    self.init(capacity: capacity, isFilled: false)
  }

  private init(capacity: Int, isFilled: Bool) {
    self.capacity = max(capacity, 1)
    count = 0
    memory = TableMemory(
      size: self.capacity * MemoryLayout<Element>.stride, isFilled: isFilled)
    unsafe base = memory.elements(Element.self)
  }

  /// A table of elements whose bytes are all zero, most of which will be read and written.
  ///
  /// Its pages come at once: one that is read before it is written comes twice, and the second time
  /// all threads must be told.
  init(zeros count: Int) {
    self.init(capacity: count, isFilled: true)
    self.count = count
  }

  /// A table of elements whose bytes are all zero, few of which will be written.
  init(sparseZeros count: Int) {
    self.init(capacity: count)
    self.count = count
  }

  /// A table of equal elements.
  init(repeating element: Element, count: Int) {
    self.init(capacity: count, isFilled: true)
    unsafe base.initialize(repeating: element, count: count)
    self.count = count
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

  /// The elements so far as inner loops read them; valid until the table grows or goes.
  var view: ConstantTable<Element>.View {
    unsafe ConstantTable<Element>.View(UnsafePointer(base), count)
  }

  /// Asks for an element to be brought near, without waiting.
  @inline(__always)
  func prefetch(_ index: Int) {
    unsafe dialect_prefetch(base + index)
  }

  /// Adds an element.
  @inline(__always)
  mutating func append(_ element: Element) {
    if count == capacity { move(toCapacity: 2 * capacity) }
    unsafe base[count] = element
    count &+= 1
  }

  @inline(never)
  private mutating func move(toCapacity capacity: Int) {
    let size = MemoryLayout<Element>.stride
    let moved = TableMemory(size: capacity * size)
    let target = unsafe moved.elements(Element.self)
    // SAFETY: both have room for the elements, and neither is a part of the other.
    unsafe memcpy(target, base, count * size)
    memory = moved
    unsafe base = target
    self.capacity = capacity
  }

  /// Leaves out the last elements.
  mutating func truncate(to length: Int) {
    precondition(length >= 0 && length <= count)
    count = length
  }

  /// The table, which owns the memory from now on.
  consuming func finish() -> ConstantTable<Element> {
    if !memory.isMapped, capacity > count + count / 4 { move(toCapacity: max(count, 1)) }
    return ConstantTable(memory, count: count)
  }
}
