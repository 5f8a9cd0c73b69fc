// SPDX-License-Identifier: Apache-2.0

/// Python's string methods on texts, origins kept.
enum TextMethods {
  // MARK: Case

  /// Rewrites scalar by scalar; each result belongs to the author of its scalar.
  static func mapScalars(
    _ text: Text,
    _ transform: (_ scalars: [Unicode.Scalar], _ place: Int) -> String.UnicodeScalarView
  ) -> Text {
    let scalars = text.scalars
    var builder = TextBuilder()
    var place = 0
    text.forEachPiece { from, to, piece in
      var bytes: [UInt8] = []
      var offset = from
      while offset < to, place < scalars.count {
        offset += UTF8Scalars.length(text.storage.bytes[offset])
        for scalar in transform(scalars, place) { UTF8Scalars.append(scalar, to: &bytes) }
        place += 1
      }
      builder.append(bytes, origin: piece.origin, generation: piece.generation)
    }
    return builder.text
  }

  private static func mapASCII(_ text: Text, _ transform: (UInt8) -> UInt8) -> Text {
    var builder = TextBuilder()
    text.forEachPiece { from, to, piece in
      builder.append(
        text.storage.bytes[from..<to].map(transform), origin: piece.origin,
        generation: piece.generation)
    }
    return builder.text
  }

  static func lower(_ text: Text) -> Text {
    if text.isASCII { return mapASCII(text, PythonUnicode.lowerASCII) }
    return mapScalars(text) { PythonUnicode.lower($0, at: $1) }
  }

  static func upper(_ text: Text) -> Text {
    if text.isASCII { return mapASCII(text, PythonUnicode.upperASCII) }
    return mapScalars(text) { PythonUnicode.upper($0[$1]) }
  }

  static func capitalize(_ text: Text) -> Text {
    mapScalars(text) { $1 == 0 ? PythonUnicode.title($0[0]) : PythonUnicode.lower($0, at: $1) }
  }

  static func swapcase(_ text: Text) -> Text {
    mapScalars(text) { scalars, place in
      let scalar = scalars[place]
      if PythonUnicode.isUppercase(scalar) { return PythonUnicode.lower(scalars, at: place) }
      if PythonUnicode.isLowercase(scalar) { return PythonUnicode.upper(scalar) }
      return String(scalar).unicodeScalars
    }
  }

  /// `str.title`: what follows a cased scalar is lower case.
  static func title(_ text: Text) -> Text {
    mapScalars(text) { scalars, place in
      let followsCased = place > 0 && scalars[place - 1].properties.isCased
      return followsCased
        ? PythonUnicode.lower(scalars, at: place) : PythonUnicode.title(scalars[place])
    }
  }

  static func casefold(_ text: Text) -> Text {
    if text.isASCII { return mapASCII(text, PythonUnicode.lowerASCII) }
    return mapScalars(text) { scalars, place in
      let scalar = scalars[place]
      switch scalar.value {
      case 0xDF: return "ss".unicodeScalars
      case 0x1E9E: return "ss".unicodeScalars
      case 0x3C2: return "\u{3C3}".unicodeScalars
      case 0x17F: return "s".unicodeScalars
      case 0xB5: return "\u{3BC}".unicodeScalars
      case 0xFB00...0xFB06:
        let expansions = ["ff", "fi", "fl", "ffi", "ffl", "st", "st"]
        return expansions[Int(scalar.value - 0xFB00)].unicodeScalars
      case 0x3A3: return "\u{3C3}".unicodeScalars
      default: return scalar.properties.lowercaseMapping.unicodeScalars
      }
    }
  }

  // MARK: Tests

  static func isLower(_ text: Text) -> Bool {
    var hasCased = false
    for scalar in text.scalars {
      if PythonUnicode.isUppercase(scalar) || PythonUnicode.isTitlecase(scalar) { return false }
      if PythonUnicode.isLowercase(scalar) { hasCased = true }
    }
    return hasCased
  }

  static func isUpper(_ text: Text) -> Bool {
    var hasCased = false
    for scalar in text.scalars {
      if PythonUnicode.isLowercase(scalar) || PythonUnicode.isTitlecase(scalar) { return false }
      if PythonUnicode.isUppercase(scalar) { hasCased = true }
    }
    return hasCased
  }

