// SPDX-License-Identifier: Apache-2.0

package import TextPrimitives

extension JSONScanner {
  /// Consumes a string.
  package mutating func readString() throws(JSONError) -> ExactString {
    var text: [UInt8] = []
    try readString(into: &text)
    return ExactString(String(decoding: text, as: UTF8.self))
  }

  /// Consumes a string and appends its UTF-8 bytes.
  package mutating func readString(
    into output: inout [UInt8], expected: String = "a string"
  ) throws(JSONError) {
    skipWhitespace()
    guard offset < count else { throw error(.unexpectedEnd(expected: expected)) }
    guard byte(at: offset) == UInt8(ascii: "\"") else { throw unexpected(expected) }
    offset += 1
    while true {
      let start = offset
      skipPlainBytes()
      unsafe output.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[start..<offset]))
      guard offset < count else { throw error(.unexpectedEnd(expected: "'\"'")) }
      switch byte(at: offset) {
      case UInt8(ascii: "\""):
        offset += 1
        return
      case UInt8(ascii: "\\"): try readEscape(into: &output)
      default: throw error(.controlCharacterInString)
      }
    }
  }

  /// Consumes a string and tells where in the text its bytes stand; one that has escapes is appended
  /// to `output` instead, and nil is the answer.
  package mutating func readStringPlace(
    orInto output: inout [UInt8], expected: String = "a string"
  ) throws(JSONError) -> Range<Int>? {
    skipWhitespace()
    if offset < count, byte(at: offset) == UInt8(ascii: "\"") {
      let start = offset
      offset += 1
      skipPlainBytes()
      if offset < count, byte(at: offset) == UInt8(ascii: "\"") {
        offset += 1
        return start + 1..<offset - 1
      }
      offset = start
    }
    try readString(into: &output, expected: expected)
    return nil
  }

  /// Moves to the next quote, backslash or control character, eight bytes at a time.
  private mutating func skipPlainBytes() {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let highs: UInt64 = 0x8080_8080_8080_8080
    while offset + 8 <= count {
      // SAFETY: the condition holds eight bytes at `offset`.
      let word = unsafe UnsafeRawPointer(bytes.baseAddress.unsafelyUnwrapped)
        .loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      // A byte of x that is zero sets the high bit of its place in (x - 1) & ~x, and so does a
      // byte below 0x20 in (x - 0x20) & ~x; the lowest such place is exact.
      let quote = word ^ (ones &* 0x22)
      let backslash = word ^ (ones &* 0x5C)
      let found =
        ((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash)
        | ((word &- ones &* 0x20) & ~word)
      let places = found & highs
      guard places == 0 else {
        offset += UInt64(littleEndian: places).trailingZeroBitCount / 8
        return
      }
      offset += 8
    }
    while offset < count {
      let value = byte(at: offset)
      if value == UInt8(ascii: "\"") || value == UInt8(ascii: "\\") || value < 0x20 { return }
      offset += 1
    }
  }

  private mutating func readEscape(into output: inout [UInt8]) throws(JSONError) {
    let start = offset
    guard offset + 1 < count else { throw error(.unexpectedEnd(expected: "an escape")) }
    let letter = byte(at: offset + 1)
    offset += 2
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): output.append(letter)
    case UInt8(ascii: "b"): output.append(0x08)
    case UInt8(ascii: "f"): output.append(0x0C)
    case UInt8(ascii: "n"): output.append(0x0A)
    case UInt8(ascii: "r"): output.append(0x0D)
    case UInt8(ascii: "t"): output.append(0x09)
    case UInt8(ascii: "u"):
      let scalar = try readScalar(escapeStart: start)
      output.append(contentsOf: String(scalar).utf8)
    default: throw error(.invalidEscape, at: start)
    }
  }

  private mutating func readScalar(escapeStart start: Int) throws(JSONError) -> Unicode.Scalar {
    let first = try readHex(escapeStart: start)
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard first < 0xDC00, offset + 1 < count, byte(at: offset) == UInt8(ascii: "\\"),
      byte(at: offset + 1) == UInt8(ascii: "u")
    else { throw error(.loneSurrogate, at: start) }
    offset += 2
    let second = try readHex(escapeStart: offset - 2)
    let value = 0x10000 + (first - 0xD800) << 10 + (second &- 0xDC00)
    guard 0xDC00...0xDFFF ~= second, let scalar = Unicode.Scalar(value) else {
      throw error(.loneSurrogate, at: start)
    }
    return scalar
  }

  private mutating func readHex(escapeStart start: Int) throws(JSONError) -> UInt32 {
    guard offset + 4 <= count else { throw error(.unexpectedEnd(expected: "four hex digits")) }
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = Unicode.Scalar(byte(at: offset)).hexDigitValue else {
        throw error(.invalidEscape, at: start)
      }
      value = value << 4 | digit
      offset += 1
    }
    return value
  }
}

extension Unicode.Scalar {
  fileprivate var hexDigitValue: UInt32? {
    switch value {
    case 0x30...0x39: value - 0x30
    case 0x41...0x46: value - 0x37
    case 0x61...0x66: value - 0x57
    default: nil
    }
  }
}
