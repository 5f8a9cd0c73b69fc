// SPDX-License-Identifier: Apache-2.0

import TextNormalization

/// Tells how much white space stands at the ends of tokens, for the offsets that leave it out.
struct TokenSpaces {
  let vocabulary: Vocabulary
  let added: AddedVocabulary
  /// The texts that were encoded, one or two.
  let texts: [[UInt8]]

  /// How many scalars of white space a token begins and ends with.
  ///
  /// Of an added token the text counts that it matched, which may have white space around it.
  func counts(_ id: TokenID, _ range: Range<Int>, inText text: Int) -> (start: Int, end: Int) {
    if added.token(id) != nil {
      let bytes = texts[text]
      return Self.counts(bytes.span.extracting(range))
    }
    return vocabulary.withBytes(of: id) { bytes in
      switch vocabulary.spelling {
      case .text: Self.counts(bytes)
      case .byteLevel: Self.spaceCounts(bytes)
      }
    } ?? (0, 0)
  }

  /// A byte-level token spells no other white space than the space, as `Ġ`.
  private static func spaceCounts(_ bytes: Span<UInt8>) -> (start: Int, end: Int) {
    var start = 0
    while start < bytes.count, bytes[start] == 0x20 { start += 1 }
    var end = 0
    while end < bytes.count, bytes[bytes.count - 1 - end] == 0x20 { end += 1 }
    return (start, end)
  }

  private static func counts(_ bytes: Span<UInt8>) -> (start: Int, end: Int) {
    let space = ByteAlphabet.scalar(of: 0x20)
    var start = 0
    var end = 0
    var isAtStart = true
    var place = 0
    while place < bytes.count {
      let (scalar, length) = PreTokenizedText.scalar(in: bytes, at: place)
      if scalar == space || ScalarTests.whitespace.contains(scalar) {
        if isAtStart { start += 1 }
        end += 1
      } else {
        isAtStart = false
        end = 0
      }
      place += length
    }
    return (start, end)
  }
}

extension Encoding {
  /// Takes the white space at the ends of tokens out of their offsets.
  ///
  /// As `process_offsets` does (huggingface/tokenizers 3ba8ad00, pre_tokenizers/byte_level.rs): the
  /// token tells how much, the scalars of the text are counted, and the one space before the first
  /// token stays where it may have been prepended.
  func trimmingOffsets(_ spaces: TokenSpaces, keepsPrefixSpace: Bool) -> Encoding {
    var result = self
    result.overflowing = overflowing.map {
      $0.trimmingOffsets(spaces, keepsPrefixSpace: keepsPrefixSpace)
    }
    for index in ids.indices {
      guard let sequence = sequenceIndices[index] else { continue }
      let range = offsets[index]
      var (start, end) = spaces.counts(ids[index], range, inText: sequence)
      let isFirst = index == 0 || range.lowerBound == 0
      if start == 1, isFirst, keepsPrefixSpace { start = 0 }
      guard start > 0 || end > 0 else { continue }
      let text = spaces.texts[sequence]
      result.offsets[index] = Self.shrunk(range, by: start, end, in: text.span)
    }
    return result
  }

  /// The range without so many scalars at its ends; a part of a scalar counts as the whole.
  private static func shrunk(
    _ range: Range<Int>, by first: Int, _ last: Int, in text: Span<UInt8>
  ) -> Range<Int> {
    var start = range.lowerBound
    var end = range.upperBound
    while start > 0, start < text.count, text[start] & 0xC0 == 0x80 { start -= 1 }
    while end < text.count, end > range.lowerBound, text[end] & 0xC0 == 0x80 { end += 1 }
    for _ in 0..<first where start < end {
      start += 1
      while start < end, text[start] & 0xC0 == 0x80 { start += 1 }
    }
    // The reference takes nothing where the text before the end is shorter than that.
    guard hasScalars(last, before: end, in: text) else { return start..<end }
    for _ in 0..<last where end > start {
      end -= 1
      while end > start, text[end] & 0xC0 == 0x80 { end -= 1 }
    }
    return start..<end
  }

  private static func hasScalars(_ count: Int, before end: Int, in text: Span<UInt8>) -> Bool {
    var left = count
    var place = end
    while left > 0, place > 0 {
      place -= 1
      if text[place] & 0xC0 != 0x80 { left -= 1 }
    }
    return left == 0
  }
}
