// SPDX-License-Identifier: Apache-2.0

/// Finds what ends an assistant's turn: `<|im_end|>`, `</s>`, `<end_of_turn>`.
enum TurnTerminator {
  /// The bytes of a token's name, between its brackets, at most.
  private static let longestName = 64

  /// The last text in angle brackets, as control tokens are written.
  ///
  /// - Returns: Its bytes, or nil where there is none.
  static func last(in bytes: [UInt8], _ range: Range<Int>) -> Range<Int>? {
    var end = range.upperBound
    while end > range.lowerBound {
      end -= 1
      guard bytes[end] == UInt8(ascii: ">") else { continue }
      if let start = opening(of: end, in: bytes, from: range.lowerBound) { return start..<end + 1 }
    }
    return nil
  }

  /// Whether a text closes a part of an answer, as `</tool_call>` does; `</s>` ends it.
  static func isClosing(_ text: ArraySlice<UInt8>) -> Bool {
    text.dropFirst().first == UInt8(ascii: "/") && !text.elementsEqual("</s>".utf8)
  }

  private static func opening(of end: Int, in bytes: [UInt8], from limit: Int) -> Int? {
    var place = end - 1
    while place >= max(limit, end - longestName) {
      switch bytes[place] {
      case UInt8(ascii: "<"): return place < end - 1 ? place : nil
      case UInt8(ascii: ">"), UInt8(ascii: " "), UInt8(ascii: "\n"): return nil
      default: place -= 1
      }
    }
    return nil
  }
}
