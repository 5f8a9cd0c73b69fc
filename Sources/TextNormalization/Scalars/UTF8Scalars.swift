// SPDX-License-Identifier: Apache-2.0

/// Unicode scalars as numbers, read from bytes that need not be UTF-8.
///
/// A byte that belongs to no well-formed sequence reads as a scalar of its own, `malformed + byte`,
/// which no class holds and which writes back as that byte. Nothing is lost and nothing traps.
public enum UTF8Scalars {
  /// What a malformed byte's value is added to; greater than any scalar.
  public static let malformed: UInt32 = 0x11_0000

  /// Reads the scalar that starts at an offset within the bytes.
  ///
  /// - Returns: The scalar, or ``malformed`` plus the byte, and its length in bytes.
  @inlinable public static func decode(
    _ bytes: [UInt8], at offset: Int
  ) -> (scalar: UInt32, length: Int) {
    let first = bytes[offset]
    if first < 0x80 { return (UInt32(first), 1) }
    return decodeMultibyte(bytes.span, at: offset, first: first)
  }

  /// Reads the scalar that starts at an offset within the bytes.
  ///
  /// - Returns: The scalar, or ``malformed`` plus the byte, and its length in bytes.
  @inlinable public static func decode(
    _ bytes: Span<UInt8>, at offset: Int
  ) -> (scalar: UInt32, length: Int) {
    let first = bytes[offset]
    if first < 0x80 { return (UInt32(first), 1) }
    return decodeMultibyte(bytes, at: offset, first: first)
  }

  @inlinable @inline(__always) static func decodeMultibyte(
    _ bytes: Span<UInt8>, at offset: Int, first: UInt8
  ) -> (scalar: UInt32, length: Int) {
    let remaining = bytes.count - offset
    if remaining > 3 {
      // SAFETY: four bytes are there.
      let word = UInt32(
        littleEndian: unsafe bytes.bytes.unsafeLoadUnaligned(
          fromUncheckedByteOffset: offset, as: UInt32.self))
      // The most usual length beyond ASCII.
      if word & 0xC0_C0F0 == 0x80_80E0 {
        let scalar = (word & 0x0F) &<< 12 | (word &>> 8 & 0x3F) &<< 6 | word &>> 16 & 0x3F
        if scalar >= 0x800, scalar & 0xF800 != 0xD800 { return (scalar, 3) }
      }
    }
    let second = remaining > 1 ? UInt32(bytes[offset + 1]) ^ 0x80 : 0xFF
    guard second < 0x40 else { return (malformed + UInt32(first), 1) }
    switch first {
    case 0xC2...0xDF:
      return (UInt32(first & 0x1F) << 6 | second, 2)
    case 0xE0...0xEF:
      let third = remaining > 2 ? UInt32(bytes[offset + 2]) ^ 0x80 : 0xFF
      let scalar = UInt32(first & 0x0F) << 12 | second << 6 | third
      guard third < 0x40, scalar >= 0x800, scalar & 0xF800 != 0xD800 else { break }
      return (scalar, 3)
    case 0xF0...0xF4:
      let third = remaining > 2 ? UInt32(bytes[offset + 2]) ^ 0x80 : 0xFF
      let fourth = remaining > 3 ? UInt32(bytes[offset + 3]) ^ 0x80 : 0xFF
      guard third < 0x40, fourth < 0x40 else { break }
      let scalar = UInt32(first & 0x07) << 18 | second << 12 | third << 6 | fourth
      guard scalar >= 0x1_0000, scalar < malformed else { break }
      return (scalar, 4)
    default: break
    }
    return (malformed + UInt32(first), 1)
  }

  /// The offset at which the scalar before an offset starts; the offset must be greater than 0.
  public static func start(before offset: Int, in bytes: [UInt8]) -> Int {
    for length in 1...4 where offset >= length {
      if decode(bytes, at: offset - length).length == length, length > 1 || bytes[offset - 1] < 0x80
      {
        return offset - length
      }
    }
    return offset - 1
  }

  /// Appends a scalar as UTF-8, or a malformed byte as itself.
  @inlinable public static func append(_ scalar: UInt32, to bytes: inout [UInt8]) {
    switch scalar {
    case 0..<0x80:
      bytes.append(UInt8(truncatingIfNeeded: scalar))
    case 0x80..<0x800:
      bytes.append(UInt8(truncatingIfNeeded: scalar >> 6 | 0xC0))
      bytes.append(UInt8(truncatingIfNeeded: scalar & 0x3F | 0x80))
    case 0x800..<0x1_0000:
      bytes.append(UInt8(truncatingIfNeeded: scalar >> 12 | 0xE0))
      bytes.append(UInt8(truncatingIfNeeded: scalar >> 6 & 0x3F | 0x80))
      bytes.append(UInt8(truncatingIfNeeded: scalar & 0x3F | 0x80))
    case 0x1_0000..<malformed:
      bytes.append(UInt8(truncatingIfNeeded: scalar >> 18 | 0xF0))
      bytes.append(UInt8(truncatingIfNeeded: scalar >> 12 & 0x3F | 0x80))
      bytes.append(UInt8(truncatingIfNeeded: scalar >> 6 & 0x3F | 0x80))
      bytes.append(UInt8(truncatingIfNeeded: scalar & 0x3F | 0x80))
    default:
      bytes.append(UInt8(truncatingIfNeeded: scalar))
    }
  }
}
