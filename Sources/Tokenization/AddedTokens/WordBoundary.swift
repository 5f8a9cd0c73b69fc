// SPDX-License-Identifier: Apache-2.0

/// White space and word characters beside a place in a text.
enum WordBoundary {
  /// Whether no word character stands directly before or after a range.
  static func isAround(_ range: Range<Int>, in text: Span<UInt8>) -> Bool {
    let word = ScalarTests.word
    if range.upperBound < text.count,
      word.contains(PreTokenizedText.scalar(in: text, at: range.upperBound).scalar)
    {
      return false
    }
    guard let before = scalarStart(before: range.lowerBound, in: text) else { return true }
    return !word.contains(PreTokenizedText.scalar(in: text, at: before).scalar)
  }

  /// Where the run of white space that ends at `place` starts.
  static func whitespaceStart(before place: Int, in text: Span<UInt8>) -> Int {
    var start = place
    while let before = scalarStart(before: start, in: text),
      ScalarTests.whitespace.contains(PreTokenizedText.scalar(in: text, at: before).scalar)
    {
      start = before
    }
    return start
  }

  /// Where the run of white space that starts at `place` ends.
  static func whitespaceEnd(after place: Int, in text: Span<UInt8>) -> Int {
    var end = place
    while end < text.count {
      let (scalar, length) = PreTokenizedText.scalar(in: text, at: end)
      guard ScalarTests.whitespace.contains(scalar) else { break }
      end += length
    }
    return end
  }

  private static func scalarStart(before place: Int, in text: Span<UInt8>) -> Int? {
    guard place > 0 else { return nil }
    var start = place - 1
    while start > 0, place - start < 4, text[start] & 0xC0 == 0x80 { start -= 1 }
    return start
  }
}
