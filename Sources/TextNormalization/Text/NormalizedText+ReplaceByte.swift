// SPDX-License-Identifier: Apache-2.0

extension NormalizedText {
  /// Replaces each occurrence of an ASCII byte, which the space of SentencePiece-style tokenizers
  /// is; the same as the general replacement, in one pass over the bytes.
  func replacing(byte: UInt8, with content: [UInt8]) -> NormalizedText {
    let source = bytes.span
    var occurrences = 0
    for index in source.indices where source[index] == byte { occurrences += 1 }
    guard occurrences > 0 else { return self }
    let count = bytes.count + occurrences * (content.count - 1)
    let replaced = [UInt8](capacity: count) { output in
      for index in source.indices {
        let next = source[index]
        if next == byte {
          for new in content { output.append(new) }
        } else {
          output.append(next)
        }
      }
    }
    return NormalizedText(
      replaced, originalStart: originalStart, tracksOriginal: tracksOriginal,
      spans: tracksOriginal ? replacedSpans(byte, content.count, count) : nil)
  }

  private func replacedSpans(_ byte: UInt8, _ contentCount: Int, _ count: Int) -> [Span] {
    let source = bytes.span
    guard let spans else {
      return [Span](capacity: count) { output in
        var index = 0
        while index < source.count {
          let length = source[index] < 0x80 ? 1 : UTF8Scalars.decode(source, at: index).length
          let span = Span(
            start: UInt32(truncatingIfNeeded: index + originalStart),
            end: UInt32(truncatingIfNeeded: index + length + originalStart))
          let copies = source[index] == byte ? contentCount : length
          for _ in 0..<copies { output.append(span) }
          index += length
        }
      }
    }
    return [Span](capacity: count) { output in
      for index in source.indices {
        let copies = source[index] == byte ? contentCount : 1
        for _ in 0..<copies { output.append(spans[index]) }
      }
    }
  }
}
