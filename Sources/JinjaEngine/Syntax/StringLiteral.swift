// SPDX-License-Identifier: Apache-2.0

/// The escapes of a string literal, as Python's `unicode-escape` reads them.
enum StringLiteral {
  /// Decodes what stands between the quotes.
  ///
  /// Jinja turns other scalars than ASCII into escapes before it decodes, so a backslash before
  /// one of them escapes the backslash of that escape and its digits show.
  static func decode(_ bytes: ArraySlice<UInt8>) throws(Failure) -> [UInt8] {
    guard bytes.contains(UInt8(ascii: "\\")) else { return Array(bytes) }
    let bytes = Array(bytes)
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      guard bytes[index] == UInt8(ascii: "\\") else {
        output.append(bytes[index])
        index += 1
        continue
      }
      index += 1
      guard index < bytes.count else { throw Failure("\\ at end of string") }
      try decodeEscape(bytes, &index, &output)
    }
    return output
  }

  struct Failure: Error {
    var message: String
    init(_ message: String) { self.message = message }
  }

  private static func decodeEscape(
    _ bytes: [UInt8], _ index: inout Int, _ output: inout [UInt8]
  ) throws(Failure) {
    let byte = bytes[index]
    index += 1
    switch byte {
    case 0x0A: break
    case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""): output.append(byte)
    case UInt8(ascii: "a"): output.append(0x07)
    case UInt8(ascii: "b"): output.append(0x08)
    case UInt8(ascii: "f"): output.append(0x0C)
    case UInt8(ascii: "n"): output.append(0x0A)
    case UInt8(ascii: "r"): output.append(0x0D)
    case UInt8(ascii: "t"): output.append(0x09)
    case UInt8(ascii: "v"): output.append(0x0B)
    case 0x30...0x37:
      var value = UInt32(byte - 0x30)
      for _ in 0..<2 where index < bytes.count && (0x30...0x37).contains(bytes[index]) {
        value = value * 8 + UInt32(bytes[index] - 0x30)
        index += 1
      }
      UTF8Scalars.appendCodePoint(value, to: &output)
    case UInt8(ascii: "x"): try decodeHexadecimal(2, "\\xXX", bytes, &index, &output)
    case UInt8(ascii: "u"): try decodeHexadecimal(4, "\\uXXXX", bytes, &index, &output)
    case UInt8(ascii: "U"): try decodeHexadecimal(8, "\\UXXXXXXXX", bytes, &index, &output)
    case UInt8(ascii: "N"): try decodeName(bytes, &index, &output)
    case 0x80...:
      let (scalar, length) = UTF8Scalars.decode(bytes, at: index - 1)
      index += length - 1
      output.append(UInt8(ascii: "\\"))
      let digits = String(scalar.value, radix: 16)
      let (letter, width) =
        scalar.value < 0x100 ? ("x", 2) : scalar.value < 0x10000 ? ("u", 4) : ("U", 8)
      let padding = String(repeating: "0", count: width - digits.utf8.count)
      output += (letter + padding + digits).utf8
    default: output += [UInt8(ascii: "\\"), byte]
    }
  }

  private static func decodeHexadecimal(
    _ count: Int, _ form: String, _ bytes: [UInt8], _ index: inout Int, _ output: inout [UInt8]
  ) throws(Failure) {
    var value: UInt32 = 0
    for _ in 0..<count {
      guard index < bytes.count, let digit = bytes[index].hexadecimalValue else {
        throw Failure("truncated \(form) escape")
      }
      value = value << 4 | UInt32(digit)
      index += 1
    }
    guard value <= 0x10FFFF else { throw Failure("illegal Unicode character") }
    UTF8Scalars.appendCodePoint(value, to: &output)
  }

  private static func decodeName(
    _ bytes: [UInt8], _ index: inout Int, _ output: inout [UInt8]
  ) throws(Failure) {
    guard index < bytes.count, bytes[index] == UInt8(ascii: "{"),
      let end = bytes[index...].firstIndex(of: UInt8(ascii: "}")), end > index + 1
    else { throw Failure("malformed \\N character escape") }
    let wanted = String(decoding: bytes[(index + 1)..<end], as: UTF8.self).uppercased()
    index = end + 1
    for value in UInt32(0)...0x1FFFF {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let properties = scalar.properties
      if properties.name == wanted || properties.nameAlias == wanted {
        UTF8Scalars.append(scalar, to: &output)
        return
      }
    }
    throw Failure("unknown Unicode character name")
  }
}
