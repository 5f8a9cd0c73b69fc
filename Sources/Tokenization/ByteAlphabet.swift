// SPDX-License-Identifier: Apache-2.0

public import TextNormalization

/// Whole spellings in the byte alphabet; a space is `Ġ`, a newline `Ċ`.
extension ByteAlphabet {
  /// The byte of each letter that has one or two bytes of UTF-8, or 0xFFFF; inner loops ask for its
  /// view once.
  static let values = ConstantTable<UInt16>(
    (0..<0x800).map { letter in byte(of: UInt32(letter)).map(UInt16.init) ?? .max })

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
    text.withUnsafeSlices { append(bytesSpelledBy: $0, to: &output) }
  }

  static func append(bytesSpelledBy text: ByteSlices, to output: inout [UInt8]) -> Bool {
    let (start, values) = (output.count, values.view)
    var place = 0
    while place < text.count {
      // Visible ASCII stands for itself.
      let run = place
      while place < text.count, text[place] &- 0x21 < 0x5E { place += 1 }
      if place > run { text.part(run..<place).append(to: &output) }
      guard place < text.count else { return true }
      // Every other letter of the alphabet has two bytes of UTF-8.
      let first = text[place]
      guard first & 0xE0 == 0xC0, place + 1 < text.count,
        case let value = values[Int(first & 0x1F) << 6 | Int(text[place + 1] & 0x3F)], value != .max
      else {
        output.removeLast(output.count - start)
        return false
      }
      output.append(UInt8(truncatingIfNeeded: value))
      place += 2
    }
    return true
  }

  /// Writes the bytes that a spelling stands for, of which there are at most as many as letters; nil
  /// where a letter is outside the alphabet.
  ///
  /// - Parameters:
  ///   - text: The spelling.
  ///   - values: The view of ``values``.
  ///   - output: Where to.
  ///   - start: The place of the first byte.
  /// - Returns: The place after the last byte.
  static func write(
    bytesSpelledBy text: ByteSlices, _ values: ConstantTable<UInt16>.View,
    to output: WorkBuffer<UInt8>.View, at start: Int
  ) -> Int? {
    var (place, end) = (0, start)
    while place < text.count {
      let first = text[place]
      var letter = Int(first)
      place += 1
      if first >= 0x80 {
        guard first & 0xE0 == 0xC0, place < text.count else { return nil }
        letter = Int(first & 0x1F) << 6 | Int(text[place] & 0x3F)
        place += 1
      }
      guard values[letter] != .max else { return nil }
      output[end] = UInt8(truncatingIfNeeded: values[letter])
      end += 1
    }
    return end
  }
}
