// SPDX-License-Identifier: Apache-2.0

import TextNormalization

/// Looks for bytes that are not UTF-8.
enum UTF8Check {
  /// The first byte that belongs to no scalar; nil where all do.
  static func firstInvalidByte(in text: Span<UInt8>) -> Int? {
    var invalid: Int?
    text.withText { view in
      var place = 0
      while place < view.count {
        let known = wellFormedCount(view, place)
        place &+= known
        if known > 0 { continue }
        let (scalar, length) = UTF8Scalars.decode(text, at: place)
        if scalar >= UTF8Scalars.malformed {
          invalid = place
          return
        }
        place &+= length
      }
    }
    return invalid
  }

  /// How many bytes from a place on are of scalars that can be told together to be well formed: 32 or
  /// fewer of ASCII, or one or two scalars of three bytes; 0 where there is nothing of that kind.
  @inline(__always)
  private static func wellFormedCount(_ text: TextView, _ place: Int) -> Int {
    let highBits: UInt64 = 0x8080_8080_8080_8080
    guard place &+ 8 <= text.count else { return 0 }
    let word = text.word(at: place)
    let high = word & highBits
    if high == 0 {
      guard place &+ 32 <= text.count else { return 8 }
      let rest = text.word(at: place &+ 8) | text.word(at: place &+ 16) | text.word(at: place &+ 24)
      return rest & highBits == 0 ? 32 : 8
    }
    // Of what starts with 0xE0 and 0xED not all is well formed.
    let leads: UInt64 = 0b1101_1111_1111_1110
    if word & 0xC0_C0F0 == 0x80_80E0, leads &>> (word & 0xF) & 1 != 0 {
      let next = word &>> 24
      return next & 0xC0_C0F0 == 0x80_80E0 && leads &>> (next & 0xF) & 1 != 0 ? 6 : 3
    }
    return high.trailingZeroBitCount &>> 3
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
