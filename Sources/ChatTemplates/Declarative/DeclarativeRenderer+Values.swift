// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

extension DeclarativeRenderer {
  /// A value of the conversation and where it stands; nil is what is not there.
  struct Found {
    var value: JSONValue?
    var origin: FieldOrigin
    var isSystems = false
  }

  /// The value that a path leads to, for those who do not ask where it stands.
  ///
  /// - Throws: Where a step leads on from what is not there.
  func value(_ operand: Operand) throws(ChatTemplateError) -> JSONValue? {
    // Nearly every question is about a field of the turn's message.
    guard case .message = operand.path.root, operand.path.steps.count == 1,
      case .member(let name) = operand.path.steps[0], turns.indices.contains(position)
    else { return try find(operand).value }
    return messages[turns[position]][name]
  }

  /// Looks a path up.
  ///
  /// - Throws: Where a step leads on from what is not there, as Python's templates do.
  func find(_ operand: Operand) throws(ChatTemplateError) -> Found {
    var found = start(operand)
    for (index, step) in operand.path.steps.enumerated() {
      guard let value = found.value else {
        throw ChatTemplateError(.missingField(operand.path.text.string))
      }
      switch step {
      case .member(let name):
        found.value = value[name]
        if index == 0, isMessage(operand.path.root) { found.origin.field = name }
      case .element(let place):
        guard case .array(let elements) = value else {
          found.value = nil
          continue
        }
        // JSON's null has a literal `nil` too: say which is meant.
        found.value = elements.indices.contains(place) ? elements[place] : JSONValue?.none
        if found.origin.part == nil { found.origin.part = place }
      }
    }
    return found
  }

  private func isMessage(_ root: ValuePath.Root) -> Bool {
    switch root {
    case .message, .system, .answered, .previous: true
    default: false
    }
  }

  private func start(_ operand: Operand) -> Found {
    var origin = FieldOrigin(
      field: operand.path.text, message: output.message, place: operand.place)
    switch operand.path.root {
    case .message:
      guard turns.indices.contains(position) else { return Found(value: nil, origin: origin) }
      return message(turns[position], origin)
    case .system:
      guard let index = systems.first else { return Found(value: nil, origin: origin) }
      return message(index, origin)
    case .systems:
      origin.field = "content"
      let values = systems.map { JSONValue.object(messages[$0]) }
      return Found(value: .array(values), origin: origin, isSystems: true)
    case .answered:
      guard turns.indices.contains(position), let place = answered[position] else {
        return Found(value: nil, origin: origin)
      }
      return message(turns[place], origin)
    case .called:
      guard let place = called[position] else { return Found(value: nil, origin: origin) }
      var found = message(turns[place.turn], origin)
      found.origin.field = "tool_calls"
      found.value = messages[turns[place.turn]]["tool_calls"]?.array?[place.index]
      return found
    case .calledIndex:
      origin.isTemplate = true
      return Found(value: called[position].map { .integer($0.number) }, origin: origin)
    case .previous:
      guard turns.indices.contains(position - 1) else { return Found(value: nil, origin: origin) }
      return message(turns[position - 1], origin)
    case .variable(let slot):
      guard let variable = variables[slot] else { return Found(value: nil, origin: origin) }
      origin = variable.origin
      origin.place = operand.place
      return Found(value: variable.value, origin: origin)
    case .key(let slot):
      guard let variable = variables[slot] else { return Found(value: nil, origin: origin) }
      origin = variable.origin
      origin.place = operand.place
      return Found(value: .string(variable.key), origin: origin)
    case .parameter(let index): return parameter(index, origin)
    case .tools:
      origin.message = nil
      return Found(value: tools, origin: origin)
    case .documents:
      origin.message = nil
      return Found(value: documents, origin: origin)
    case .thought, .answer: return reasoning(operand.path.root, origin)
    case .index, .number:
      origin.isTemplate = true
      let index = loop?.index ?? position
      if case .number = operand.path.root {
        return Found(value: .integer(index + 1), origin: origin)
      }
      return Found(value: .integer(index), origin: origin)
    }
  }

  private func message(_ index: Int, _ origin: FieldOrigin) -> Found {
    var origin = origin
    origin.message = index
    if index != output.message { origin.role = messages[index]["role"]?.string }
    return Found(value: .object(messages[index]), origin: origin)
  }

  private func parameter(_ index: Int, _ origin: FieldOrigin) -> Found {
    let parameter = definition.parameters[index]
    var origin = origin
    origin.message = nil
    if let given = arguments[parameter.name] { return Found(value: given, origin: origin) }
    origin.isTemplate = true
    switch parameter.fallback {
    case nil: return Found(value: nil, origin: origin)
    case .value(let value): return Found(value: value, origin: origin)
    case .date(let format):
      return Found(value: .string(ExactString(now.formatted(format))), origin: origin)
    }
  }

