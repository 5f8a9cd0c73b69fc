// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Bytes on their way into an array whose size is known ahead.
@safe
struct ByteOutput {
  private let base: UnsafeMutablePointer<UInt8>
  private let capacity: Int
  private(set) var count = 0
  private var start = 0

  fileprivate init(_ buffer: UnsafeMutableBufferPointer<UInt8>) {
    unsafe base = buffer.baseAddress.unsafelyUnwrapped
    capacity = buffer.count
  }

  /// Appends bytes of a table, which must go on for 16 bytes behind them, as the array must.
  @inline(__always)
  mutating func append(_ table: ConstantTable<UInt8>, _ offset: Int, _ length: Int) {
    assert(count + max(length, 16) <= capacity && offset + max(length, 16) <= table.count)
    // SAFETY: both sides have the bytes, by the assertion's condition.
    let target = unsafe UnsafeMutableRawPointer(base + count)
    let source = unsafe table.address(of: offset)
    if length <= 16 {
      let bytes = unsafe source.loadUnaligned(as: SIMD16<UInt8>.self)
      unsafe target.storeBytes(of: bytes, as: SIMD16<UInt8>.self)
    } else {
      unsafe memcpy(target, source, length)
    }
    count &+= length
  }

  /// Makes the last bytes U+FFFD each where they are not UTF-8.
  mutating func repairTail(_ length: Int) {
    guard length > 0 else { return }
    let first = count - length
    // SAFETY: the bytes have been written.
    let tail = unsafe UnsafeBufferPointer(start: base + first, count: length)
    guard unsafe String(validating: tail, as: UTF8.self) == nil else { return }
    assert(first + 3 * length + 16 <= capacity)
    for index in 0..<length {
      let place = first + 3 * index
      unsafe (base[place], base[place + 1], base[place + 2]) = (0xEF, 0xBF, 0xBD)
    }
    count = first + 3 * length
  }

  /// Takes up to so many spaces away at the ends.
  mutating func strip(start limit: Int, stop: Int) {
    for _ in 0..<limit where start < count && isSpace(start) { start += 1 }
    for _ in 0..<stop where count > start && isSpace(count - 1) { count -= 1 }
    guard start > 0 else { return }
    unsafe memmove(base, base + start, count - start)
    count -= start
    start = 0
  }

  private func isSpace(_ index: Int) -> Bool { unsafe base[index] == 0x20 }
}

extension [UInt8] {
  /// The bytes that a closure writes, at most so many.
  init(copyingUpTo capacity: Int, _ body: (inout ByteOutput) -> Void) {
    // SAFETY: exactly the bytes that were written are given out.
    unsafe self.init(unsafeUninitializedCapacity: capacity) { buffer, count in
      var output = unsafe ByteOutput(buffer)
      body(&output)
      count = output.count
    }
  }
}
