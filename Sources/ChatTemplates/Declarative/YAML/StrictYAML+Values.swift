// SPDX-License-Identifier: Apache-2.0

import TextPrimitives

/// Values that need no indentation: words, texts, and lists and maps in brackets.
extension StrictYAML {
  func isFlowIndicator(_ byte: UInt8?) -> Bool {
    switch byte {
    case UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"),
      UInt8(ascii: "}"):
      true
    default: false
    }
  }

  mutating func flowNode() throws(ChatTemplateError) -> TemplateNode {
    let place = place
    return switch current {
    case UInt8(ascii: "["): try flowList(at: place)
    case UInt8(ascii: "{"): try flowMap(at: place)
    case UInt8(ascii: "\""): TemplateNode(value: .text(try text()), place: place)
    default: TemplateNode(value: .word(try word()), place: place)
    }
  }

  private mutating func flowList(at place: TemplatePlace) throws(ChatTemplateError) -> TemplateNode
  {
    var elements: [TemplateNode] = []
    try openBracket()
    while try !closes(UInt8(ascii: "]"), place) {
      elements.append(try flowNode())
      try separate(UInt8(ascii: "]"), place)
    }
    return TemplateNode(value: .list(elements), place: place)
  }

  private mutating func flowMap(at place: TemplatePlace) throws(ChatTemplateError) -> TemplateNode {
    var keys = MapKeys()
    var entries: [TemplateNode.Entry] = []
    try openBracket()
    while try !closes(UInt8(ascii: "}"), place) {
      let keyPlace = self.place
      let key = try key()
      try add(key, keyPlace, to: &keys)
      skipBlank()
      if isFlowIndicator(current), current != UInt8(ascii: "["), current != UInt8(ascii: "{") {
        throw error("the key '\(key)' has no value", keyPlace)
      }
      entries.append(.init(key: key, keyPlace: keyPlace, value: try flowNode()))
      try separate(UInt8(ascii: "}"), place)
    }
    return TemplateNode(value: .map(entries), place: place)
  }

  private mutating func openBracket() throws(ChatTemplateError) {
    flowDepth += 1
    guard flowDepth <= TemplateSource.depthLimit else {
      throw error("nested deeper than \(TemplateSource.depthLimit) levels", place)
    }
    offset += 1
  }

  /// Whether a bracket ends here, which is then passed.
  private mutating func closes(_ bracket: UInt8, _ opening: TemplatePlace)
    throws(ChatTemplateError) -> Bool
  {
    skipBlank()
    guard let byte = current else { throw error("the bracket is not closed", opening) }
    guard byte == bracket else { return false }
    flowDepth -= 1
    offset += 1
    return true
  }

  /// Passes the comma behind a value, unless the bracket ends there.
  private mutating func separate(_ bracket: UInt8, _ opening: TemplatePlace)
    throws(ChatTemplateError)
  {
    skipBlank()
    switch current {
    case nil: throw error("the bracket is not closed", opening)
    case bracket: break
    case UInt8(ascii: ","): offset += 1
    case UInt8(ascii: ":"):
      throw error("not YAML here: a pair must stand in braces", place, hint: "write {key: value}")
    default:
      throw error(
        "not YAML here: ',' or '\(Character(Unicode.Scalar(bracket)))' should follow the value",
        place, hint: "text must stand in double quotes")
    }
  }

  // MARK: Scalars