  // MARK: Reasoning

  private func reasoning(_ root: ValuePath.Root, _ origin: FieldOrigin) -> Found {
    guard let rule = definition.reasoning, turns.indices.contains(position) else {
      return Found(value: nil, origin: origin)
    }
    let message = messages[turns[position]]
    var origin = origin
    origin.field = "content"
    let content = contentText(message["content"], rule)
    let isThought = if case .thought = root { true } else { false }
    if let thought = message[rule.field]?.string {
      if isThought { origin.field = rule.field }
      return Found(value: .string(isThought ? thought : content), origin: origin)
    }
    let text = content.string
    let range = isThought ? Self.thought(in: text, rule) : Self.answer(in: text, rule)
    return Found(value: .string(Self.slice(text, range)), origin: origin)
  }

  private func contentText(_ value: JSONValue?, _ rule: TemplateDefinition.Reasoning)
    -> ExactString
  {
    switch value {
    case .string(let text): text
    case .array(let parts) where rule.readsParts: ExactString(Self.visible(parts))
    case .some(let other) where rule.readsParts: ExactString(PythonText.string(other))
    default: ""
    }
  }

  /// What stands before the first closing mark and after the last opening mark before it.
  private static func thought(in text: String, _ rule: TemplateDefinition.Reasoning)
    -> Range<Int>
  {
    let bytes = text.utf8Span.span
    let close = rule.close.utf8Span.span
    guard let end = TextScanning.find(close, in: bytes, 0..<bytes.count) else { return 0..<0 }
    let head = TextScanning.withoutNewlines(bytes, 0..<end, start: false)
    let open = rule.open.utf8Span.span
    let mark = TextScanning.find(open, in: bytes, head, last: true)
    let start = mark.map { $0 + open.count } ?? head.lowerBound
    return TextScanning.withoutNewlines(bytes, start..<head.upperBound, end: false)
  }

  /// What stands after the last closing mark.
  private static func answer(in text: String, _ rule: TemplateDefinition.Reasoning)
    -> Range<Int>
  {
    let bytes = text.utf8Span.span
    let close = rule.close.utf8Span.span
    guard let mark = TextScanning.find(close, in: bytes, 0..<bytes.count, last: true) else {
      return 0..<bytes.count
    }
    return TextScanning.withoutNewlines(bytes, mark + close.count..<bytes.count, end: false)
  }

  private static func slice(_ text: String, _ range: Range<Int>) -> ExactString {
    if range.lowerBound == 0, range.upperBound == text.utf8.count { return ExactString(text) }
    let start = text.utf8.index(text.startIndex, offsetBy: range.lowerBound)
    let end = text.utf8.index(start, offsetBy: range.count)
    return ExactString(String(text[start..<end]))
  }

  // MARK: Text

  /// Writes a value as its operand says.
  mutating func write(_ operand: Operand) throws(ChatTemplateError) {
    noteUse(of: operand)
    let found = try find(operand)
    switch operand.conversion {
    case .json(let serializer) where operand.edits.isEmpty:
      let value = try present(found, operand)
      output.write(from: found.origin) { serializer.write(value, to: &$0) }
    case .braces(let writer) where operand.edits.isEmpty:
      for piece in writer.pieces(of: try present(found, operand)) {
        switch piece {
        case .quote: output.write(Array(writer.quote.utf8), isControl: true, at: operand.place)
        case .text(let text): output.write(text, 0..<text.utf8.count, from: found.origin)
        }
      }
    default:
      let text = try text(of: found, operand)
      if let end = operand.end, definition.textMarks == .refuse,
        TextScanning.contains(text, end.string)
      {
        throw ChatTemplateError(.refused(operand.refusal(ofEnd: end)))
      }
      let range = edited(text, operand.edits)
      output.write(text, range, from: found.origin)
    }
  }

  private func present(_ found: Found, _ operand: Operand) throws(ChatTemplateError)
    -> JSONValue
  {
    guard let value = found.value else {
      throw ChatTemplateError(.missingField(operand.path.text.string))
    }
    return value
  }

