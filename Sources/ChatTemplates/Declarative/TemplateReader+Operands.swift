// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

extension TemplateReader {
  /// The fields that messages are known to have; others would most likely be misspelt.
  static let messageFields = [
    "role", "content", "name", "tool_calls", "tool_call_id", "function_call", "reasoning_content",
    "thinking", "reasoning", "weight", "prefix", "recipient", "channel", "content_type",
    "stop_reason", "context", "functions", "function_calls", "current_date", "current_location",
    "tool_plan", "suffix", "tool_responses",
  ]

  static let roots = [
    "message", "previous", "system", "systems", "answered", "called", "called_index", "tools",
    "documents", "parameters", "thought", "answer", "index", "number",
  ]

  /// Reads a path as a bare word, or `{slot: path, as: …}`; where it is written, with `text_marks`.
  mutating func operand(_ node: TemplateNode, isWritten: Bool = false) throws(ChatTemplateError)
    -> Operand
  {
    switch node.value {
    case .word(let text):
      return Operand(path: try path(text, at: node.place), place: node.place)
    case .map:
      _ = try map(
        node, allowing: isWritten ? ["slot", "as", "text_marks"] : ["slot", "as"], of: "'slot'")
      guard let slot = node["slot"] else {
        throw error("'slot' is missing", at: node.place)
      }
      var operand = Operand(
        path: try path(try word(slot, of: "'slot'"), at: slot.place), place: slot.place)
      if let transforms = node["as"] { try read(transforms, into: &operand) }
      operand.textMarks = try node["text_marks"].map { node throws(ChatTemplateError) in
        try choice(node, of: "'text_marks'")
      }
      return operand
    default:
      throw error("a path must be a bare word, but is \(node.kindName)", at: node.place)
    }
  }

  private mutating func read(_ node: TemplateNode, into operand: inout Operand)
    throws(ChatTemplateError)
  {
    if case .list(let elements) = node.value {
      for (index, element) in elements.enumerated() {
        try apply(element, to: &operand, isFirst: index == 0)
      }
    } else {
      try apply(node, to: &operand, isFirst: true)
    }
  }

  private static let conversions = [
    "text", "printed", "string_or_nothing", "visible", "json", "string_or_json", "open_json",
    "parsed_json", "paragraphs", "lines", "html", "exact_number", "capitalized",
    "squeezed_newlines",
  ]

  private mutating func apply(_ node: TemplateNode, to operand: inout Operand, isFirst: Bool)
    throws(ChatTemplateError)
  {
    if case .map = node.value {
      guard isFirst else { throw error("a conversion must stand first in 'as'", at: node.place) }
      operand.conversion = try conversion(node)
      return
    }
    let name = try word(node, of: "a transform")
    if let edit = TextEdit(rawValue: name) {
      operand.edits.append(edit)
      return
    }
    guard isFirst else {
      throw error("'\(name)' must stand first in 'as'", at: node.place)
    }
    switch name {
    case "text": operand.conversion = .text
    case "printed": operand.conversion = .printed
    case "string_or_nothing": operand.conversion = .stringOrNothing
    case "visible": operand.conversion = .visible
    case "json": operand.conversion = .json(JSONSerializer())
    case "string_or_json": operand.conversion = .stringOrJSON
    case "parsed_json": operand.conversion = .parsedJSON
    case "paragraphs": operand.conversion = .paragraphs
    case "lines": operand.conversion = .lines
    case "html": operand.conversion = .html
    case "exact_number": operand.conversion = .exactNumber
    case "capitalized": operand.conversion = .capitalized
    case "squeezed_newlines": operand.conversion = .squeezedNewlines
    case "open_json": operand.conversion = .openJSON
    default:
      if let writer = SchemaWriter(rawValue: name) {
        operand.conversion = .schema(writer)
        return
      }
      let names =
        Self.conversions + TextEdit.allCases.map(\.rawValue) + SchemaWriter.allCases.map(\.rawValue)
      throw error(
        "unknown transform '\(name)'", at: node.place,
        hint: suggestion(for: name, among: names)
          ?? "transforms are \(names.joined(separator: ", "))")
    }
  }

