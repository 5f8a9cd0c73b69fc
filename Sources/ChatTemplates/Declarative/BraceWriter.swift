// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// Writes values and function declarations in braces, as the function calling of Gemma has it.
///
/// `{"city": "Paris", "days": [1, 2]}` is `{city:<|"|>Paris<|"|>,days:[1,2]}` where the quote is
/// `<|"|>`. Keys are sorted without regard to case. The quotes are control tokens, so what a
/// caller writes between them cannot end the text: the pieces tell one from the other.
struct BraceWriter: Sendable {
  /// The control token around every text.
  let quote: String
  /// Whether a tool's declaration is written, not a value.
  let writesDeclaration: Bool

  enum Piece: Sendable, Equatable {
    case quote
    case text(String)
  }

  /// The text with its quotes.
  func text(of value: JSONValue) -> String {
    pieces(of: value).map { piece in
      switch piece {
      case .quote: quote
      case .text(let text): text
      }
    }.joined()
  }

  /// The pieces in order; texts are not joined.
  func pieces(of value: JSONValue) -> [Piece] {
    var output: [Piece] = []
    if writesDeclaration {
      declare(value["function"] ?? value, to: &output)
    } else {
      write(value, to: &output)
    }
    return output
  }

  // MARK: Values

  private func write(_ value: JSONValue, quotesKeys: Bool = false, to output: inout [Piece]) {
    switch value {
    case .null: output.append(.text("null"))
    case .bool(let value): output.append(.text(value ? "true" : "false"))
    case .string(let text): write(quoted: text.string, to: &output)
    case .array(let elements):
      output.append(.text("["))
      separate(elements, to: &output) { write($0, quotesKeys: quotesKeys, to: &$1) }
      output.append(.text("]"))
    case .object(let object):
      output.append(.text("{"))
      separate(Self.sorted(object), to: &output) { member, output in
        if quotesKeys {
          write(quoted: member.key.string, to: &output)
        } else {
          output.append(.text(member.key.string))
        }
        output.append(.text(":"))
        write(member.value, quotesKeys: quotesKeys, to: &output)
      }
      output.append(.text("}"))
    default: output.append(.text(PythonText.string(value)))
    }
  }

  private func write(quoted text: String, to output: inout [Piece]) {
    output += text.isEmpty ? [.quote, .quote] : [.quote, .text(text), .quote]
  }

  private func separate<Element>(
    _ elements: [Element], to output: inout [Piece],
    _ body: (Element, inout [Piece]) -> Void
  ) {
    for (index, element) in elements.enumerated() {
      if index > 0 { output.append(.text(",")) }
      body(element, &output)
    }
  }

  private static func sorted(_ object: JSONObject) -> [(key: ExactString, value: JSONValue)] {
    let members = object.map { (lower: Array($0.key.string.lowercased().utf8), member: $0) }
    return members.enumerated().sorted { left, right in
      let (first, second) = (left.element.lower, right.element.lower)
      return first == second
        ? left.offset < right.offset : first.lexicographicallyPrecedes(second)
    }.map { (key: $0.element.member.key, value: $0.element.member.value) }
  }

  // MARK: Declarations

  private func declare(_ function: JSONValue, to output: inout [Piece]) {
    output.append(.text("declaration:" + Self.printed(function["name"]) + "{description:"))
    write(quoted: Self.printed(function["description"]), to: &output)
    if let parameters = function["parameters"], PythonText.isTrue(parameters) {
      output.append(.text(",parameters:{"))
      if let properties = parameters["properties"]?.object, !properties.isEmpty {
        output.append(.text("properties:{"))
        write(properties: properties, to: &output)
        output.append(.text("},"))
      }
      if write(required: parameters["required"], to: &output) { output.append(.text(",")) }
      if PythonText.isTrue(parameters["type"]) { write(type: parameters["type"], to: &output) }
    }
    if let response = function["response"] {
      output.append(.text(",response:{"))
      if let about = response["description"], PythonText.isTrue(about) {
        output.append(.text("description:"))
        write(quoted: Self.printed(about), to: &output)
        output.append(.text(","))
      }
      if Self.kind(of: response) == "OBJECT" { write(type: response["type"], to: &output) }
    }
    output.append(.text("}"))
  }

