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
    var isSpelled = false
    output.append(addingCapacity: text.count + writingSlack) { span in
      // SAFETY: the buffer has room for as many bytes as letters, and the slack; of those written
      // the count tells.
      unsafe span.withUnsafeMutableBufferPointer { buffer, count in
        guard let base = buffer.baseAddress else { return }
        let end = unsafe write(bytesSpelledBy: 0..<text.count, of: text, values.view, to: base)
        isSpelled = end != nil
        count = end ?? 0
      }
    }
    return isSpelled
  }

  /// How many bytes behind the last one ``write(bytesSpelledBy:of:_:to:)`` may overwrite.
  static var writingSlack: Int { 8 }

  /// Writes the bytes that a spelling stands for, of which there are at most as many as letters, and
  /// anything into the slack behind them.
  ///
  /// - Parameters:
  ///   - range: Where the spelling stands.
  ///   - text: What it stands in.
  ///   - values: The view of ``values``.
  ///   - output: Where to.
  /// - Returns: How many bytes; nil where a letter is outside the alphabet.
  @unsafe
  static func write(
    bytesSpelledBy range: Range<Int>, of text: ByteSlices, _ values: ConstantTable<UInt16>.View,
    to output: UnsafeMutablePointer<UInt8>
  ) -> Int? {
    precondition(range.lowerBound >= 0 && range.upperBound <= text.count)
    var (place, count) = (range.lowerBound, 0)
    while place < range.upperBound {
      if place &+ 10 <= text.count {
        // Most spellings are a space, or none, and up to eight letters of visible ASCII, which stand
        // for themselves.
        let hasSpace = text.word(at: place) & 0xFFFF == space && place &+ 2 <= range.upperBound
        // SAFETY: at most as many bytes as letters were written before, and there is slack.
        unsafe output[count] = 0x20
        place &+= hasSpace ? 2 : 0
        count &+= hasSpace ? 1 : 0
        let word = text.word(at: place)
        unsafe UnsafeMutableRawPointer(output + count)
          .storeBytes(of: word.littleEndian, as: UInt64.self)
        let run = min(visibleCount(word), range.upperBound &- place)
        place &+= run
        count &+= run
        if place == range.upperBound { break }
      }
      let first = text[place]
      var letter = Int(first)
      place &+= 1
      if first >= 0x80 {
        // Every other letter of the alphabet has two bytes of UTF-8.
        guard first & 0xE0 == 0xC0, place < range.upperBound else { return nil }
        letter = Int(first & 0x1F) << 6 | Int(text[place] & 0x3F)
        place &+= 1
      }
      guard values[letter] != .max else { return nil }
      unsafe output[count] = UInt8(truncatingIfNeeded: values[letter])
      count &+= 1
    }
    return count
  }

  /// The UTF-8 of `Ġ`, a space, as a number.
  private static var space: UInt64 { 0xA0C4 }

  /// How many bytes, from the first on, are ASCII that can be seen, 0x21 to 0x7E.
  @inline(__always)
  private static func visibleCount(_ word: UInt64) -> Int {
    let ones: UInt64 = 0x0101_0101_0101_0101
    // The high bit of each byte that is not; borrows and carries change those after it only.
    let others = (word | (word &- 0x21 &* ones) | (word &+ ones)) & (0x80 &* ones)
    return others.trailingZeroBitCount &>> 3
  }
}