  /// A conversion with settings, such as `{json: {indent: 4}}`.
  private mutating func conversion(_ node: TemplateNode) throws(ChatTemplateError) -> TextConversion
  {
    let names = [
      "json", "after_first", "after_last", "removing", "without_blocks", "brace_value",
      "brace_declaration",
    ]
    let entries = try map(node, allowing: names, of: "a transform")
    guard let entry = entries.first, entries.count == 1 else {
      throw error("a transform has one name", at: node.place)
    }
    switch entry.key {
    case "json": return .json(try serializer(entry.value))
    case "removing":
      return .removing(try texts(entry.value, of: "'removing'").map(\.string))
    case "without_blocks":
      let marks = try texts(entry.value, of: "'without_blocks'").map(\.string)
      guard marks.count == 2, !marks[0].isEmpty, !marks[1].isEmpty else {
        throw error("'without_blocks' takes an opening and a closing mark", at: entry.value.place)
      }
      return .withoutBlocks(open: marks[0], close: marks[1])
    case "brace_value", "brace_declaration":
      let quote = try text(entry.value, of: "'\(entry.key)'")
      note(control: ExactString(quote))
      return .braces(
        BraceWriter(quote: quote, writesDeclaration: entry.key == "brace_declaration"))
    default:
      let mark = try text(entry.value, of: "'\(entry.key)'")
      guard !mark.isEmpty else { throw error("the mark is empty", at: entry.value.place) }
      return .after(mark, last: entry.key == "after_last")
    }
  }

  private func serializer(_ settings: TemplateNode) throws(ChatTemplateError) -> JSONSerializer {
    var serializer = JSONSerializer()
    let keys = ["indent", "item_separator", "key_separator", "sort_keys", "ascii"]
    for entry in try map(settings, allowing: keys, of: "'json'") {
      switch entry.key {
      case "indent":
        let width = try number(entry.value, of: "'indent'")
        guard (0...16).contains(width) else {
          throw error("'indent' is 0 to 16", at: entry.value.place)
        }
        serializer.indent = String(repeating: " ", count: width)
        serializer.itemSeparator = ","
      case "sort_keys": serializer.sortsKeys = try flag(entry.value, of: "'sort_keys'")
      case "ascii": serializer.ensuresASCII = try flag(entry.value, of: "'ascii'")
      case "item_separator":
        serializer.itemSeparator = try text(entry.value, of: "'item_separator'")
      default: serializer.keySeparator = try text(entry.value, of: "'key_separator'")
      }
    }
    return serializer
  }

  /// Resolves a dotted path such as `call.function.name`.
  mutating func path(_ text: String, at place: TemplatePlace) throws(ChatTemplateError)
    -> ValuePath
  {
    var parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard parts.allSatisfy({ !$0.isEmpty }), let head = parts.first else {
      throw error("'\(text)' is not a path", at: place)
    }
    parts.removeFirst()
    let root = try root(head, rest: &parts, at: place)
    let steps = parts.map { part -> ValuePath.Step in
      Int(part).map(ValuePath.Step.element) ?? .member(ExactString(part))
    }
    return ValuePath(root: root, steps: steps, text: ExactString(text))
  }

  private mutating func root(
    _ head: String, rest: inout [String], at place: TemplatePlace
  ) throws(ChatTemplateError) -> ValuePath.Root {
    if let index = variables.lastIndex(of: head) {
      if rest.first == "key" {
        rest.removeFirst()
        return .key(index)
      }
      if rest.first == "value" { rest.removeFirst() }
      return .variable(index)
    }
    switch head {
    case "system", "answered", "previous":
      if let field = rest.first { try check(field: field, at: place) }
      return head == "system" ? .system : head == "answered" ? .answered : .previous
    case "systems": return .systems
    case "message":
      guard let field = rest.first else { throw error("which field of the message?", at: place) }
      definition.readFields.insert(ExactString(field))
      return .message
    case "called":
      definition.readFields.formUnion(["tool_calls", "tool_call_id"])
      definition.linksResults = true
      return .called
    case "called_index":
      definition.readFields.formUnion(["tool_calls", "tool_call_id"])
      definition.linksResults = true
      return .calledIndex
    case "tools": return .tools
    case "documents": return .documents
    case "thought", "answer":
      guard definition.reasoning != nil else {
        throw error("'\(head)' needs a 'reasoning' section", at: place)
      }
      return head == "thought" ? .thought : .answer
    case "index": return .index
    case "number": return .number
    case "parameters":
      guard let name = rest.first else { throw error("which parameter?", at: place) }
      rest.removeFirst()
      guard let index = definition.parameters.firstIndex(where: { $0.name.string == name })
      else {
        throw error(
          "no parameter '\(name)' is declared", at: place,
          hint: suggestion(for: name, among: definition.parameters.map(\.name.string)))
      }
      return .parameter(index)
    default:
      try check(field: head, at: place)
      rest.insert(head, at: 0)
      return .message
    }
  }

  private mutating func check(field: String, at place: TemplatePlace) throws(ChatTemplateError) {
    guard Self.messageFields.contains(field) else {
      throw error(
        "unknown name '\(field)'", at: place,
        hint: suggestion(for: field, among: Self.messageFields + Self.roots + variables))
    }
    definition.readFields.insert(ExactString(field))
  }
}
