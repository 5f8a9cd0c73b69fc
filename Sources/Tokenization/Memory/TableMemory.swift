// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Memory of fixed size for a table, zeros at first.
///
/// A large table has pages of its own: the system provides each when it is first touched, and takes
/// all back with the table, whatever else lies in the heap.
@safe
final class TableMemory: Sendable {
  /// A cache line, where tables start.
  private static var line: UInt { 64 }
  /// A large page, where large tables start: reading all over a table of small pages costs more for
  /// finding the pages than for reading.
  private static var page: UInt { UInt(LargePages.size) }
  /// From so many bytes on a table is large enough for pages of its own.
  private static var mappedSize: Int { 1 << 18 }
  /// `MADV_POPULATE_WRITE`.
  private static var bringPages: Int32 { 23 }

  private let allocation: UInt
  /// The bytes that were mapped, or 0 where they come from the heap.
  private let mapped: Int
  /// Where the table lies, as long as we live.
  let address: UInt

  /// Memory for so many bytes.
  ///
  /// - Parameters:
  ///   - size: How many.
  ///   - isFilled: Whether all of it will be written, so that its pages had better come together.
  init(size: Int, isFilled: Bool = false) {
    if size >= Int(Self.page), let memory = Self.map(size + Int(Self.page), 0) {
      allocation = memory
      mapped = size + Int(Self.page)
      address = (allocation + Self.page - 1) & ~(Self.page - 1)
      LargePages.advise(address, size)
      // SAFETY: the range lies in the mapping; advice that is not taken changes nothing.
      let start = unsafe UnsafeMutableRawPointer(bitPattern: address)
      if isFilled { _ = unsafe madvise(start, size, Self.bringPages) }
    } else if size >= Self.mappedSize, let memory = Self.map(size, isFilled ? MAP_POPULATE : 0) {
      allocation = memory
      mapped = size
      address = memory
    } else {
      // SAFETY: zeroed memory, released in deinit; the table fits behind the aligned address.
      guard let memory = unsafe calloc(size + Int(Self.line), 1) else {
        preconditionFailure("out of memory")
      }
      allocation = UInt(bitPattern: memory)
      mapped = 0
      address = (allocation + Self.line - 1) & ~(Self.line - 1)
    }
  }

  private static func map(_ size: Int, _ flags: Int32) -> UInt? {
    let memory = unsafe mmap(
      nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0)
    return unsafe memory == MAP_FAILED ? nil : memory.map { UInt(bitPattern: $0) }
  }

  deinit {
    // SAFETY: allocated in init.
    let memory = unsafe UnsafeMutableRawPointer(bitPattern: allocation)
    if mapped > 0 { unsafe munmap(memory, mapped) } else { unsafe free(memory) }
  }

  /// Whether memory that no element was written to costs nothing.
  var isMapped: Bool { mapped > 0 }

  /// The memory as elements; whoever asks must not read or write beyond it.
  @unsafe
  func elements<Element: BitwiseCopyable>(_ type: Element.Type) -> UnsafeMutablePointer<Element> {
    unsafe UnsafeMutablePointer(bitPattern: address).unsafelyUnwrapped
  }
}
