// SPDX-License-Identifier: Apache-2.0

/// Reads little-endian values one after the other and never past the end.
///
/// A read that does not fit returns nil and leaves the cursor where it was, so that the caller can
/// say at which offset what was missing.
@safe
public struct ByteCursor {
  private let bytes: UnsafeRawBufferPointer
  /// Bytes read so far.
  public private(set) var offset = 0

  /// Starts at the first byte.
  ///
  /// The buffer must outlive the cursor.
  public init(_ bytes: UnsafeRawBufferPointer) {
    unsafe self.bytes = bytes
  }

  /// Bytes not read yet.
  public var remaining: Int { unsafe bytes.count - offset }

  /// The next fixed-width integer.
  public mutating func integer<Value: FixedWidthInteger>(_ type: Value.Type = Value.self) -> Value?
  {
    let size = MemoryLayout<Value>.size
    guard remaining >= size else { return nil }
    defer { offset += size }
    // SAFETY: the guard holds `size` bytes at `offset`.
    return Value(littleEndian: unsafe bytes.loadUnaligned(fromByteOffset: offset, as: Value.self))
  }

  /// The next 32-bit float.
  public mutating func float() -> Float? {
    integer(UInt32.self).map(Float.init(bitPattern:))
  }

  /// The next 64-bit float.
  public mutating func double() -> Double? {
    integer(UInt64.self).map(Double.init(bitPattern:))
  }

  /// The range of the next `count` bytes, which are passed over.
  public mutating func take(_ count: Int) -> Range<Int>? {
    guard count >= 0, remaining >= count else { return nil }
    defer { offset += count }
    return offset..<offset + count
  }

  /// Moves to an absolute offset; false where that lies outside.
  public mutating func seek(to target: Int) -> Bool {
    guard target >= 0, unsafe target <= bytes.count else { return false }
    offset = target
    return true
  }

  /// The next unsigned LEB128 integer, as protocol buffers write it.
  public mutating func varint() -> UInt64? {
    var value: UInt64 = 0
    var cursor = self
    for shift in stride(from: 0, to: 64, by: 7) {
      guard let byte = cursor.integer(UInt8.self) else { return nil }
      guard shift < 63 || byte <= 1 else { return nil }
      value |= UInt64(byte & 0x7F) << UInt64(shift)
      if byte & 0x80 == 0 {
        self = cursor
        return value
      }
    }
    return nil
  }
}
