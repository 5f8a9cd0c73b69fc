// SPDX-License-Identifier: Apache-2.0

import CProcessor
import Glibc

/// Bytes whose parts are hashed, compared and copied without a bounds check each.
///
/// The one place where the hot path leaves `Span`: callers pass ranges that they took from the
/// same bytes.
@safe
struct ByteSlices {
  private let base: UnsafeRawPointer?
  let count: Int

  init(_ buffer: UnsafeBufferPointer<UInt8>) {
    unsafe base = UnsafeRawPointer(buffer.baseAddress)
    count = buffer.count
  }

  init(_ buffer: UnsafeRawBufferPointer) {
    unsafe base = buffer.baseAddress
    count = buffer.count
  }

  /// A part of a text; it must not leave the text's scope.
  init(_ text: TextView, _ range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= text.count)
    // SAFETY: the range is within the text.
    unsafe base = UnsafeRawPointer(text.base + range.lowerBound)
    count = range.count
  }

  /// Where the first byte lies; as valid as the bytes are.
  var start: UnsafeRawPointer? { unsafe base }

  /// A byte; a debug build checks the place.
  @inline(__always)
  subscript(place: Int) -> UInt8 {
    assert(place >= 0 && place < count)
    return unsafe base.unsafelyUnwrapped.load(fromByteOffset: place, as: UInt8.self)
  }

  /// Eight bytes as a number, the first one lowest; a debug build checks the place.
  @inline(__always)
  func word(at place: Int) -> UInt64 {
    assert(place >= 0 && place + 8 <= count)
    return UInt64(
      littleEndian: unsafe base.unsafelyUnwrapped.loadUnaligned(
        fromByteOffset: place, as: UInt64.self))
  }

  /// Asks for a byte to be brought near, without waiting.
  @inline(__always)
  func prefetch(_ place: Int) {
    guard let base = unsafe base, place < count else { return }
    unsafe dialect_prefetch(base + place)
  }

  /// A part of the bytes.
  func part(_ range: Range<Int>) -> ByteSlices {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    return unsafe ByteSlices(
      UnsafeRawBufferPointer(start: base.map { unsafe $0 + range.lowerBound }, count: range.count))
  }

  /// A hash of `length` bytes, not negative: multiply and fold, eight bytes at a time.
  func hash(_ start: Int, _ length: Int) -> Int {
    precondition(start >= 0 && length >= 0 && start + length <= count)
    var state = UInt64(truncatingIfNeeded: length) &* 0x9E37_79B9_7F4A_7C15
    guard let base = unsafe base else { return Int(truncatingIfNeeded: state >> 1) }
    let first = unsafe base + start
    // SAFETY: all loads lie within the `length` bytes, by the conditions and the precondition.
    if length >= 8 {
      var place = 0
      while place + 8 < length {
        let word = unsafe first.loadUnaligned(fromByteOffset: place, as: UInt64.self)
        state = Self.mix(state ^ word)
        place += 8
      }
      state ^= unsafe first.loadUnaligned(fromByteOffset: length - 8, as: UInt64.self)
    } else if length >= 4 {
      let head = unsafe first.loadUnaligned(as: UInt32.self)
      let tail = unsafe first.loadUnaligned(fromByteOffset: length - 4, as: UInt32.self)
      state ^= UInt64(head) | UInt64(tail) << 32
    } else if length > 0 {
      let head = unsafe first.load(as: UInt8.self)
      let middle = unsafe first.load(fromByteOffset: length / 2, as: UInt8.self)
      let tail = unsafe first.load(fromByteOffset: length - 1, as: UInt8.self)
      state ^= UInt64(head) | UInt64(middle) << 8 | UInt64(tail) << 16
    }
    return Int(truncatingIfNeeded: Self.mix(state) >> 1)
  }

  private static func mix(_ value: UInt64) -> UInt64 {
    let product = value.multipliedFullWidth(by: 0x9FB2_1C65_1E98_DF25)
    return product.high ^ product.low
  }

  /// Whether `length` bytes at two places are the same.
  func equals(_ first: Int, _ second: Int, _ length: Int) -> Bool {
    precondition(first >= 0 && second >= 0 && length >= 0)
    precondition(first + length <= count && second + length <= count)
    guard let base = unsafe base else { return true }
    // SAFETY: both places have `length` bytes, by the preconditions.
    return unsafe memcmp(base + first, base + second, length) == 0
  }

  /// Whether `length` bytes at `start` are all of `other`.
  func equals(_ start: Int, _ length: Int, _ other: ByteSlices) -> Bool {
    guard length == other.count else { return false }
    precondition(start >= 0 && start + length <= count)
    guard let base = unsafe base, let key = unsafe other.base else { return length == 0 }
    // SAFETY: both sides hold `length` bytes.
    return unsafe memcmp(base + start, key, length) == 0
  }

  /// Where a byte first stands, or nil.
  func firstPlace(of byte: UInt8) -> Int? {
    guard let base = unsafe base, let found = unsafe memchr(base, Int32(byte), count) else {
      return nil
    }
    return unsafe UnsafeRawPointer(found) - base
  }

  /// A copy of all bytes.
  var elements: [UInt8] {
    var elements: [UInt8] = []
    append(to: &elements)
    return elements
  }

  /// Appends all bytes.
  func append(to output: inout [UInt8]) {
    // SAFETY: the buffer is the one that the bytes came in.
    unsafe output.append(contentsOf: UnsafeRawBufferPointer(start: base, count: count))
  }
}

extension Span<UInt8> {
  /// Gives the bytes for the length of the call.
  func withUnsafeSlices<Result>(_ body: (ByteSlices) -> Result) -> Result {
    // SAFETY: the slices do not leave the closure.
    unsafe withUnsafeBufferPointer { unsafe body(ByteSlices($0)) }
  }
}