  static func isTitle(_ text: Text) -> Bool {
    var hasCased = false
    var followsCased = false
    for scalar in text.scalars {
      if PythonUnicode.isUppercase(scalar) || PythonUnicode.isTitlecase(scalar) {
        if followsCased { return false }
        followsCased = true
        hasCased = true
      } else if PythonUnicode.isLowercase(scalar) {
        if !followsCased { return false }
        hasCased = true
      } else {
        followsCased = false
      }
    }
    return hasCased
  }

  static func all(_ text: Text, _ isWanted: (Unicode.Scalar) -> Bool) -> Bool {
    !text.isEmpty && text.scalars.allSatisfy(isWanted)
  }

  // MARK: Stripping

  /// Strips whitespace, or the scalars of a set.
  static func strip(_ text: Text, _ characters: Text?, left: Bool, right: Bool) -> Text {
    var start = Int(text.start)
    var end = Int(text.end)
    let bytes = text.storage.bytes
    guard let characters else {
      if left { start = PythonWhitespace.strippedStart(of: bytes, from: start, to: end) }
      if right { end = PythonWhitespace.strippedEnd(of: bytes, from: start, to: end) }
      return Text(text.storage, start, end)
    }
    let set = Set(characters.scalars)
    if left {
      while start < end {
        let (scalar, length) = UTF8Scalars.decode(bytes, at: start)
        guard set.contains(scalar) else { break }
        start += length
      }
    }
    if right {
      while end > start {
        let begin = UTF8Scalars.start(bytes, of: end - 1, notBefore: start)
        guard set.contains(UTF8Scalars.decode(bytes, at: begin).scalar) else { break }
        end = begin
      }
    }
    return Text(text.storage, start, end)
  }

  // MARK: Splitting

  static func split(_ text: Text, by separator: Text, limit: Int = -1) -> [Text] {
    var parts: [Text] = []
    var start = 0
    while limit < 0 || parts.count < limit, let place = text.find(separator, from: start) {
      parts.append(text.slice(start, place))
      start = place + separator.byteCount
    }
    parts.append(text.slice(start, text.byteCount))
    return parts
  }

  static func splitFromRight(_ text: Text, by separator: Text, limit: Int) -> [Text] {
    if limit < 0 { return split(text, by: separator) }
    var parts: [Text] = []
    var end = text.byteCount
    while parts.count < limit, let place = text.findLast(separator, before: end) {
      parts.append(text.slice(place + separator.byteCount, end))
      end = place
    }
    parts.append(text.slice(0, end))
    return parts.reversed()
  }

  /// Splits at runs of whitespace.
  static func splitAtWhitespace(_ text: Text, limit: Int = -1) -> [Text] {
    var parts: [Text] = []
    var rest = strip(text, nil, left: true, right: false)
    while !rest.isEmpty {
      if limit >= 0, parts.count == limit {
        parts.append(rest)
        return parts
      }
      var end = 0
      while end < rest.byteCount {
        let (scalar, length) = UTF8Scalars.decode(
          rest.storage.bytes, at: Int(rest.start) + end)
        if PythonWhitespace.contains(scalar.value) { break }
        end += length
      }
      parts.append(rest.slice(0, end))
      rest = strip(rest.slice(end, rest.byteCount), nil, left: true, right: false)
    }
    return parts
  }

  static func splitAtWhitespaceFromRight(_ text: Text, limit: Int) -> [Text] {
    if limit < 0 { return splitAtWhitespace(text) }
    var parts: [Text] = []
    var rest = strip(text, nil, left: false, right: true)
    while !rest.isEmpty {
      if parts.count == limit {
        parts.append(rest)
        break
      }
      var start = rest.byteCount
      while start > 0 {
        let begin = UTF8Scalars.start(
          rest.storage.bytes, of: Int(rest.start) + start - 1, notBefore: Int(rest.start))
        let scalar = UTF8Scalars.decode(rest.storage.bytes, at: begin).scalar
        if PythonWhitespace.contains(scalar.value) { break }
        start = begin - Int(rest.start)
      }
      parts.append(rest.slice(start, rest.byteCount))
      rest = strip(rest.slice(0, start), nil, left: false, right: true)
    }
    return parts.reversed()
  }

