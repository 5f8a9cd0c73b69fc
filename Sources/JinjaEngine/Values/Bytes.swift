// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Loops over bytes that the evaluator spends its time in.
enum Bytes {
  static func append(
    _ source: ArenaBuffer<UInt8>, _ start: Int, _ end: Int, to output: inout [UInt8]
  ) {
    precondition(start >= 0 && start <= end && end <= source.count)
    // SAFETY: the range was checked to lie inside the array.
    unsafe source.withUnsafeBufferPointer {
      unsafe output.append(contentsOf: UnsafeBufferPointer(rebasing: $0[start..<end]))
    }
  }

  static func equal(
    _ left: ArenaBuffer<UInt8>, _ leftStart: Int, _ right: ArenaBuffer<UInt8>, _ rightStart: Int,
    _ count: Int
  ) -> Bool {
    compare(left, leftStart, right, rightStart, count) == 0
  }

  static func compare(
    _ left: ArenaBuffer<UInt8>, _ leftStart: Int, _ right: ArenaBuffer<UInt8>, _ rightStart: Int,
    _ count: Int
  ) -> Int {
    precondition(leftStart + count <= left.count && rightStart + count <= right.count)
    // SAFETY: both ranges were checked to lie inside their arrays.
    return unsafe left.withUnsafeBufferPointer { left in
      unsafe right.withUnsafeBufferPointer { right in
        guard count > 0, let left = left.baseAddress, let right = right.baseAddress else {
          return 0
        }
        return unsafe Int(memcmp(left + leftStart, right + rightStart, count))
      }
    }
  }

  /// FNV-1a over eight bytes at a time, folded.
  static func hash(_ bytes: ArenaBuffer<UInt8>, _ start: Int, _ end: Int) -> Int {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    var index = start
    while index < end {
      hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01b3
      index &+= 1
    }
    return Int(truncatingIfNeeded: hash ^ hash >> 29)
  }

  static func hash(_ bytes: Span<UInt8>) -> Int {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for index in bytes.indices { hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01b3 }
    return Int(truncatingIfNeeded: hash ^ hash >> 29)
  }

  static func equal(_ left: ArenaBuffer<UInt8>, _ right: Span<UInt8>) -> Bool {
    guard left.count == right.count else { return false }
    for index in right.indices where left[index] != right[index] { return false }
    return true
  }

  static func isASCII(_ bytes: ArenaBuffer<UInt8>, _ start: Int, _ end: Int) -> Bool {
    precondition(start >= 0 && start <= end && end <= bytes.count)
    // SAFETY: the range was checked to lie inside the array.
    return unsafe bytes.withUnsafeBufferPointer { buffer in
      let bytes = UnsafeRawBufferPointer(buffer)
      var index = start
      while index + 8 <= end {
        let word = unsafe bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
        if word & 0x8080_8080_8080_8080 != 0 { return false }
        index += 8
      }
      while index < end {
        if unsafe bytes[index] >= 0x80 { return false }
        index += 1
      }
      return true
    }
  }

  static func scalarCount(_ bytes: ArenaBuffer<UInt8>, _ start: Int, _ end: Int) -> Int {
    precondition(start >= 0 && start <= end && end <= bytes.count)
    // SAFETY: the range was checked to lie inside the array.
    return unsafe bytes.withUnsafeBufferPointer { buffer in
      let bytes = UnsafeRawBufferPointer(buffer)
      var count = end - start
      var index = start
      while index + 8 <= end {
        let word = unsafe bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
        // A continuation byte has bit 7 set and bit 6 clear.
        let continuations = word & ~(word << 1) & 0x8080_8080_8080_8080
        count -= continuations.nonzeroBitCount
        index += 8
      }
      while index < end {
        if unsafe bytes[index] & 0xC0 == 0x80 { count -= 1 }
        index += 1
      }
      return count
    }
  }

  /// Where a run of bytes stands in another, by absolute offset.
  static func find(
    _ needle: ArenaBuffer<UInt8>, _ needleStart: Int, _ needleCount: Int,
    in bytes: ArenaBuffer<UInt8>, from: Int,
    to: Int
  ) -> Int? {
    precondition(needleStart + needleCount <= needle.count && to <= bytes.count && from >= 0)
    guard from + needleCount <= to else { return nil }
    guard needleCount > 0 else { return from }
    let first = needle[needleStart]
    // SAFETY: both ranges were checked to lie inside their arrays.
    return unsafe needle.withUnsafeBufferPointer { needle in
      unsafe bytes.withUnsafeBufferPointer { bytes -> Int? in
        guard let needle = needle.baseAddress, let bytes = bytes.baseAddress else { return nil }
        var place = from
        let last = to - needleCount
        while place <= last {
          guard let hit = unsafe memchr(bytes + place, Int32(first), last - place + 1) else {
            return nil
          }
          place = unsafe UnsafeRawPointer(hit) - UnsafeRawPointer(bytes)
          if unsafe memcmp(bytes + place, needle + needleStart, needleCount) == 0 { return place }
          place += 1
        }
        return nil
      }
    }
  }
}
