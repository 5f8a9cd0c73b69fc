// SPDX-License-Identifier: Apache-2.0

/// Writes a text anew from left to right, keeping where each byte came from.
struct TextRewriter {
  private let source: NormalizedText
  private var bytes: [UInt8] = []
  private var spans: [NormalizedText.Span] = []
  private let tracks: Bool
  /// How much of the source has been used.
  private(set) var offset = 0

  init(_ source: NormalizedText) {
    self.source = source
    tracks = source.tracksOriginal
    bytes.reserveCapacity(source.bytes.count + 16)
    if tracks { spans.reserveCapacity(source.bytes.count + 16) }
  }

  var isAtEnd: Bool { offset >= source.bytes.count }

  /// The scalar that stands next in the source, and its length.
  func next() -> (scalar: UInt32, length: Int) {
    UTF8Scalars.decode(source.bytes, at: offset)
  }

  /// Takes the source over up to an offset, unchanged.
  mutating func copy(upTo end: Int) {
    guard end > offset else { return }
    bytes.append(contentsOf: source.bytes[offset..<end])
    if tracks {
      if let known = source.spans {
        spans.append(contentsOf: known[offset..<end])
      } else {
        var next = offset
        while next < end {
          let isASCII = source.bytes[next] < 0x80
          let length = isASCII ? 1 : UTF8Scalars.decode(source.bytes, at: next).length
          let span = identity(next..<(next + length))
          for _ in 0..<min(length, end - next) { spans.append(span) }
          next += length
        }
      }
    }
    offset = end
  }

  /// Writes a scalar in place of the next one.
  mutating func replace(with scalar: UInt32) {
    let length = isAtEnd ? 0 : next().length
    write(scalar, origin(at: min(offset, source.bytes.count - 1)))
    offset += length
  }

  /// Writes a scalar that shares the origin of what was used last.
  mutating func insert(_ scalar: UInt32) {
    write(scalar, offset > 0 ? origin(at: offset - 1) : start)
  }

  /// Writes a text that shares the origin of what was used last.
  mutating func insert(_ text: [UInt8]) {
    bytes.append(contentsOf: text)
    if tracks {
      let span = offset > 0 ? origin(at: offset - 1) : start
      spans.append(contentsOf: repeatElement(span, count: text.count))
    }
  }

  /// Leaves out the next scalar.
  mutating func remove() {
    if !isAtEnd { offset += next().length }
  }

  /// Leaves out what is before an offset.
  mutating func remove(upTo end: Int) {
    offset = max(offset, end)
  }

  /// Leaves out what was not used, and gives the new text.
  func finished() -> NormalizedText {
    NormalizedText(
      bytes, originalStart: source.originalStart, tracksOriginal: tracks,
      spans: tracks ? spans : nil)
  }

  private var start: NormalizedText.Span { identity(0..<0) }

  private func identity(_ range: Range<Int>) -> NormalizedText.Span {
    NormalizedText.Span(
      start: UInt32(truncatingIfNeeded: range.lowerBound + source.originalStart),
      end: UInt32(truncatingIfNeeded: range.upperBound + source.originalStart))
  }

  private func origin(at index: Int) -> NormalizedText.Span {
    guard tracks else { return start }
    if let known = source.spans { return index < known.count ? known[index] : start }
    return identity(NormalizedText.character(at: index, in: source.bytes))
  }

  private mutating func write(_ scalar: UInt32, _ span: NormalizedText.Span) {
    let before = bytes.count
    UTF8Scalars.append(scalar, to: &bytes)
    if tracks {
      for _ in before..<bytes.count { spans.append(span) }
    }
  }
}