  /// The text of a value before it is edited.
  func text(of found: Found, _ operand: Operand) throws(ChatTemplateError) -> String {
    switch operand.conversion {
    case .text: return try string(found, operand)
    case .printed: return found.value.map(PythonText.string) ?? ""
    case .stringOrNothing: return found.value?.string?.string ?? ""
    case .visible:
      if case .array(let parts) = found.value { return Self.visible(parts) }
      return found.value.map(PythonText.string) ?? ""
    case .json(let serializer): return serializer.serialize(try present(found, operand))
    case .stringOrJSON:
      let value = try present(found, operand)
      return value.string?.string ?? value.serialized()
    case .parsedJSON:
      let value = try present(found, operand)
      let parsed = value.string.flatMap { try? JSONValue(parsing: $0.string) }
      return (parsed ?? value).serialized()
    case .paragraphs:
      if case .array(let parts) = found.value {
        return parts.map { Self.visible([$0]) }.joined(separator: "\n\n")
      }
      return found.value.map(PythonText.string) ?? ""
    case .withoutBlocks(let open, let close):
      return TextScanning.withoutBlocks(
        from: open, to: close, in: try string(found, operand))
    case .braces(let writer): return writer.text(of: try present(found, operand))
    case .html: return Self.escaped(try string(found, operand))
    case .exactNumber: return Self.exactNumber(try present(found, operand))
    case .lines: return try Self.lines(found.value)
    case .after(let mark, let last):
      return Self.after(mark, last: last, in: try string(found, operand))
    case .removing(let texts):
      return TextScanning.removing(texts, from: try string(found, operand))
    case .capitalized: return Self.capitalized(try string(found, operand))
    case .squeezedNewlines: return Self.squeezed(try string(found, operand))
    case .openJSON:
      return String(try present(found, operand).serialized().unicodeScalars.dropLast())
    case .schema(let writer):
      return try writer.write(found.value)
    }
  }

  private func string(_ found: Found, _ operand: Operand) throws(ChatTemplateError) -> String {
    let value = try present(found, operand)
    guard case .string(let text) = value else {
      throw ChatTemplateError(
        .wrongType(field: operand.path.text.string, expected: "a string", found: value.kindName))
    }
    return text.string
  }

  /// The text parts that are not empty, each on lines of its own.
  private static func lines(_ value: JSONValue?) throws(ChatTemplateError) -> String {
    guard case .array(let parts)? = value else { return value?.string?.string ?? "" }
    var text = ""
    for part in parts where part["type"]?.string == "text" {
      guard let line = part["text"]?.string else {
        throw ChatTemplateError(.missingField("content.text"))
      }
      if !text.isEmpty { text += "\n" }
      text += line.string
    }
    return text
  }

  /// As Python's `markupsafe.escape`.
  private static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "'": result += "&#39;"
      case "\"": result += "&#34;"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// `22.0` for `"22.0"`, `"22.00"` for `"22.00"`; what is no string is printed first.
  private static func exactNumber(_ value: JSONValue) -> String {
    let text = PythonText.string(value)
    if value.string != nil, let number = try? JSONValue(parsing: text), number.isNumber,
      Array(PythonText.string(number).utf8) == Array(text.utf8)
    {
      return text
    }
    return JSONValue.string(ExactString(text)).serialized()
  }

  private static func after(_ mark: String, last: Bool, in text: String) -> String {
    let bytes = text.utf8Span.span
    let whole = 0..<bytes.count
    guard let place = TextScanning.find(mark.utf8Span.span, in: bytes, whole, last: last) else {
      return text
    }
    return slice(text, place + mark.utf8.count..<bytes.count).string
  }

  private static func capitalized(_ text: String) -> String {
    var scalars = text.unicodeScalars.makeIterator()
    guard let first = scalars.next() else { return text }
    var result = first.properties.titlecaseMapping
    while let scalar = scalars.next() { result += scalar.properties.lowercaseMapping }
    return result
  }

  private static func squeezed(_ text: String) -> String {
    var result: [UInt8] = []
    var isDouble = false
    for byte in text.utf8 {
      if byte == 0x0A {
        if result.last == 0x0D { result.removeLast() }
        if result.last == 0x0A, !isDouble {
          isDouble = true
          continue
        }
      }
      isDouble = false
      result.append(byte)
    }
    return String(decoding: result, as: UTF8.self)
  }

  func edited(_ text: String, _ edits: [TextEdit]) -> Range<Int> {
    let bytes = text.utf8Span.span
    return TextEdit.apply(edits, to: bytes, 0..<bytes.count)
  }

  /// The text parts of a list, joined.
  private static func visible(_ parts: [JSONValue]) -> String {
    var text = ""
    for part in parts {
      if let string = part.string {
        text += string.string
      } else if part["type"]?.string == "text" {
        text += part["text"].map(PythonText.string) ?? ""
      }
    }
    return text
  }
}

extension JSONValue {
  fileprivate var isNumber: Bool {
    switch self {
    case .integer, .bigInteger, .double: true
    default: false
    }
  }
}