  static func splitLines(_ text: Text, keepingEnds: Bool = false) -> [Text] {
    var lines: [Text] = []
    var start = 0
    var offset = 0
    while offset < text.byteCount {
      let (scalar, length) = UTF8Scalars.decode(text.storage.bytes, at: Int(text.start) + offset)
      switch scalar.value {
      case 0x0A, 0x0B, 0x0C, 0x0D, 0x1C, 0x1D, 0x1E, 0x85, 0x2028, 0x2029:
        var end = offset + length
        if scalar.value == 0x0D, end < text.byteCount,
          text.storage.bytes[Int(text.start) + end] == 0x0A
        {
          end += 1
        }
        lines.append(text.slice(start, keepingEnds ? end : offset))
        start = end
        offset = end
      default: offset += length
      }
    }
    if start < text.byteCount { lines.append(text.slice(start, text.byteCount)) }
    return lines
  }

  // MARK: Building

  static func replace(_ text: Text, _ old: Text, _ new: Text, limit: Int) -> Text {
    var builder = TextBuilder()
    var count = 0
    if old.isEmpty {
      var offset = 0
      while limit < 0 || count < limit {
        builder.append(new)
        count += 1
        guard offset < text.byteCount else { return builder.text }
        let length = UTF8Scalars.length(text.storage.bytes[Int(text.start) + offset])
        builder.append(text.slice(offset, min(offset + length, text.byteCount)))
        offset += length
      }
      builder.append(text.slice(min(offset, text.byteCount), text.byteCount))
      return builder.text
    }
    var start = 0
    while limit < 0 || count < limit, let place = text.find(old, from: start) {
      builder.append(text.slice(start, place))
      builder.append(new)
      start = place + old.byteCount
      count += 1
    }
    if count == 0 { return text }
    builder.append(text.slice(start, text.byteCount))
    return builder.text
  }

  static func count(_ part: Text, in text: Text) -> Int {
    if part.isEmpty { return text.scalarCount + 1 }
    var count = 0
    var start = 0
    while let place = text.find(part, from: start) {
      count += 1
      start = place + part.byteCount
    }
    return count
  }

  static func padded(_ text: Text, left: Int, right: Int, fill: Text) -> Text {
    var builder = TextBuilder()
    for _ in 0..<max(0, left) { builder.append(fill) }
    builder.append(text)
    for _ in 0..<max(0, right) { builder.append(fill) }
    return builder.text
  }

  static func centered(_ text: Text, _ width: Int, fill: Text) -> Text {
    let missing = width - text.scalarCount
    guard missing > 0 else { return text }
    // As CPython's str.center: the odd blank goes left when the width is odd.
    let left = missing / 2 + (missing & width & 1)
    return padded(text, left: left, right: missing - left, fill: fill)
  }

  static func zeroFilled(_ text: Text, _ width: Int) -> Text {
    let missing = width - text.scalarCount
    guard missing > 0 else { return text }
    let zero = Text("0")
    let first = text.bytes.first
    let signed = first == 0x2B || first == 0x2D
    var builder = TextBuilder()
    if signed { builder.append(text.slice(0, 1)) }
    for _ in 0..<missing { builder.append(zero) }
    builder.append(text.slice(signed ? 1 : 0, text.byteCount))
    return builder.text
  }

  static func expandTabs(_ text: Text, _ size: Int) -> Text {
    var builder = TextBuilder()
    var column = 0
    text.forEachPiece { from, to, piece in
      var bytes: [UInt8] = []
      for byte in text.storage.bytes[from..<to] {
        if byte == 0x09 {
          let count = size > 0 ? size - column % size : 0
          bytes += Array(repeating: 0x20, count: count)
          column += count
        } else {
          bytes.append(byte)
          if byte & 0xC0 != 0x80 { column += 1 }
          if byte == 0x0A || byte == 0x0D { column = 0 }
        }
      }
      builder.append(bytes, origin: piece.origin, generation: piece.generation)
    }
    return builder.text
  }
}
