// SPDX-License-Identifier: Apache-2.0

public import TextNormalization

/// Whole spellings in the byte alphabet; a space is `Ġ`, a newline `Ċ`.
extension ByteAlphabet {
  /// The byte of each letter below U+0144, or 0xFFFF.
  private static let bytes: [UInt16] = (0..<0x144).map { letter in
    byte(of: UInt32(letter)).map(UInt16.init) ?? .max
  }
  private static let values = ConstantTable(bytes)

  /// The UTF-8 of each byte's letter.
  private static let encoded: [[UInt8]] = (UInt8.min...UInt8.max).map { byte in
    var letter: [UInt8] = []
    UTF8Scalars.append(scalar(of: byte), to: &letter)
    return letter
  }

  /// The letters of these bytes, UTF-8.
  public static func spelling(of bytes: some Sequence<UInt8>) -> [UInt8] {
    var output: [UInt8] = []
    for byte in bytes { output += encoded[Int(byte)] }
    return output
  }

  /// The bytes that a spelling stands for, or nil where a letter is outside the alphabet.
  public static func bytes(spelledBy text: [UInt8]) -> [UInt8]? {
    var output: [UInt8] = []
    return append(bytesSpelledBy: text.span, to: &output) ? output : nil
  }

  /// The same for an array.
  static func append(bytesSpelledBy text: [UInt8], to output: inout [UInt8]) -> Bool {
    append(bytesSpelledBy: text.span, to: &output)
  }

  /// Appends the bytes that a spelling stands for; false, with nothing appended, where a letter is
  /// outside the alphabet.
  public static func append(bytesSpelledBy text: Span<UInt8>, to output: inout [UInt8]) -> Bool {
    let start = output.count
    var place = 0
    while place < text.count {
      let first = text[place]
      // Every letter of the alphabet has one or two bytes of UTF-8.
      var value = Int(first)
      if first >= 0x80 {
        guard first < 0xE0, place + 1 < text.count else { break }
        value = Int(first & 0x1F) << 6 | Int(text[place + 1] & 0x3F)
        place += 1
      }
      guard value < bytes.count, bytes[value] != .max else { break }
      output.append(UInt8(truncatingIfNeeded: bytes[value]))
      place += 1
      if place == text.count { return true }
    }
    if text.isEmpty { return true }
    output.removeLast(output.count - start)
    return false
  }

  /// Writes the bytes that a spelling stands for, of which there are at most as many as letters;
  /// gives where they end, or nil where a letter is outside the alphabet.
  static func write(
    bytesSpelledBy text: ByteSlices, to output: WorkBuffer<UInt8>.View, at start: Int
  ) -> Int? {
    let values = values.view
    var (place, end) = (0, start)
    while place < text.count {
      let first = text[place]
      var letter = Int(first)
      place += 1
      if first >= 0x80 {
        guard first < 0xE0, place < text.count else { return nil }
        letter = Int(first & 0x1F) << 6 | Int(text[place] & 0x3F)
        place += 1
      }
      guard letter < values.count, values[letter] != .max else { return nil }
      output[end] = UInt8(truncatingIfNeeded: values[letter])
      end += 1
    }
    return end
  }
}
