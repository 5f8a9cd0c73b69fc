// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Pages of 2 MB for memory that is written from end to end: one comes at the cost of a few small ones.
enum LargePages {
  static let size = 1 << 21
  /// `MADV_HUGEPAGE`.
  private static let advice: Int32 = 14

  /// Asks for them where an array has room for some.
  static func use<Element: BitwiseCopyable>(for array: inout [Element]) {
    let bytes = array.capacity * MemoryLayout<Element>.stride
    guard bytes >= size else { return }
    // SAFETY: the buffer does not leave the closure; what is kept is a number.
    let start = unsafe array.withUnsafeMutableBufferPointer { UInt(bitPattern: $0.baseAddress) }
    let first = (start + UInt(size) - 1) & ~(UInt(size) - 1)
    let last = (start + UInt(bytes)) & ~(UInt(size) - 1)
    if first < last { advise(first, Int(last - first)) }
  }

  /// Asks for them where a range of memory starts at one.
  static func advise(_ address: UInt, _ size: Int) {
    // SAFETY: advice changes nothing of what the memory holds, whether it is taken or not.
    _ = unsafe madvise(UnsafeMutableRawPointer(bitPattern: address), size, advice)
  }
}
