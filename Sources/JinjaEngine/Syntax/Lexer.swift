// SPDX-License-Identifier: Apache-2.0

/// Cuts a template into tokens, with Jinja's whitespace control.
///
/// The rules are those of `jinja2.lexer` with `trim_blocks` and `lstrip_blocks`: a block's end
/// takes one newline with it, a block that starts a line takes the blanks before it, `-` takes
/// all whitespace and `+` none. `lstrip_blocks` leaves `{{` alone.
struct Lexer {
  private let bytes: [UInt8]
  private var place = 0
  private var tokens: [Token] = []
  /// True where the last byte that was read ended a line.
  private var startsLine = true

  private init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// Rewrites line ends to `\n` and drops one at the end, as Jinja does before it reads.
  static func normalized(_ source: some Collection<UInt8>) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(source.count)
    var afterReturn = false
    for byte in source {
      if byte == 0x0D {
        output.append(0x0A)
      } else if byte != 0x0A || !afterReturn {
        output.append(byte)
      }
      afterReturn = byte == 0x0D
    }
    if output.last == 0x0A { output.removeLast() }
    return output
  }

  /// The tokens of a normalized source, ``Token/Kind/end`` last.
  static func tokenize(_ bytes: [UInt8]) throws(PlacedFailure) -> [Token] {
    var lexer = Lexer(bytes)
    try lexer.run()
    return lexer.tokens
  }

  private mutating func run() throws(PlacedFailure) {
    while place < bytes.count {
      guard let opening = nextOpening(from: place) else {
        append(.data, place, bytes.count)
        place = bytes.count
        break
      }
      if let end = rawBeginEnd(at: opening) {
        try readRaw(opening: opening, contentStart: end)
        continue
      }
      let kind = bytes[opening + 1]
      let sign = byte(at: opening + 2)
      let hasSign = sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+")
      let isVariable = kind == UInt8(ascii: "{")
      appendData(place, opening, sign: hasSign ? sign : 0, isVariable: isVariable)
      let inside = opening + (hasSign ? 3 : 2)
      startsLine = false
      place = inside
      if kind == UInt8(ascii: "#") {
        try skipComment(opening: opening)
      } else {
        append(isVariable ? .variableBegin : .blockBegin, opening, inside)
        try readTag(isVariable: isVariable, opening: opening)
      }
    }
    append(.end, bytes.count, bytes.count)
  }

  // MARK: Text between tags

  private func byte(at index: Int) -> UInt8 {
    index < bytes.count ? bytes[index] : 0
  }

  private func nextOpening(from start: Int) -> Int? {
    var index = start
    while index + 1 < bytes.count {
      if bytes[index] == UInt8(ascii: "{") {
        let next = bytes[index + 1]
        if next == UInt8(ascii: "{") || next == UInt8(ascii: "%") || next == UInt8(ascii: "#") {
          return index
        }
      }
      index += 1
    }
    return nil
  }

  /// Adds the text before a tag, with what the tag's sign leaves of it.
  private mutating func appendData(_ start: Int, _ end: Int, sign: UInt8, isVariable: Bool) {
    var end = end
    if sign == UInt8(ascii: "-") {
      end = PythonWhitespace.strippedEnd(of: bytes, from: start, to: end)
    } else if sign == 0, !isVariable {
      var lineStart = end
      while lineStart > start, bytes[lineStart - 1] != 0x0A { lineStart -= 1 }
      if lineStart > start || startsLine,
        PythonWhitespace.strippedEnd(of: bytes, from: lineStart, to: end) == lineStart
      {
        end = lineStart
      }
    }
    if end > start { append(.data, start, end) }
  }

  private mutating func append(_ kind: Token.Kind, _ start: Int, _ end: Int) {
    tokens.append(Token(kind: kind, span: SourceSpan(start, end)))
  }

  private func skippingWhitespace(from index: Int) -> Int {
    PythonWhitespace.strippedStart(of: bytes, from: index, to: bytes.count)
  }

  private func matches(_ text: StaticString, at index: Int) -> Bool {
    let count = text.utf8CodeUnitCount
    guard index + count <= bytes.count else { return false }
    for offset in 0..<count where unsafe bytes[index + offset] != text.utf8Start[offset] {
      return false
    }
    return true
  }

  // MARK: Raw blocks and comments

  /// Where `{% raw %}` at this place ends, or nil where there is none.
  private func rawBeginEnd(at opening: Int) -> Int? {
    guard let inside = tagName("raw", at: opening) else { return nil }
    let end = skippingWhitespace(from: inside)
    if matches("-%}", at: end) { return skippingWhitespace(from: end + 3) }
    return matches("%}", at: end) ? end + 2 : nil
  }

  /// One past a tag's name where the tag at this place has that name.
  private func tagName(_ name: StaticString, at opening: Int) -> Int? {
    guard matches("{%", at: opening) else { return nil }
    var index = opening + 2
    let sign = byte(at: index)
    if sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { index += 1 }
    index = skippingWhitespace(from: index)
    return matches(name, at: index) ? index + name.utf8CodeUnitCount : nil
  }

  private func sign(at opening: Int) -> UInt8 {
    let sign = byte(at: opening + 2)
    return sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") ? sign : 0
  }

  private mutating func readRaw(opening: Int, contentStart: Int) throws(PlacedFailure) {
    appendData(place, opening, sign: sign(at: opening), isVariable: false)
    startsLine = bytes[contentStart - 1] == 0x0A
    var index = contentStart
    while index < bytes.count {
      if let inside = tagName("endraw", at: index),
        let end = blockEnd(skippingWhitespace(from: inside))
      {
        appendData(contentStart, index, sign: sign(at: index), isVariable: false)
        startsLine = bytes[end - 1] == 0x0A
        place = end
        return
      }
      index += 1
    }
    throw PlacedFailure("missing end of raw directive", SourceSpan(opening, contentStart))
  }

  /// Where a block's end at this place ends, what it trims included.
  private func blockEnd(_ index: Int) -> Int? {
    if matches("%}", at: index) {
      return byte(at: index + 2) == 0x0A ? index + 3 : index + 2
    }
    if matches("-%}", at: index) { return skippingWhitespace(from: index + 3) }
    return matches("+%}", at: index) ? index + 3 : nil
  }

  private mutating func skipComment(opening: Int) throws(PlacedFailure) {
    var index = place
    while index < bytes.count {
      var end: Int?
      if matches("#}", at: index) {
        end = byte(at: index + 2) == 0x0A ? index + 3 : index + 2
      } else if matches("-#}", at: index) {
        end = skippingWhitespace(from: index + 3)
      } else if matches("+#}", at: index) {
        end = index + 3
      }
      if let end {
        startsLine = bytes[end - 1] == 0x0A
        place = end
        return
      }
      index += 1
    }
    throw PlacedFailure("missing end of comment tag", SourceSpan(opening, opening + 2))
  }

  // MARK: Inside tags

  private mutating func readTag(isVariable: Bool, opening: Int) throws(PlacedFailure) {
    var balance: [UInt8] = []
    while place < bytes.count {
      if balance.isEmpty, let end = isVariable ? variableEnd(place) : blockEnd(place) {
        append(isVariable ? .variableEnd : .blockEnd, place, end)
        startsLine = bytes[end - 1] == 0x0A
        place = end
        return
      }
      let afterWhitespace = skippingWhitespace(from: place)
      if afterWhitespace > place {
        place = afterWhitespace
        continue
      }
      if readNumber() { continue }
      if try readName() { continue }
      if try readString() { continue }
      try readOperator(&balance)
    }
  }

  private func variableEnd(_ index: Int) -> Int? {
    if matches("}}", at: index) { return index + 2 }
    return matches("-}}", at: index) ? skippingWhitespace(from: index + 3) : nil
  }

  private mutating func readString() throws(PlacedFailure) -> Bool {
    let quote = bytes[place]
    guard quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else { return false }
    var index = place + 1
    while index < bytes.count, bytes[index] != quote {
      index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
    }
    guard index < bytes.count else {
      throw PlacedFailure("this string does not end", SourceSpan(place, place + 1))
    }
    append(.string, place, index + 1)
    place = index + 1
    return true
  }

  private mutating func readName() throws(PlacedFailure) -> Bool {
    var index = place
    while index < bytes.count {
      if bytes[index] < 0x80 {
        guard bytes[index].isASCIIWord else { break }
        index += 1
      } else {
        let (scalar, length) = UTF8Scalars.decode(bytes, at: index)
        let properties = scalar.properties
        guard properties.isXIDContinue || properties.numericType != nil else { break }
        index += length
      }
    }
    guard index > place else { return false }
    let name = String(decoding: bytes[place..<index], as: UTF8.self)
    let span = SourceSpan(place, index)
    guard Self.isIdentifier(name) else {
      throw PlacedFailure("invalid character in identifier '\(name)'", span)
    }
    tokens.append(Token(kind: .name, span: span, name: name))
    place = index
    return true
  }

  private static func isIdentifier(_ name: String) -> Bool {
    for (index, scalar) in name.unicodeScalars.enumerated() {
      let properties = scalar.properties
      let isFine =
        scalar == "_" || (index == 0 ? properties.isXIDStart : properties.isXIDContinue)
      if !isFine { return false }
    }
    return true
  }

  private mutating func readOperator(_ balance: inout [UInt8]) throws(PlacedFailure) {
    let first = bytes[place]
    let second = byte(at: place + 1)
    let span = SourceSpan(place, place + 1)
    switch first {
    case UInt8(ascii: "("): balance.append(UInt8(ascii: ")"))
    case UInt8(ascii: "["): balance.append(UInt8(ascii: "]"))
    case UInt8(ascii: "{"): balance.append(UInt8(ascii: "}"))
    case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"):
      let found = String(Unicode.Scalar(first))
      guard let expected = balance.popLast() else {
        throw PlacedFailure("unexpected '\(found)'", span)
      }
      guard expected == first else {
        throw PlacedFailure(
          "unexpected '\(found)', expected '\(String(Unicode.Scalar(expected)))'", span)
      }
    default: break
    }
    if let kind = Token.Kind(first, second) {
      append(kind, place, place + 2)
      place += 2
    } else if let kind = Token.Kind(first) {
      append(kind, place, place + 1)
      place += 1
    } else {
      let (scalar, length) = UTF8Scalars.decode(bytes, at: place)
      throw PlacedFailure(
        "unexpected character '\(String(scalar))'", SourceSpan(place, place + length))
    }
  }
}

