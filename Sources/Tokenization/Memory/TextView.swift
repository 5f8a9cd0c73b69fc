// SPDX-License-Identifier: Apache-2.0

/// The bytes of a text as inner loops read them; valid while the text's storage is held.
@safe
struct TextView {
  let base: UnsafePointer<UInt8>
  let count: Int

  init(_ base: UnsafePointer<UInt8>, _ count: Int) {
    unsafe self.base = base
    self.count = count
  }

  /// Bytes as a text; valid as long as they are, and nil for none.
  init?(_ bytes: ByteSlices) {
    guard let start = unsafe bytes.start else { return nil }
    unsafe self.init(start.assumingMemoryBound(to: UInt8.self), bytes.count)
  }

  /// The byte at an offset; a debug build checks it.
  @inline(__always)
  subscript(offset: Int) -> UInt8 {
    assert(offset >= 0 && offset < count)
    return unsafe base[offset]
  }

  /// Eight bytes from an offset on, the first in the lowest bits.
  @inline(__always)
  func word(at offset: Int) -> UInt64 {
    assert(offset >= 0 && offset + 8 <= count)
    return unsafe UInt64(
      littleEndian: UnsafeRawPointer(base + offset).loadUnaligned(as: UInt64.self))
  }

  /// Up to eight bytes from an offset on, in the lowest bits.
  @inline(__always)
  func word(at offset: Int, length: Int) -> UInt64 {
    var (word, index): (UInt64, Int) = (0, 0)
    while index < length {
      word |= UInt64(self[offset &+ index]) &<< UInt64(truncatingIfNeeded: 8 &* index)
      index &+= 1
    }
    return word
  }

  /// The bytes as a span.
  func withSpan<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
    // SAFETY: the span does not leave the closure.
    body(unsafe UnsafeBufferPointer(start: base, count: count).span)
  }
}

extension Span<UInt8> {
  /// Gives the bytes for the length of the call; nothing happens for none.
  @inline(__always)
  func withText(_ body: (TextView) -> Void) {
    // SAFETY: the view does not leave the closure.
    unsafe withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      unsafe body(TextView(base, buffer.count))
    }
  }
}
