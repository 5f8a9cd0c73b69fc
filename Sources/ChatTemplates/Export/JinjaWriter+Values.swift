// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

extension JinjaWriter {
  /// The names of Python's methods of dictionaries, which a dot would find before the key.
  private static let methodNames: Set<String> = [
    "clear", "copy", "fromkeys", "get", "items", "keys", "pop", "popitem", "setdefault", "update",
    "values",
  ]

  // MARK: Paths

  /// A value of the conversation.
  mutating func path(_ operand: Operand, at position: Position) throws(ChatTemplateError)
    -> String
  {
    var text = try root(operand, at: position)
    for step in operand.path.steps {
      switch step {
      case .member(let name): text += Self.member(name)
      case .element(let place): text += "[\(place)]"
      }
    }
    return text
  }

  private mutating func root(_ operand: Operand, at position: Position)
    throws(ChatTemplateError) -> String
  {
    switch operand.path.root {
    case .message: return position.message
    case .system, .systems:
      needs.insert(.systems)
      if case .system = operand.path.root { return "\(own("systems"))[0]" }
      return own("systems")
    case .answered: return try answered(position)
    case .called, .calledIndex:
      guard position.isHere || position.isFollowing else {
        throw inexpressible(
          "'\(operand.path.text)' of another turn than the one that is written", at: operand.place)
      }
      needs.insert(.called)
      if case .called = operand.path.root { return own("called") }
      return own("called_index")
    case .previous:
      let index = index(position)
      return "(\(turns)[\(index) - 1] if \(index) > 0)"
    case .variable(let slot): return variables[slot]
    case .key(let slot): return keys[slot]
    case .parameter(let index):
      let name = definition.parameters[index].name.string
      guard Self.isIdentifier(name) else {
        throw inexpressible(
          "the parameter '\(name)', which is no name in Python", at: operand.place)
      }
      return name
    case .tools:
      needs.insert(.tools)
      return "tools"
    case .documents:
      needs.insert(.documents)
      return "documents"
    case .thought, .answer:
      guard position.isHere else {
        throw inexpressible(
          "'\(operand.path.text)' of another turn than the one that is written", at: operand.place)
      }
      needs.insert(.reasoning)
      if case .thought = operand.path.root { return own("thought") }
      return own("answer")
    case .index: return position.isInLoop ? "loop.index0" : index(position)
    case .number: return position.isInLoop ? "loop.index" : "(\(index(position)) + 1)"
    }
  }

  static func member(_ name: ExactString) -> String {
    isIdentifier(name.string) && !methodNames.contains(name.string)
      ? ".\(name)" : "[\(JinjaLiteral.quoted(name.string))]"
  }

  private static func isIdentifier(_ name: String) -> Bool {
    let isLetter = { (byte: UInt8) in byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A || byte == 0x5F }
    guard let first = name.utf8.first, isLetter(first) else { return false }
    return name.utf8.allSatisfy { isLetter($0) || ($0 >= 0x30 && $0 <= 0x39) }
  }

  /// The nearest assistant's message before a turn; undefined where there is none.
  mutating func answered(_ position: Position) throws(ChatTemplateError) -> String {
    if position.isHere {
      needs.insert(.answered)
      return own("answered")
    }
    return "(\(Self.answers(before: index(position), of: turns)))"
  }

  static func answers(before index: String, of turns: String) -> String {
    "\(turns)[:\(index)] | selectattr('role', 'equalto', 'assistant') | list | last"
  }

  // MARK: Text

  /// The text of an operand, converted and edited.
  mutating func text(_ operand: Operand, at position: Position) throws(ChatTemplateError)
    -> JinjaExpression
  {
    let value = try path(operand, at: position)
    var text = converted(value, operand)
    if case .printed = operand.conversion, let first = operand.edits.first, first != .trim {
      text = .test("\(value) | string")
    }
    for edit in operand.edits {
      text =
        switch edit {
        case .trim: .test("\(text.inside(.test)) | trim")
        case .trimStart: .primary("\(text.inside(.primary)).lstrip()")
        case .trimEnd: .primary("\(text.inside(.primary)).rstrip()")
        case .trimSpacesEnd: .primary("\(text.inside(.primary)).rstrip(' ')")
        case .trimNewlines: .primary("\(text.inside(.primary)).strip('\\n')")
        case .trimNewlinesStart: .primary("\(text.inside(.primary)).lstrip('\\n')")
        case .trimNewlinesEnd: .primary("\(text.inside(.primary)).rstrip('\\n')")
        }
    }
    return text
  }

