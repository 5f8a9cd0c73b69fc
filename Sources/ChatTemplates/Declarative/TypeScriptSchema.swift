// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// Writes tools as TypeScript, as templates that share one macro do.
enum TypeScriptSchema {
  /// `namespace functions { … }` with its heading.
  static func namespace(_ name: String, _ tools: JSONValue) throws(ChatTemplateError) -> String {
    var text = "## \(name)\n\nnamespace \(name) {\n\n"
    for index in (tools.array ?? []).indices {
      text += try declaration(index, of: tools, separator: ",\n", end: ",\n") + "\n\n"
    }
    return text + "} // namespace \(name)"
  }

  /// The declarations alone, a line break between them and no comma after the last parameter.
  static func declarations(_ tools: JSONValue) throws(ChatTemplateError) -> String {
    var parts: [String] = []
    for index in (tools.array ?? []).indices {
      parts.append(try declaration(index, of: tools, separator: ",\n", end: "\n"))
    }
    return parts.joined(separator: "\n")
  }

  /// `type name = (_: {…}) => any;` under its description.
  private static func declaration(
    _ index: Int, of tools: JSONValue, separator: String, end: String
  ) throws(ChatTemplateError) -> String {
    let function = tools.array?[index]["function"]
    guard let name = function?["name"]?.string else {
      throw ChatTemplateError(.missingField("[\(index)].function.name"))
    }
    guard let about = function?["description"]?.string else {
      throw ChatTemplateError(.missingField("[\(index)].function.description"))
    }
    let head = "// \(about)\ntype \(name) = "
    let parameters = function?["parameters"]
    guard let properties = parameters?["properties"]?.object, !properties.isEmpty else {
      return head + "() => any;"
    }
    let required = parameters?["required"]?.array ?? []
    let members = properties.map { property($0.key, $0.value, required) }
    return head + "(_: {\n" + members.joined(separator: separator) + end + "}) => any;"
  }

  private static func property(_ name: ExactString, _ schema: JSONValue, _ required: [JSONValue])
    -> String
  {
    var text = ""
    if let about = schema["description"], PythonText.isTrue(about) {
      text += "// \(PythonText.string(about))\n"
    }
    text += name.string
    if !required.contains(.string(name)) { text += "?" }
    text += ": " + type(schema)
    if let fallback = schema["default"] {
      if PythonText.isTrue(schema["enum"]) {
        text += ", // default: \(PythonText.string(fallback))"
      } else if PythonText.isTrue(schema["oneOf"]) {
        text += "// default: \(PythonText.string(fallback))"
      } else {
        text += ", // default: \(fallback.serialized())"
      }
    }
    return text
  }

  private static func type(_ schema: JSONValue) -> String {
    if case .array(let kinds) = schema["type"], let first = kinds.first {
      return kinds.count > 1
        ? kinds.map(PythonText.string).joined(separator: " | ") : PythonText.string(first)
    }
    let kind = schema["type"]?.string
    if kind == "array" { return array(schema) }
    if case .array(let variants) = schema["oneOf"], !variants.isEmpty { return union(variants) }
    switch kind {
    case "string":
      if case .array(let values) = schema["enum"], !values.isEmpty {
        return "\"" + values.map(PythonText.string).joined(separator: "\" | \"") + "\""
      }
      return PythonText.isTrue(schema["nullable"]) ? "string | null" : "string"
    case "number", "integer": return "number"
    case "boolean": return "boolean"
    case "object": return object(schema)
    default: return "any"
    }
  }

  private static func array(_ schema: JSONValue) -> String {
    let null = PythonText.isTrue(schema["nullable"]) ? " | null" : ""
    guard let items = schema["items"], PythonText.isTrue(items) else { return "any[]" + null }
    switch items["type"]?.string {
    case "string": return "string[]" + null
    case "number", "integer": return "number[]" + null
    case "boolean": return "boolean[]" + null
    default:
      let inner = type(items)
      let isLong = inner == "object | object" || inner.unicodeScalars.count > 50
      return (isLong ? "any[]" : inner + "[]") + null
    }
  }

  private static func union(_ variants: [JSONValue]) -> String {
    if variants.count > 1, variants.contains(where: { $0["type"]?.string == "object" }) {
      return "any"
    }
    var parts: [String] = []
    for variant in variants {
      var part = type(variant)
      if let about = variant["description"], PythonText.isTrue(about) {
        part += "// \(PythonText.string(about))"
      }
      if let fallback = variant["default"] { part += "// default: \(fallback.serialized())" }
      parts.append(part)
    }
    return parts.joined(separator: " | ")
  }

  private static func object(_ schema: JSONValue) -> String {
    guard let properties = schema["properties"]?.object, !properties.isEmpty else {
      return "object"
    }
    let required = schema["required"]?.array ?? []
    // The official template indents its own source here, and the model has seen it so.
    let indent = "\n" + String(repeating: " ", count: 16)
    var members: [String] = []
    for (key, value) in properties {
      let mark = required.contains(.string(key)) ? "" : "?"
      members.append("\(key)\(mark): \(indent)\(type(value))")
    }
    return "{\n" + members.joined(separator: ", ") + "}"
  }
}
