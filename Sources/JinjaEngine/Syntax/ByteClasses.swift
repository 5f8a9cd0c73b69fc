// SPDX-License-Identifier: Apache-2.0

extension UInt8 {
  var isASCIIDigit: Bool { self &- 0x30 < 10 }

  var isASCIILetter: Bool { (self | 0x20) &- 0x61 < 26 }

  /// Letters, digits and the underscore.
  var isASCIIWord: Bool { isASCIILetter || isASCIIDigit || self == 0x5F }

  var hexadecimalValue: UInt8? {
    if isASCIIDigit { return self &- 0x30 }
    let letter = (self | 0x20) &- 0x61
    return letter < 6 ? letter &+ 10 : nil
  }
}

/// What `str.isspace`, `str.strip` and `\s` of Python's `re` call whitespace.
enum PythonWhitespace {
  /// For ASCII: blanks, line ends and the four separators 0x1C…0x1F.
  static func contains(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte &- 0x09 < 5 || byte &- 0x1C < 4
  }

  static func contains(_ scalar: UInt32) -> Bool {
    if scalar < 0x80 { return contains(UInt8(scalar)) }
    switch scalar {
    case 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: return true
    default: return false
    }
  }

  /// Where text ends without the whitespace at its end.
  static func strippedEnd<Bytes: RandomAccessCollection<UInt8>>(
    of bytes: Bytes, from start: Int, to end: Int
  ) -> Int where Bytes.Index == Int {
    var end = end
    while end > start {
      let last = bytes[end - 1]
      if last < 0x80 {
        guard contains(last) else { break }
        end -= 1
      } else {
        let begin = UTF8Scalars.start(bytes, of: end - 1, notBefore: start)
        guard contains(UTF8Scalars.decode(bytes, at: begin).scalar.value) else { break }
        end = begin
      }
    }
    return end
  }

  /// Where text starts without the whitespace at its start.
  static func strippedStart<Bytes: RandomAccessCollection<UInt8>>(
    of bytes: Bytes, from start: Int, to end: Int
  ) -> Int where Bytes.Index == Int {
    var start = start
    while start < end {
      let first = bytes[start]
      if first < 0x80 {
        guard contains(first) else { break }
        start += 1
      } else {
        let (scalar, length) = UTF8Scalars.decode(bytes, at: start)
        guard contains(scalar.value) else { break }
        start += length
      }
    }
    return start
  }
}

/// Scalars in UTF-8 bytes.
///
/// Bytes that are no UTF-8 read as U+FFFD, one by one.
enum UTF8Scalars {
  static func length(_ lead: UInt8) -> Int {
    lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
  }

  static func decode<Bytes: RandomAccessCollection<UInt8>>(_ bytes: Bytes, at index: Int) -> (
    scalar: Unicode.Scalar, length: Int
  ) where Bytes.Index == Int {
    let lead = UInt32(bytes[index])
    if lead < 0x80 { return (Unicode.Scalar(UInt8(lead)), 1) }
    let length = length(UInt8(lead))
    guard lead >= 0xC0, index + length <= bytes.count else { return ("\u{FFFD}", 1) }
    var value = lead & (0x7F >> UInt32(length))
    for offset in 1..<length { value = value << 6 | UInt32(bytes[index + offset] & 0x3F) }
    return (Unicode.Scalar(value) ?? "\u{FFFD}", length)
  }

  /// The first byte of the scalar that a byte belongs to.
  static func start<Bytes: RandomAccessCollection<UInt8>>(
    _ bytes: Bytes, of index: Int, notBefore limit: Int
  ) -> Int where Bytes.Index == Int {
    var index = index
    while index > limit, bytes[index] & 0xC0 == 0x80 { index -= 1 }
    return index
  }

  static func append(_ scalar: Unicode.Scalar, to bytes: inout [UInt8]) {
    appendCodePoint(scalar.value, to: &bytes)
  }

  /// Writes any code point, a lone surrogate too: Python's strings can hold those.
  static func appendCodePoint(_ value: UInt32, to bytes: inout [UInt8]) {
    if value < 0x80 {
      bytes.append(UInt8(value))
    } else if value < 0x800 {
      bytes.append(UInt8(0xC0 | value >> 6))
      bytes.append(UInt8(0x80 | value & 0x3F))
    } else if value < 0x10000 {
      bytes.append(UInt8(0xE0 | value >> 12))
      bytes.append(UInt8(0x80 | value >> 6 & 0x3F))
      bytes.append(UInt8(0x80 | value & 0x3F))
    } else {
      bytes.append(UInt8(0xF0 | value >> 18))
      bytes.append(UInt8(0x80 | value >> 12 & 0x3F))
      bytes.append(UInt8(0x80 | value >> 6 & 0x3F))
      bytes.append(UInt8(0x80 | value & 0x3F))
    }
  }
}
