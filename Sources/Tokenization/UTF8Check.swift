// SPDX-License-Identifier: Apache-2.0

import TextNormalization

/// Looks for bytes that are not UTF-8.
enum UTF8Check {
  static func firstInvalidByte(in text: Span<UInt8>) -> Int? {
    do {
      _ = try UTF8Span(validating: text)
      return nil
    } catch {
      return error.byteOffsets.lowerBound
    }
  }

  /// U+FFFD in the place of every byte that belongs to no scalar.
  static func replacingInvalidBytes(in text: Span<UInt8>)
    -> (text: [UInt8], origins: [AlignedText.Origin])
  {
    var output: [UInt8] = []
    var origins: [AlignedText.Origin] = []
    var place = 0
    while place < text.count {
      let (scalar, length) = PreTokenizedText.scalar(in: text, at: place)
      let origin = AlignedText.Origin(start: UInt32(place), end: UInt32(place + length))
      if scalar >= UTF8Scalars.malformed {
        output += [0xEF, 0xBF, 0xBD]
        for _ in 0..<3 { origins.append(origin) }
      } else {
        for index in place..<place + length {
          output.append(text[index])
          origins.append(origin)
        }
      }
      place += length
    }
    return (output, origins)
  }
}
