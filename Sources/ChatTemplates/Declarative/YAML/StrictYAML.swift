// SPDX-License-Identifier: Apache-2.0

import TextPrimitives

/// Reads the part of YAML in which nothing drifts: maps, lists, bare words, double-quoted text.
///
/// Block scalars lose or gain white space, single quotes know no escapes, anchors and tags hide
/// what is meant: all are refused, with their place. What is read means the same to every reader of
/// YAML. A reader of its own for so little knows the place of every key, takes a fifth of the time of
/// one for all of YAML, and never builds what it will refuse.
struct StrictYAML {
  /// The tree of a source.
  static func read(_ source: TemplateSource) throws(ChatTemplateError) -> TemplateNode {
    try source.checkVisible()
    var reader = StrictYAML(source)
    return try reader.document()
  }

  let source: TemplateSource
  let bytes: [UInt8]
  var offset = 0
  private(set) var line = 1
  private var lineStart = 0
  /// The bytes of this line, so far, that begin no scalar.
  var continuationCount = 0
  /// How many brackets are open, and how many maps and lists that are told by their indentation.
  var flowDepth = 0
  private var blockDepth = 0

  private init(_ source: TemplateSource) {
    self.source = source
    bytes = Array(source.text.utf8)
  }

  // MARK: Places

  /// The byte here; nil at the end.
  var current: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  /// How far the byte here is from the start of its line.
  private var indentation: Int { offset - lineStart }

  var place: TemplatePlace {
    TemplatePlace(
      name: source.name, line: line, column: offset - lineStart - continuationCount + 1)
  }

  func error(_ message: String, _ place: TemplatePlace, hint: String? = nil)
    -> ChatTemplateError
  {
    source.error(message, line: place.line, column: place.column, hint: hint)
  }

  /// Whether a byte, or the end, is white space.
  func isSpace(_ byte: UInt8?) -> Bool { byte == nil || byte == 0x20 || byte == 0x0A }

  /// The byte so far behind this one.
  func byte(after distance: Int) -> UInt8? {
    offset + distance < bytes.count ? bytes[offset + distance] : nil
  }

  mutating func skipSpaces() {
    while current == 0x20 { offset += 1 }
  }

  /// Skips white space, line breaks and comments.
  mutating func skipBlank() {
    while let byte = current {
      switch byte {
      case 0x20: offset += 1
      case 0x0A:
        offset += 1
        line += 1
        lineStart = offset
        continuationCount = 0
      case UInt8(ascii: "#") where offset == lineStart || bytes[offset - 1] == 0x20:
        while let byte = current, byte != 0x0A { offset += 1 }
      default: return
      }
    }
  }

  // MARK: Blocks

  private mutating func document() throws(ChatTemplateError) -> TemplateNode {
    skipBlank()
    if indentation == 0, bytes[offset...].starts(with: "---".utf8), isSpace(byte(after: 3)) {
      offset += 3
      skipBlank()
    }
    guard current != nil else { throw error("the file is empty", place) }
    let node = try blockNode()
    skipBlank()
    guard current == nil else { throw misplaced() }
    return node
  }

  private func misplaced() -> ChatTemplateError {
    error("not YAML here: the indentation fits no map and no list above", place)
  }