  private mutating func converted(_ value: String, _ operand: Operand) -> JinjaExpression {
    switch operand.conversion {
    case .text:
      // The name of a member, a thought and an answer are strings by their making.
      switch operand.path.root {
      case .key: return .primary(value)
      case .thought, .answer: return .primary(value)
      default: return .primary(string(value, operand))
      }
    case .printed: return .primary(value)
    case .stringOrNothing: return .primary("(\(value) if \(value) is string else '')")
    case .visible: return call(.visible, value)
    case .paragraphs: return call(.paragraphs, value)
    case .json(let serializer): return .test("\(value) | tojson\(Self.arguments(serializer))")
    case .stringOrJSON: return .primary("(\(value) if \(value) is string else \(value) | tojson)")
    case .parsedJSON: return call(.parsedJSON, value)
    case .capitalized: return .test("\(string(value, operand)) | capitalize")
    case .squeezedNewlines:
      return .primary(
        "\(string(value, operand)).replace('\\r\\n', '\\n').replace('\\n\\n', '\\n')")
    case .openJSON: return .primary("(\(value) | tojson)[:-1]")
    case .lines: return call(.lines, value)
    case .after(let mark, let last):
      let arguments = JinjaLiteral.quoted(mark) + (last ? "" : ", 1")
      return .primary("\(string(value, operand)).split(\(arguments))[-1]")
    case .removing(let texts):
      let steps = texts.map { ".replace(\(JinjaLiteral.quoted($0)), '')" }.joined()
      return .primary(string(value, operand) + steps)
    case .html: return .test("\(string(value, operand)) | escape")
    case .exactNumber: return call(.exactNumber, value)
    case .withoutBlocks(let open, let close):
      let text = string(value, operand)
      return call(
        .withoutBlocks, "\(text), \(JinjaLiteral.quoted(open)), \(JinjaLiteral.quoted(close))")
    case .braces(let writer):
      let macro = writer.writesDeclaration ? JinjaMacro.braceDeclaration : .braceValue
      return call(macro, "\(value), \(JinjaLiteral.quoted(writer.quote))")
    case .schema(.typescript): return call(.typescript, value)
    case .schema(.typescriptDeclarations): return call(.typescriptDeclarations, value)
    case .schema(.indentedTypescript): return call(.indentedTypescript, value)
    case .schema(.pythonType): return call(.pythonType, value)
    }
  }

  private mutating func call(_ macro: JinjaMacro, _ value: String) -> JinjaExpression {
    need(macro)
    return .primary("\(macro.rawValue)(\(value))")
  }

  /// A value that must be a string, or the render is refused as ours is.
  private mutating func string(_ value: String, _ operand: Operand) -> String {
    need(.text)
    return "\(JinjaMacro.text.rawValue)(\(value), \(JinjaLiteral.quoted(operand.path.text.string)))"
  }

  /// The arguments of `tojson` that differ from its defaults.
  private static func arguments(_ serializer: JSONSerializer) -> String {
    var arguments: [String] = []
    if serializer.ensuresASCII { arguments.append("ensure_ascii=true") }
    if let indent = serializer.indent { arguments.append("indent=\(indent.utf8.count)") }
    let plain = JSONSerializer(indent: serializer.indent)
    if serializer.itemSeparator != plain.itemSeparator
      || serializer.keySeparator != plain.keySeparator
    {
      let separators = [serializer.itemSeparator, serializer.keySeparator]
      arguments.append(
        "separators=(\(separators.map(JinjaLiteral.quoted).joined(separator: ", ")))")
    }
    if serializer.sortsKeys { arguments.append("sort_keys=true") }
    return arguments.isEmpty ? "" : "(\(arguments.joined(separator: ", ")))"
  }
}
