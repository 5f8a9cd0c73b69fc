// SPDX-License-Identifier: Apache-2.0

import Glibc
package import TextPrimitives

/// The bytes of a string that somebody else holds, read without counting references.
@safe
package struct StringBytes: BitwiseCopyable, @unchecked Sendable {
  // SAFETY: nobody writes the bytes, which whoever has the value knows to be held.

  /// Where they lie, as long as the string is held and stays as it is; nil of short ones.
  @unsafe
  package let start: UnsafePointer<UInt8>?
  /// How many they are.
  package let count: Int
  /// The bytes of short ones in order, followed by zeros.
  package let short: SIMD2<UInt64>

  /// Up to this many bytes may lie within the string itself, which can be anywhere.
  @usableFromInline
  static var shortLimit: Int { 15 }

  /// The bytes of a string where it lies; nil where the value is no string, or one whose bytes are
  /// not together.
  @inlinable @inline(__always)
  package init?(of value: UnsafePointer<JSONValue>) {
    guard case .string(let text) = unsafe value.pointee else { return nil }
    self.init(text)
  }

  /// The bytes of a string where it lies; nil where they are not together.
  package init?(of text: UnsafePointer<ExactString>) {
    self.init(unsafe text.pointee)
  }

  @inlinable @inline(__always)
  init?(_ text: ExactString) {
    count = text.string.utf8.count
    if count > Self.shortLimit {
      // SAFETY: whoever holds the string holds this memory, which is the string's own.
      guard
        let start = unsafe text.string.utf8.withContiguousStorageIfAvailable({
          $0.baseAddress
        })
      else { return nil }
      unsafe self.start = unsafe start
      short = .zero
    } else {
      guard
        let short = unsafe text.string.utf8.withContiguousStorageIfAvailable({
          unsafe Self.packed($0)
        })
      else { return nil }
      unsafe start = nil
      self.short = short
    }
  }

  /// Whether the bytes are the same.
  @inline(__always)
  package func areSame(as other: StringBytes) -> Bool {
    guard count == other.count else { return false }
    guard let start = unsafe start, let otherStart = unsafe other.start else {
      return short == other.short
    }
    return unsafe start == otherStart || memcmp(start, otherStart, count) == 0
  }

  /// Up to 15 bytes in two words.
  @inlinable @inline(__always)
  static func packed(_ bytes: UnsafeBufferPointer<UInt8>) -> SIMD2<UInt64> {
    guard let base = unsafe bytes.baseAddress.map({ unsafe UnsafeRawPointer($0) }) else {
      return .zero
    }
    let count = bytes.count
    // SAFETY: every load lies inside the bytes.
    @inline(__always)
    func word(_ start: Int, _ count: Int) -> UInt64 {
      if count >= 8 { return unsafe base.loadUnaligned(fromByteOffset: start, as: UInt64.self) }
      if count >= 4 {
        let head = unsafe base.loadUnaligned(fromByteOffset: start, as: UInt32.self)
        let tail = unsafe base.loadUnaligned(fromByteOffset: start + count - 4, as: UInt32.self)
        return UInt64(head) | UInt64(tail) << UInt64(8 * (count - 4))
      }
      var word: UInt64 = 0
      for index in 0..<count {
        word |=
          UInt64(unsafe base.load(fromByteOffset: start + index, as: UInt8.self))
          << UInt64(8 * index)
      }
      return word
    }
    return SIMD2(word(0, min(count, 8)), word(8, max(0, count - 8)))
  }
}
