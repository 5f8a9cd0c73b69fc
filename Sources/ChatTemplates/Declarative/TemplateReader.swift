// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// Turns a template file's tree into a definition and refuses what the format does not know.
struct TemplateReader {
  /// The files of the family, its own first, for messages.
  let sources: [TemplateSource]
  var definition: TemplateDefinition
  /// What `definitions` holds, by name, and which of them are being read.
  var definitions: [String: TemplateNode] = [:]
  var conditions: [String: TemplateNode] = [:]
  var openDefinitions: [String] = []
  /// The variables of the enclosing repetitions.
  var variables: [String] = []

  static func read(_ root: TemplateNode, sources: [TemplateSource]) throws(ChatTemplateError)
    -> TemplateDefinition
  {
    var reader = TemplateReader(
      sources: sources, definition: TemplateDefinition(name: ""))
    reader.definition.sources = sources
    try reader.readDocument(root)
    return reader.definition
  }

  // MARK: Messages

  func error(_ message: String, at place: TemplatePlace, hint: String? = nil)
    -> ChatTemplateError
  {
    guard let source = sources.first(where: { $0.name == place.name }) else {
      return ChatTemplateError(.invalidTemplate(message), hint: hint)
    }
    return source.error(message, line: place.line, column: place.column, hint: hint)
  }

  func suggestion(for name: String, among names: some Sequence<String>) -> String? {
    EditDistance.nearest(to: name, among: names).map { "did you mean '\($0)'?" }
  }

  // MARK: Values

  func map(
    _ node: TemplateNode, allowing keys: [String], of thing: String
  ) throws(ChatTemplateError) -> [TemplateNode.Entry] {
    guard case .map(let entries) = node.value else {
      throw error("\(thing) must be a map, but is \(node.kindName)", at: node.place)
    }
    for entry in entries where !keys.contains(entry.key) {
      throw error(
        "unknown key '\(entry.key)' in \(thing)", at: entry.keyPlace,
        hint: suggestion(for: entry.key, among: keys) ?? "it has \(keys.joined(separator: ", "))")
    }
    return entries
  }

  func list(_ node: TemplateNode, of thing: String) throws(ChatTemplateError) -> [TemplateNode] {
    guard case .list(let elements) = node.value else {
      throw error("\(thing) must be a list, but is \(node.kindName)", at: node.place)
    }
    return elements
  }

  func text(_ node: TemplateNode, of thing: String) throws(ChatTemplateError) -> String {
    switch node.value {
    case .text(let text): return text
    case .word:
      throw error(
        "\(thing) must stand in double quotes, but is \(node.kindName)", at: node.place)
    default: throw error("\(thing) must be a text, but is \(node.kindName)", at: node.place)
    }
  }

  func word(_ node: TemplateNode, of thing: String) throws(ChatTemplateError) -> String {
    guard case .word(let word) = node.value else {
      throw error("\(thing) must be a bare word, but is \(node.kindName)", at: node.place)
    }
    return word
  }

  func choice<Choice: RawRepresentable & CaseIterable>(
    _ node: TemplateNode, of thing: String
  ) throws(ChatTemplateError) -> Choice where Choice.RawValue == String {
    let name = try word(node, of: thing)
    guard let choice = Choice(rawValue: name) else {
      let names = Choice.allCases.map(\.rawValue)
      throw error(
        "\(thing) cannot be '\(name)'", at: node.place,
        hint: suggestion(for: name, among: names) ?? "it is one of \(names.joined(separator: ", "))"
      )
    }
    return choice
  }

  /// One text, or a list of texts.
  func texts(_ node: TemplateNode, of thing: String) throws(ChatTemplateError) -> [ExactString] {
    if case .text(let text) = node.value { return [ExactString(text)] }
    var texts: [ExactString] = []
    for element in try list(node, of: thing) {
      texts.append(ExactString(try text(element, of: thing)))
    }
    return texts
  }

  func flag(_ node: TemplateNode, of thing: String) throws(ChatTemplateError) -> Bool {
    switch try word(node, of: thing) {
    case "true": return true
    case "false": return false
    default: throw error("\(thing) must be true or false", at: node.place)
    }
  }

  func number(_ node: TemplateNode, of thing: String) throws(ChatTemplateError) -> Int {
    guard let number = Int(try word(node, of: thing)) else {
      throw error("\(thing) must be a whole number", at: node.place)
    }
    return number
  }

  /// A text, a number, a boolean or null.
  func constant(_ node: TemplateNode, of thing: String) throws(ChatTemplateError) -> JSONValue {
    switch node.value {
    case .text(let text): return .string(ExactString(text))
    case .word("true"): return true
    case .word("false"): return false
    case .word("null"): return .null
    case .word(let word):
      if let number = Int(word) { return .integer(number) }
      throw error("\(thing) must be a text in double quotes, a number or true", at: node.place)
    case .list(let elements):
      var values: [JSONValue] = []
      for element in elements { values.append(try constant(element, of: thing)) }
      return .array(values)
    case .map: throw error("\(thing) cannot be a map", at: node.place)
    }
  }
}
