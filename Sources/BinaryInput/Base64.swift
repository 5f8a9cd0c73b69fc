// SPDX-License-Identifier: Apache-2.0

/// Base64 as RFC 4648 §4 defines it: the standard alphabet, padded, nothing else.
public enum Base64 {
  private static let invalid: UInt8 = 0xFF

  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  private static let values: [UInt8] = {
    var table = [UInt8](repeating: invalid, count: 256)
    for (value, letter) in alphabet.enumerated() { table[Int(letter)] = UInt8(value) }
    return table
  }()

  /// The text of bytes, with padding.
  public static func encode(_ bytes: [UInt8]) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      var bits: UInt32 = 0
      for byte in group { bits = bits << 8 | UInt32(byte) }
      bits <<= UInt32(8 * (3 - group.count))
      for letter in 0..<4 {
        let isPadding = letter > group.count
        let value = Int(bits >> UInt32(18 - 6 * letter) & 0x3F)
        output.append(isPadding ? UInt8(ascii: "=") : alphabet[value])
      }
    }
    return output
  }

  /// Appends the decoded bytes, or returns false where the text is no Base64.
  public static func decode(_ text: some Sequence<UInt8>, into output: inout [UInt8]) -> Bool {
    let padding = UInt8(ascii: "=")
    var group: UInt32 = 0
    var letters = 0
    var paddings = 0
    for letter in text {
      if letter == padding {
        paddings += 1
        continue
      }
      let value = values[Int(letter)]
      guard value != invalid, paddings == 0 else { return false }
      group = group << 6 | UInt32(value)
      letters += 1
      if letters == 4 {
        output.append(UInt8(truncatingIfNeeded: group >> 16))
        output.append(UInt8(truncatingIfNeeded: group >> 8))
        output.append(UInt8(truncatingIfNeeded: group))
        group = 0
        letters = 0
      }
    }
    switch (letters, paddings) {
    case (0, 0): return true
    case (2, 2) where group & 0xF == 0:
      output.append(UInt8(truncatingIfNeeded: group >> 4))
      return true
    case (3, 1) where group & 0x3 == 0:
      output.append(UInt8(truncatingIfNeeded: group >> 10))
      output.append(UInt8(truncatingIfNeeded: group >> 2))
      return true
    default: return false
    }
  }

  /// The decoded bytes, or nil where the text is no Base64.
  public static func decode(_ text: some Sequence<UInt8>) -> [UInt8]? {
    var output: [UInt8] = []
    return decode(text, into: &output) ? output : nil
  }
}
