// SPDX-License-Identifier: Apache-2.0

extension NormalizedText {
  /// Lowercases scalar by scalar, without regard to context or language.
  public mutating func lowercase() {
    var first: Int?
    var offset = 0
    while offset < bytes.count {
      let (scalar, length) = UTF8Scalars.decode(bytes, at: offset)
      if ScalarCase.lowercase(scalar) != scalar {
        first = offset
        break
      }
      offset += length
    }
    guard let first else { return }
    if !bytes.contains(where: { $0 >= 0x80 }) {
      for index in first..<bytes.count {
        bytes[index] = UInt8(ScalarCase.lowercase(UInt32(bytes[index])))
      }
      return
    }
    var rewriter = TextRewriter(self)
    rewriter.copy(upTo: first)
    while !rewriter.isAtEnd {
      let scalar = rewriter.next().scalar
      rewriter.replace(with: ScalarCase.lowercase(scalar))
      if scalar == ScalarCase.dottedCapitalI { rewriter.insert(0x307) }
    }
    self = rewriter.finished()
  }

  /// Keeps the scalars for which the closure says so.
  public mutating func filter(_ keeps: (UInt32) -> Bool) {
    var rewriter: TextRewriter?
    var offset = 0
    while offset < bytes.count {
      let (scalar, length) = UTF8Scalars.decode(bytes, at: offset)
      if !keeps(scalar) {
        var writer = rewriter.take() ?? TextRewriter(self)
        writer.copy(upTo: offset)
        writer.remove()
        rewriter = writer
      }
      offset += length
    }
    guard var rewriter else { return }
    rewriter.copy(upTo: bytes.count)
    self = rewriter.finished()
  }

  /// Puts another scalar in place of each, or the same.
  public mutating func map(_ transform: (UInt32) -> UInt32) {
    var rewriter: TextRewriter?
    var offset = 0
    while offset < bytes.count {
      let (scalar, length) = UTF8Scalars.decode(bytes, at: offset)
      let other = transform(scalar)
      if other != scalar {
        var writer = rewriter.take() ?? TextRewriter(self)
        writer.copy(upTo: offset)
        writer.replace(with: other)
        rewriter = writer
      }
      offset += length
    }
    guard var rewriter else { return }
    rewriter.copy(upTo: bytes.count)
    self = rewriter.finished()
  }

  /// Removes White_Space from the ends.
  public mutating func strip(left: Bool, right: Bool) {
    var start = 0
    var end = bytes.count
    while left, start < end {
      let (scalar, length) = UTF8Scalars.decode(bytes, at: start)
      guard Self.whiteSpace.contains(scalar) else { break }
      start += length
    }
    while right, end > start {
      let previous = UTF8Scalars.start(before: end, in: bytes)
      guard Self.whiteSpace.contains(UTF8Scalars.decode(bytes, at: previous).scalar) else { break }
      end = previous
    }
    guard start > 0 || end < bytes.count else { return }
    var rewriter = TextRewriter(self)
    rewriter.remove(upTo: start)
    rewriter.copy(upTo: end)
    self = rewriter.finished()
  }

  /// Writes a text before this one, which gets the origin of the first character.
  ///
  /// An empty text stays empty, as with the reference.
  public mutating func prepend(_ text: [UInt8]) {
    guard !bytes.isEmpty, !text.isEmpty else { return }
    let first = UTF8Scalars.decode(bytes, at: 0)
    let scalars = Self.scalars(of: text)
    var rewriter = TextRewriter(self)
    rewriter.replace(with: scalars[0])
    for scalar in scalars.dropFirst() { rewriter.insert(scalar) }
    rewriter.insert(first.scalar)
    rewriter.copy(upTo: bytes.count)
    self = rewriter.finished()
  }

  /// Writes a text after this one, which gets the origin of the last character.
  public mutating func append(_ text: [UInt8]) {
    guard !text.isEmpty else { return }
    var rewriter = TextRewriter(self)
    rewriter.copy(upTo: bytes.count)
    rewriter.insert(text)
    self = rewriter.finished()
  }

  /// Replaces each occurrence of a text, from left to right.
  ///
  /// An empty text occurs before every character and at the end.
  public mutating func replace(_ literal: [UInt8], with content: [UInt8]) {
    guard let byte = literal.first else {
      return replace(Self.characterBoundaries(in: bytes), with: content)
    }
    if literal.count == 1, byte < 0x80 {
      self = replacing(byte: byte, with: content)
      return
    }
    var matches: [Range<Int>] = []
    var offset = 0
    while let found = bytes[offset...].firstIndex(of: byte), found + literal.count <= bytes.count {
      if literal.count == 1 || bytes[found..<(found + literal.count)].elementsEqual(literal) {
        matches.append(found..<(found + literal.count))
        offset = found + literal.count
      } else {
        offset = found + 1
      }
    }
    replace(matches, with: content)
  }

  /// Replaces each match of a pattern, taken from left to right.
  ///
  /// - Throws: ``ICURegexError`` where matching costs more than the limits allow.
  public mutating func replace(
    _ pattern: ICURegex, with content: [UInt8]
  ) throws(ICURegexError) {
    // The reference looks for nothing in an empty text.
    if bytes.isEmpty { return }
    replace(try pattern.matches(in: bytes), with: content)
  }

  /// Replaces ranges, which must be in order and apart; the content gets the origin of what stood
  /// last in its place.
  public mutating func replace(_ ranges: [Range<Int>], with content: [UInt8]) {
    guard !ranges.isEmpty else { return }
    var rewriter = TextRewriter(self)
    for range in ranges {
      rewriter.copy(upTo: range.lowerBound)
      rewriter.remove(upTo: range.upperBound)
      rewriter.insert(content)
    }
    rewriter.copy(upTo: bytes.count)
    self = rewriter.finished()
  }

  private static let whiteSpace = ScalarClass.whiteSpace.set

  static func scalars(of bytes: [UInt8]) -> [UInt32] {
    var result: [UInt32] = []
    var offset = 0
    while offset < bytes.count {
      let (scalar, length) = UTF8Scalars.decode(bytes, at: offset)
      result.append(scalar)
      offset += length
    }
    return result
  }

  private static func characterBoundaries(in bytes: [UInt8]) -> [Range<Int>] {
    var result: [Range<Int>] = []
    var offset = 0
    while offset < bytes.count {
      result.append(offset..<offset)
      offset += UTF8Scalars.decode(bytes, at: offset).length
    }
    // The reference looks for nothing in an empty text.
    if !bytes.isEmpty { result.append(offset..<offset) }
    return result
  }
}