  /// The members of an object's schema that name one of its properties where none are declared.
  private static let standardKeys: Set<ExactString> = [
    "description", "type", "properties", "required", "nullable",
  ]

  private func write(properties: JSONObject, to output: inout [Piece]) {
    separate(Self.sorted(properties), to: &output) { member, output in
      output.append(.text(member.key.string + ":{"))
      let start = output.count
      write(members: member.value, to: &output)
      if output.count > start { output.append(.text(",")) }
      write(type: member.value["type"], to: &output)
    }
  }

  /// What stands before a property's type.
  private func write(members schema: JSONValue, to output: inout [Piece]) {
    var parts: [[Piece]] = []
    func add(_ body: (inout [Piece]) -> Void) {
      var part: [Piece] = []
      body(&part)
      parts.append(part)
    }
    let kind = Self.kind(of: schema)
    if let about = schema["description"], PythonText.isTrue(about) {
      add { output in
        output.append(.text("description:"))
        write(quoted: Self.printed(about), to: &output)
      }
    }
    if kind == "STRING", let values = schema["enum"], PythonText.isTrue(values) {
      add { output in
        output.append(.text("enum:"))
        write(values, quotesKeys: true, to: &output)
      }
    }
    if kind == "ARRAY", let items = schema["items"]?.object, !items.isEmpty {
      add { write(items: items, to: &$0) }
    }
    if PythonText.isTrue(schema["nullable"]) { add { $0.append(.text("nullable:true")) } }
    if kind == "OBJECT", let object = schema.object {
      let declared = schema["properties"]?.object
      let others = object.filter { !Self.standardKeys.contains($0.key) }
      let members = declared ?? JSONObject(others.map { ($0.key, $0.value) })
      add { output in
        output.append(.text("properties:{"))
        write(properties: members, to: &output)
        output.append(.text("}"))
      }
      if PythonText.isTrue(schema["required"]) {
        add { write(required: schema["required"], to: &$0) }
      }
    }
    separate(parts, to: &output) { $1 += $0 }
  }

  private func write(items: JSONObject, to output: inout [Piece]) {
    output.append(.text("items:{"))
    separate(Self.sorted(items).filter { !$0.value.isNull }, to: &output) { member, output in
      switch member.key {
      case "properties":
        output.append(.text("properties:{"))
        if let properties = member.value.object { write(properties: properties, to: &output) }
        output.append(.text("}"))
      case "required":
        output.append(.text("required:["))
        separate(member.value.array ?? [], to: &output) { write(quoted: Self.printed($0), to: &$1) }
        output.append(.text("]"))
      case "type":
        output.append(.text("type:"))
        write(Self.uppercased(member.value), quotesKeys: true, to: &output)
      default:
        output.append(.text(member.key.string + ":"))
        write(member.value, quotesKeys: true, to: &output)
      }
    }
    output.append(.text("}"))
  }

  @discardableResult
  private func write(required: JSONValue?, to output: inout [Piece]) -> Bool {
    guard let names = required?.array, !names.isEmpty else { return false }
    output.append(.text("required:["))
    separate(names, to: &output) { write(quoted: Self.printed($0), to: &$1) }
    output.append(.text("]"))
    return true
  }

  private func write(type: JSONValue?, to output: inout [Piece]) {
    output.append(.text("type:"))
    write(quoted: Self.printed(type).uppercased(), to: &output)
    output.append(.text("}"))
  }

  private static func kind(of schema: JSONValue) -> String {
    printed(schema["type"]).uppercased()
  }

  private static func uppercased(_ value: JSONValue) -> JSONValue {
    switch value {
    case .string(let text): .string(ExactString(text.string.uppercased()))
    case .array(let elements):
      .array(elements.map { .string(ExactString(printed($0).uppercased())) })
    default: value
    }
  }

  private static func printed(_ value: JSONValue?) -> String {
    value.map(PythonText.string) ?? ""
  }
}