  /// A value that may be a map or a list by its indentation.
  private mutating func blockNode() throws(ChatTemplateError) -> TemplateNode {
    if isListEntry { return try blockList() }
    let start = offset
    switch current {
    case UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: "\""): break
    default:
      _ = try word()
      skipSpaces()
      let isKey = current == UInt8(ascii: ":") && endsKey(byte(after: 1))
      offset = start
      if isKey { return try blockMap() }
    }
    return try lineValue()
  }

  /// A value that ends on its line, or is in brackets.
  private mutating func lineValue() throws(ChatTemplateError) -> TemplateNode {
    let node = try flowNode()
    try endLine(after: node)
    return node
  }

  private func endLine(after node: TemplateNode) throws(ChatTemplateError) {
    var rest = bytes[offset...].drop { $0 == 0x20 }
    let isApart = rest.startIndex > offset
    rest = rest.prefix { $0 != 0x0A }
    guard let next = rest.first, next != UInt8(ascii: "#") || !isApart else { return }
    if case .word = node.value { throw error("text must stand in double quotes", node.place) }
    if next == UInt8(ascii: ":") { throw error("a key must be a bare word", node.place) }
    throw error("not YAML here: something follows the value on its line", node.place)
  }

  private var isListEntry: Bool {
    current == UInt8(ascii: "-") && isSpace(byte(after: 1))
  }

  private mutating func blockList() throws(ChatTemplateError) -> TemplateNode {
    let (place, indentation) = (place, indentation)
    try enterBlock()
    defer { blockDepth -= 1 }
    var elements: [TemplateNode] = []
    repeat {
      let entry = self.place
      offset += 1
      skipBlank()
      guard current != nil, self.indentation > indentation else {
        throw error("the list's entry is empty", entry)
      }
      elements.append(try blockNode())
      skipBlank()
    } while try goesOn(at: indentation) && isListEntry
    return TemplateNode(value: .list(elements), place: place)
  }

  private mutating func blockMap() throws(ChatTemplateError) -> TemplateNode {
    let (place, indentation) = (place, indentation)
    try enterBlock()
    defer { blockDepth -= 1 }
    var keys = MapKeys()
    var entries: [TemplateNode.Entry] = []
    repeat {
      let keyPlace = self.place
      let key = try key()
      try add(key, keyPlace, to: &keys)
      entries.append(
        .init(key: key, keyPlace: keyPlace, value: try mapValue(key, keyPlace, indentation)))
      skipBlank()
    } while try goesOn(at: indentation) && !isListEntry
    return TemplateNode(value: .map(entries), place: place)
  }

  /// Whether what comes next belongs to the map or list with an indentation.
  private func goesOn(at indentation: Int) throws(ChatTemplateError) -> Bool {
    guard current != nil else { return false }
    if self.indentation > indentation { throw misplaced() }
    return self.indentation == indentation
  }

  private mutating func enterBlock() throws(ChatTemplateError) {
    blockDepth += 1
    guard blockDepth <= TemplateSource.depthLimit else {
      throw error("nested deeper than \(TemplateSource.depthLimit) levels", place)
    }
  }

  /// What stands behind a key: on its line, or below it and further in.
  ///
  /// A list may stand below it as far in as the key.
  private mutating func mapValue(_ key: String, _ keyPlace: TemplatePlace, _ indentation: Int)
    throws(ChatTemplateError) -> TemplateNode
  {
    let keyLine = line
    skipBlank()
    if current != nil, line == keyLine {
      guard !isListEntry else {
        throw error("not YAML here: a list begins on a line of its own", place)
      }
      return try lineValue()
    }
    let isBelow =
      self.indentation > indentation || (self.indentation == indentation && isListEntry)
    guard current != nil, isBelow else { throw error("the key '\(key)' has no value", keyPlace) }
    return try blockNode()
  }

  // MARK: Keys

  /// A key and its colon.
  mutating func key() throws(ChatTemplateError) -> String {
    let place = place
    if "\"'[{".utf8.contains(where: { $0 == current }) {
      throw error("a key must be a bare word", place)
    }
    let key = try word()
    skipSpaces()
    guard current == UInt8(ascii: ":"), endsKey(byte(after: 1)) else {
      throw error("not YAML here: a key needs ':' and a space behind it", place)
    }
    offset += 1
    return key
  }

  func add(_ key: String, _ place: TemplatePlace, to keys: inout MapKeys)
    throws(ChatTemplateError)
  {
    guard let first = keys.add(key, place) else { return }
    let known = first.line == place.line ? "column \(first.column)" : "line \(first.line)"
    throw error("the key '\(key)' stands twice in one map, first in \(known)", place)
  }
}

/// The keys of one map, with their places.
struct MapKeys {
  private var few: [(key: String, place: TemplatePlace)] = []
  private var many: [String: TemplatePlace] = [:]

  /// Adds a key; where it was there already, its first place.
  mutating func add(_ key: String, _ place: TemplatePlace) -> TemplatePlace? {
    if many.isEmpty {
      if let known = few.first(where: { $0.key == key }) { return known.place }
      few.append((key, place))
      // Maps are small; those that are not must not cost the square of their size.
      if few.count == 32 { many = Dictionary(few.map { ($0.key, $0.place) }) { first, _ in first } }
      return nil
    }
    if let known = many[key] { return known }
    many[key] = place
    return nil
  }
}
