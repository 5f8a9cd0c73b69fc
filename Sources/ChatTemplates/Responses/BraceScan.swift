// SPDX-License-Identifier: Apache-2.0

/// Follows values in braces to their end, without judging them.
///
/// What counts is where texts and brackets end; see ``BraceWriter`` for the form.
struct BraceScan: Sendable, Equatable {
  private var depth = 0
  /// Whether a quote has opened a text and none has closed it.
  private(set) var isInText = false
  /// Behind the last quote.
  private(set) var lastEnd = 0
  /// Whether the outermost bracket is closed.
  private(set) var isDone = false

  /// Takes the next byte that is no part of a quote.
  ///
  /// - Returns: Whether the values have come to their end.
  mutating func step(_ byte: UInt8) -> Bool {
    guard !isInText else { return false }
    switch byte {
    case 0x7B, 0x5B: depth += 1
    case 0x7D, 0x5D:
      depth -= 1
      isDone = depth <= 0
    default: break
    }
    return isDone
  }

  /// Takes a quote that ends before an offset of the input.
  mutating func takeQuote(endingAt offset: Int) {
    isInText.toggle()
    lastEnd = offset
  }
}
