// SPDX-License-Identifier: Apache-2.0

/// Base64 as RFC 4648 §4 defines it: the standard alphabet, padded, nothing else.
public enum Base64 {
  private static let invalid: UInt8 = 0xFF

  private static let values: [UInt8] = {
    var table = [UInt8](repeating: invalid, count: 256)
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    for (value, letter) in alphabet.utf8.enumerated() { table[Int(letter)] = UInt8(value) }
    return table
  }()

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
