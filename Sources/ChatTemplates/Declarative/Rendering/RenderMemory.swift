// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// The memory of one render, which goes as a whole: tables of plain elements, and texts that the
/// render makes.
///
/// What was given out is valid as long as the memory is there, and stays where it is.
@safe
struct RenderMemory: ~Copyable {
  private static let alignment = 8
  private static let furtherChunk = 4096

  private let first: UnsafeMutableRawPointer
  private var further: [UnsafeMutableRawPointer] = unsafe []
  private var next: UnsafeMutableRawPointer
  private var left: Int

  /// Memory with room for so many bytes at first.
  init(capacity: Int) {
    unsafe first = .allocate(byteCount: capacity, alignment: Self.alignment)
    unsafe next = unsafe first
    left = capacity
  }

  deinit {
    // SAFETY: allocated by us; nobody uses a render's memory for longer than the render.
    unsafe first.deallocate()
    unsafe further.forEach { unsafe $0.deallocate() }
  }

  /// Room for bytes, not initialized.
  @unsafe @inline(__always)
  private mutating func allocate(_ count: Int) -> UnsafeMutableRawPointer {
    let size = (count + Self.alignment - 1) & -Self.alignment
    if left < size { addChunk(size) }
    let start = unsafe next
    unsafe next = unsafe start + size
    left -= size
    return unsafe start
  }

  @inline(never)
  private mutating func addChunk(_ size: Int) {
    left = max(size, Self.furtherChunk)
    unsafe next = .allocate(byteCount: left, alignment: Self.alignment)
    unsafe further.append(next)
  }

  /// An empty list with room for so many elements.
  mutating func list<Element: BitwiseCopyable>(
    of type: Element.Type, capacity: Int
  ) -> HeldList<Element> {
    let start = unsafe allocate(capacity * MemoryLayout<Element>.stride)
    // SAFETY: there is room for so many elements, whose alignment is not beyond ours.
    return unsafe HeldList(start.bindMemory(to: type, capacity: capacity), capacity: capacity)
  }

  /// A copy of a text.
  mutating func hold(_ text: Span<UInt8>) -> HeldText {
    let start = unsafe allocate(text.count)
    // SAFETY: there is room for the text, which is copied while the span keeps it alive.
    return unsafe text.withUnsafeBufferPointer { source in
      if let bytes = source.baseAddress {
        unsafe start.copyMemory(from: bytes, byteCount: source.count)
      }
      return unsafe HeldText(
        UnsafePointer(start.assumingMemoryBound(to: UInt8.self)), count: source.count)
    }
  }

  /// A copy of a string.
  mutating func hold(_ text: String) -> HeldText { hold(text.utf8Span.span) }

  /// A string's bytes: a long string's where they lie, as someone holds it, a short one's copied.
  @inline(__always)
  mutating func hold(_ bytes: StringBytes) -> HeldText {
    if let start = unsafe bytes.start { return unsafe HeldText(start, count: bytes.count) }
    let start = unsafe allocate(MemoryLayout<SIMD2<UInt64>>.size)
    // SAFETY: there is room for the bytes, of which as many are the text's.
    unsafe start.storeBytes(of: bytes.short, as: SIMD2<UInt64>.self)
    return unsafe HeldText(
      UnsafePointer(start.assumingMemoryBound(to: UInt8.self)), count: bytes.count)
  }
}

/// Plain elements in a render's memory.
@safe
struct HeldList<Element: BitwiseCopyable> {
  private let base: UnsafeMutablePointer<Element>
  private let capacity: Int
  private(set) var count = 0

  /// A list in memory that stays as long as it.
  @unsafe
  fileprivate init(_ base: UnsafeMutablePointer<Element>, capacity: Int) {
    unsafe self.base = base
    self.capacity = capacity
  }

  var indices: Range<Int> { 0..<count }
  var isEmpty: Bool { count == 0 }
  var first: Element? { count == 0 ? nil : self[0] }

  /// An element.
  @inline(__always)
  subscript(index: Int) -> Element {
    get {
      precondition(index >= 0 && index < count)
      return unsafe base[index]
    }
    nonmutating set {
      precondition(index >= 0 && index < count)
      unsafe base[index] = newValue
    }
  }

  /// Adds an element, for which there must be room.
  @inline(__always)
  mutating func append(_ element: Element) {
    precondition(count < capacity)
    unsafe (base + count).initialize(to: element)
    count += 1
  }

  /// Adds an element so many times.
  mutating func append(repeating element: Element, count added: Int) {
    precondition(added >= 0 && added <= capacity - count)
    unsafe (base + count).initialize(repeating: element, count: added)
    count += added
  }
}