  /// A bare word: visible ASCII without quotes and backslashes.
  mutating func word() throws(ChatTemplateError) -> String {
    let (start, place) = (offset, place)
    try checkBeginning(place)
    while let byte = current, byte > 0x20 {
      if flowDepth > 0, isFlowIndicator(byte) { break }
      if byte == UInt8(ascii: ":"), endsKey(self.byte(after: 1)) { break }
      guard byte < 0x7F, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") else {
        throw error("text must stand in double quotes", place)
      }
      offset += 1
    }
    guard offset > start else {
      throw error("not YAML here: a value is missing", place)
    }
    return String(decoding: bytes[start..<offset], as: UTF8.self)
  }

  /// Whether a colon, a dash or a question mark is a sign, by what follows it.
  func endsKey(_ next: UInt8?) -> Bool {
    isSpace(next) || flowDepth > 0 && isFlowIndicator(next)
  }

  /// Refuses what begins something else than a word.
  private func checkBeginning(_ place: TemplatePlace) throws(ChatTemplateError) {
    switch current {
    case UInt8(ascii: "'"), UInt8(ascii: "|"), UInt8(ascii: ">"):
      throw error(
        "text must stand in double quotes", place,
        hint: "write line breaks as \\n: other forms change white space")
    case UInt8(ascii: "&"): throw error("anchors are not allowed", place, hint: "use 'extends'")
    case UInt8(ascii: "*"):
      throw error("aliases are not allowed", place, hint: "use 'extends' or 'use'")
    case UInt8(ascii: "!"): throw error("tags are not allowed", place)
    case UInt8(ascii: "%"), UInt8(ascii: "@"), UInt8(ascii: "`"), UInt8(ascii: "#"):
      throw error("text must stand in double quotes", place)
    case UInt8(ascii: "-") where endsKey(byte(after: 1)):
      throw error("not YAML here: a value is missing", place)
    case UInt8(ascii: "?") where endsKey(byte(after: 1)):
      throw error("a key must be a bare word", place)
    case UInt8(ascii: ":"):
      throw error("not YAML here: a value is missing", place)
    case let byte where isFlowIndicator(byte):
      throw error("not YAML here: a value is missing", place)
    default: break
    }
  }

  /// A text in double quotes, which ends on its line.
  private mutating func text() throws(ChatTemplateError) -> String {
    let place = place
    offset += 1
    let start = offset
    // Most texts have no escapes and are taken as they are.
    while let byte = current, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte != 0x0A {
      if byte & 0xC0 == 0x80 { continuationCount += 1 }
      offset += 1
    }
    if current == UInt8(ascii: "\"") {
      defer { offset += 1 }
      return String(decoding: bytes[start..<offset], as: UTF8.self)
    }
    var result = Array(bytes[start..<offset])
    while let byte = current, byte != 0x0A {
      if byte == UInt8(ascii: "\"") {
        offset += 1
        return String(decoding: result, as: UTF8.self)
      }
      if byte == UInt8(ascii: "\\") {
        guard let next = self.byte(after: 1), next != 0x0A else { break }
        result.append(contentsOf: String(Character(try escape())).utf8)
      } else {
        if byte & 0xC0 == 0x80 { continuationCount += 1 }
        result.append(byte)
        offset += 1
      }
    }
    throw error("a text must end on its line", place, hint: "write the line break as \\n")
  }

  /// The scalar that an escape stands for.
  private mutating func escape() throws(ChatTemplateError) -> Unicode.Scalar {
    let place = place
    let name = bytes[offset + 1]
    offset += 2
    let digits: Int
    switch name {
    case UInt8(ascii: "x"): digits = 2
    case UInt8(ascii: "u"): digits = 4
    case UInt8(ascii: "U"): digits = 8
    default:
      guard let scalar = Self.escapes[name] else {
        throw error(
          "no such escape", place, hint: "a backslash itself is written as \\\\")
      }
      return scalar
    }
    var value: UInt32 = 0
    for _ in 0..<digits {
      guard let digit = current.flatMap({ Character(Unicode.Scalar($0)).hexDigitValue }) else {
        throw error("the escape needs \(digits) hexadecimal digits", place)
      }
      value = value << 4 | UInt32(digit)
      offset += 1
    }
    guard let scalar = Unicode.Scalar(value) else {
      throw error("the escape is no character", place)
    }
    return scalar
  }

  /// YAML's escapes of one letter.
  private static let escapes: [UInt8: Unicode.Scalar] = [
    UInt8(ascii: "0"): "\0", UInt8(ascii: "a"): "\u{7}", UInt8(ascii: "b"): "\u{8}",
    UInt8(ascii: "t"): "\t", UInt8(ascii: "n"): "\n", UInt8(ascii: "v"): "\u{B}",
    UInt8(ascii: "f"): "\u{C}", UInt8(ascii: "r"): "\r", UInt8(ascii: "e"): "\u{1B}",
    UInt8(ascii: " "): " ", UInt8(ascii: "\""): "\"", UInt8(ascii: "/"): "/",
    UInt8(ascii: "\\"): "\\", UInt8(ascii: "N"): "\u{85}", UInt8(ascii: "_"): "\u{A0}",
    UInt8(ascii: "L"): "\u{2028}", UInt8(ascii: "P"): "\u{2029}",
  ]
}
