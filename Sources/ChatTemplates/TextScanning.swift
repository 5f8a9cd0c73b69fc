// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Finding and trimming in UTF-8, as Python does it on text.
enum TextScanning {
  /// The bytes without Python's white space at the chosen ends.
  static func trimmed(
    _ bytes: Span<UInt8>, _ range: Range<Int>, start: Bool = true, end: Bool = true
  ) -> Range<Int> {
    var lower = range.lowerBound
    var upper = range.upperBound
    while start, lower < upper, let width = spaceWidth(bytes, at: lower, limit: upper) {
      lower += width
    }
    while end, lower < upper, let width = spaceWidth(bytes, before: upper, limit: lower) {
      upper -= width
    }
    return lower..<upper
  }

  /// The bytes without line feeds at the chosen ends.
  static func withoutNewlines(
    _ bytes: Span<UInt8>, _ range: Range<Int>, start: Bool = true, end: Bool = true
  ) -> Range<Int> {
    var lower = range.lowerBound
    var upper = range.upperBound
    while start, lower < upper, bytes[lower] == 0x0A { lower += 1 }
    while end, lower < upper, bytes[upper - 1] == 0x0A { upper -= 1 }
    return lower..<upper
  }

  /// The bytes without spaces at the end.
  static func withoutSpaces(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
    var upper = range.upperBound
    while range.lowerBound < upper, bytes[upper - 1] == UInt8(ascii: " ") { upper -= 1 }
    return range.lowerBound..<upper
  }

  /// Where a text stands first, or last, within a range.
  static func find(
    _ needle: Span<UInt8>, in bytes: Span<UInt8>, _ range: Range<Int>, last: Bool = false
  ) -> Int? {
    guard needle.count > 0, range.count >= needle.count else {
      return needle.count == 0 ? (last ? range.upperBound : range.lowerBound) : nil
    }
    let final = range.upperBound - needle.count
    if !last { return first(needle, in: bytes, from: range.lowerBound, to: final) }
    var place = final
    while place >= range.lowerBound {
      if matches(needle, in: bytes, at: place) { return place }
      place -= 1
    }
    return nil
  }

  /// The first place in a range at which a text stands, found by its first byte.
  private static func first(
    _ needle: Span<UInt8>, in bytes: Span<UInt8>, from start: Int, to final: Int
  ) -> Int? {
    precondition(start >= 0 && final < bytes.count)
    let wanted = Int32(needle[0])
    var place = start
    while place <= final {
      // SAFETY: the bytes from `place` to `final` lie inside the span, which lives meanwhile.
      let hit = unsafe bytes.withUnsafeBufferPointer { buffer -> Int? in
        guard let base = buffer.baseAddress,
          let hit = unsafe memchr(base + place, wanted, final - place + 1)
        else { return nil }
        return unsafe UnsafeRawPointer(hit) - UnsafeRawPointer(base)
      }
      guard let hit else { return nil }
      if matches(needle, in: bytes, at: hit) { return hit }
      place = hit + 1
    }
    return nil
  }

  private static func matches(_ needle: Span<UInt8>, in bytes: Span<UInt8>, at place: Int)
    -> Bool
  {
    for offset in 0..<needle.count where bytes[place + offset] != needle[offset] { return false }
    return true
  }

  /// True where a text contains another.
  static func contains(_ text: String, _ part: String) -> Bool {
    let bytes = text.utf8Span.span
    return find(part.utf8Span.span, in: bytes, 0..<bytes.count) != nil
  }

  /// A text without all occurrences of some parts, which are taken away one after the other.
  static func removing(_ parts: [String], from text: String) -> String {
    parts.reduce(text) { removing($1, from: $0) }
  }

  /// A text without its blocks between two marks.
  ///
  /// What stands before a closing mark is kept up to its first opening mark; a block that is not
  /// closed is dropped to the end, a closing mark alone is dropped.
  static func withoutBlocks(from open: String, to close: String, in text: String) -> String {
    guard contains(text, open) || contains(text, close) else { return text }
    let bytes = text.utf8Span.span
    let (start, end) = (open.utf8Span.span, close.utf8Span.span)
    var kept: [UInt8] = []
    var place = 0
    while place <= bytes.count {
      let stop = find(end, in: bytes, place..<bytes.count) ?? bytes.count
      let cut = find(start, in: bytes, place..<stop) ?? stop
      for index in place..<cut { kept.append(bytes[index]) }
      place = stop == bytes.count ? stop + 1 : stop + end.count
    }
    return String(decoding: kept, as: UTF8.self)
  }

  private static func removing(_ part: String, from text: String) -> String {
    let bytes = text.utf8Span.span
    let needle = part.utf8Span.span
    var kept: [UInt8] = []
    var start = 0
    while needle.count > 0, let place = find(needle, in: bytes, start..<bytes.count) {
      for index in start..<place { kept.append(bytes[index]) }
      start = place + needle.count
    }
    for index in start..<bytes.count { kept.append(bytes[index]) }
    return String(decoding: kept, as: UTF8.self)
  }

  /// The bytes of one white-space scalar of Python's `str.strip` that starts at a place.
  private static func spaceWidth(_ bytes: Span<UInt8>, at place: Int, limit: Int) -> Int? {
    let byte = bytes[place]
    if byte < 0x80 { return isASCIISpace(byte) ? 1 : nil }
    if byte == 0xC2, place + 1 < limit {
      return bytes[place + 1] == 0x85 || bytes[place + 1] == 0xA0 ? 2 : nil
    }
    guard byte >= 0xE1, byte <= 0xE3, place + 2 < limit else { return nil }
    let scalar =
      UInt32(byte & 0xF) << 12 | UInt32(bytes[place + 1] & 0x3F) << 6
      | UInt32(bytes[place + 2] & 0x3F)
    return isWideSpace(scalar) ? 3 : nil
  }

  private static func spaceWidth(_ bytes: Span<UInt8>, before place: Int, limit: Int) -> Int? {
    let byte = bytes[place - 1]
    if byte < 0x80 { return isASCIISpace(byte) ? 1 : nil }
    var start = place - 1
    while start > limit, place - start < 3, bytes[start] & 0xC0 == 0x80 { start -= 1 }
    guard let width = spaceWidth(bytes, at: start, limit: place), start + width == place else {
      return nil
    }
    return width
  }

  private static func isASCIISpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0D).contains(byte) || (0x1C...0x1F).contains(byte)
  }

  private static func isWideSpace(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
    default: false
    }
  }
}
