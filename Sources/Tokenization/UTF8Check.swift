// SPDX-License-Identifier: Apache-2.0

import TextNormalization

/// Looks for bytes that are not UTF-8.
enum UTF8Check {
  /// The first byte that belongs to no scalar; nil where all do.
  static func firstInvalidByte(in text: Span<UInt8>) -> Int? {
    var invalid: Int?
    text.withText { view in
      let highBits: UInt64 = 0x8080_8080_8080_8080
      var place = 0
      while place < view.count {
        if place &+ 32 <= view.count,
          (view.word(at: place) | view.word(at: place &+ 8) | view.word(at: place &+ 16)
            | view.word(at: place &+ 24)) & highBits == 0
        {
          place &+= 32
          continue
        }
        // A window that is not all ASCII is read scalar by scalar, or two of three bytes at once.
        let end = min(place &+ 32, view.count)
        while place < end {
          if place &+ 8 <= view.count, isPair(view.word(at: place)) {
            place &+= 6
            continue
          }
          let (scalar, length) = UTF8Scalars.decode(text, at: place)
          if scalar >= UTF8Scalars.malformed {
            invalid = place
            return
          }
          place &+= length
        }
      }
    }
    return invalid
  }

  /// Whether eight bytes start with two scalars of three bytes whose first byte tells that they are well
  /// formed, as those of 0xE0 and 0xED do not.
  @inline(__always)
  private static func isPair(_ word: UInt64) -> Bool {
    guard word & 0xC0C0_F0C0_C0F0 == 0x8080_E080_80E0 else { return false }
    let leads: UInt64 = 0b1101_1111_1111_1110
    return leads &>> (word & 0xF) & leads &>> (word &>> 24 & 0xF) & 1 != 0
  }

  /// U+FFFD in the place of every byte that belongs to no scalar, and where each byte came from, if
  /// asked for.
  static func replacingInvalidBytes(in text: Span<UInt8>, tracksOrigins: Bool)
    -> (text: [UInt8], origins: [AlignedText.Origin]?)
  {
    var output: [UInt8] = []
    var origins: [AlignedText.Origin] = []
    output.reserveCapacity(text.count)
    var place = 0
    while place < text.count {
      let (scalar, length) = PreTokenizedText.scalar(in: text, at: place)
      let origin = AlignedText.Origin(start: UInt32(place), end: UInt32(place + length))
      if scalar >= UTF8Scalars.malformed {
        output.append(0xEF)
        output.append(0xBF)
        output.append(0xBD)
      } else {
        for index in place..<place + length { output.append(text[index]) }
      }
      if tracksOrigins { while origins.count < output.count { origins.append(origin) } }
      place += length
    }
    return (output, tracksOrigins ? origins : nil)
  }
}