/// A failure of the lexer or parser with its place.
struct PlacedFailure: Error {
  var message: String
  var span: SourceSpan
  var hint: String?
  var kind = JinjaError.Kind.syntax

  init(
    _ message: String, _ span: SourceSpan, hint: String? = nil,
    kind: JinjaError.Kind = .syntax
  ) {
    self.message = message
    self.span = span
    self.hint = hint
    self.kind = kind
  }
}

extension Lexer {
  private mutating func readNumber() -> Bool {
    guard bytes[place].isASCIIDigit else { return false }
    if let end = floatEnd(place) {
      append(.float, place, end)
      place = end
      return true
    }
    let end = integerEnd(place)
    append(.integer, place, end)
    place = end
    return true
  }

  /// One past digits that single underscores may separate.
  private func digitsEnd(_ start: Int, where isDigit: (UInt8) -> Bool) -> Int {
    var index = start
    while index < bytes.count {
      if isDigit(bytes[index]) {
        index += 1
      } else if bytes[index] == UInt8(ascii: "_"), index > start, isDigit(byte(at: index + 1)) {
        index += 2
      } else {
        break
      }
    }
    return index
  }

  private func floatEnd(_ start: Int) -> Int? {
    if start > 0, bytes[start - 1] == UInt8(ascii: ".") { return nil }
    var end = digitsEnd(start) { $0.isASCIIDigit }
    var isFloat = false
    if byte(at: end) == UInt8(ascii: "."), byte(at: end + 1).isASCIIDigit {
      end = digitsEnd(end + 1) { $0.isASCIIDigit }
      isFloat = true
    }
    if byte(at: end) | 0x20 == UInt8(ascii: "e") {
      var digits = end + 1
      if byte(at: digits) == UInt8(ascii: "+") || byte(at: digits) == UInt8(ascii: "-") {
        digits += 1
      }
      if byte(at: digits).isASCIIDigit {
        end = digitsEnd(digits) { $0.isASCIIDigit }
        isFloat = true
      }
    }
    return isFloat ? end : nil
  }

  private func integerEnd(_ start: Int) -> Int {
    if bytes[start] != UInt8(ascii: "0") { return digitsEnd(start) { $0.isASCIIDigit } }
    let prefix = byte(at: start + 1) | 0x20
    // `0x_1` is allowed: an underscore may follow the prefix.
    let first = byte(at: start + 2) == UInt8(ascii: "_") ? start + 3 : start + 2
    let end: Int
    switch prefix {
    case UInt8(ascii: "x"): end = digitsEnd(first) { $0.hexadecimalValue != nil }
    case UInt8(ascii: "o"): end = digitsEnd(first) { $0 >= 0x30 && $0 <= 0x37 }
    case UInt8(ascii: "b"): end = digitsEnd(first) { $0 == 0x30 || $0 == 0x31 }
    default: end = first
    }
    return end > first ? end : digitsEnd(start) { $0 == 0x30 }
  }
}
