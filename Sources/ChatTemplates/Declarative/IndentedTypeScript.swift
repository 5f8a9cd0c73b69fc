// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// Writes tools as a TypeScript namespace in the layout of the Harmony renderer.
///
/// ```
/// namespace functions {
///
/// // Searches the web.
/// type search = (_: {
/// query: string,
/// filters?: {
///     site?: string,
///     },
/// }) => any;
///
/// } // namespace functions
/// ```
/// A member's title, description and examples stand above it, its default after it. Alternatives
/// (`oneOf`) stand on a line each.
enum IndentedTypeScript {
  /// The namespace with its heading.
  static func namespace(_ name: String, _ tools: JSONValue) -> String {
    var text = "## \(name)\n\nnamespace \(name) {\n"
    for tool in tools.array ?? [] {
      let function = tool["function"] ?? tool
      for line in lines(of: function["description"]) { text += "\n// " + line }
      text += "\ntype \(PythonText.string(function["name"] ?? "")) = "
      if let parameters = function["parameters"], !parameters.isNull {
        text += "(_: \(type(of: parameters, indent: ""))) => any;\n"
      } else {
        text += "() => any;\n"
      }
    }
    return text + "\n} // namespace \(name)"
  }

  /// The lines of a text; a line break at the end opens none.
  private static func lines(of value: JSONValue?) -> [String] {
    guard let text = value?.string else { return [] }
    var lines = text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines.map { line in
      String(decoding: line.last == 0x0D ? line.dropLast() : line, as: UTF8.self)
    }
  }

  // MARK: Types

  private static func type(of schema: JSONValue, indent: String) -> String {
    if let variants = schema["oneOf"]?.array {
      return variants.map { variant in
        "\n\(indent) | " + nullable(variant, indent: indent + "   ")
          + comment([
            variant["description"]?.string?.string, defaultNote(of: variant, quotesAlways: true),
          ])
      }.joined()
    }
    if let kinds = schema["type"]?.array {
      let names = kinds.compactMap(\.string).map { $0 == "integer" ? "number" : $0.string }
      if !names.isEmpty { return names.joined(separator: " | ") }
    }
    switch schema["type"]?.string {
    case "object": return object(schema, indent: indent)
    case "string":
      let values = (schema["enum"]?.array ?? []).compactMap(\.string).map { "\"\($0)\"" }
      return values.isEmpty ? "string" : values.joined(separator: " | ")
    case "number", "integer": return "number"
    case "boolean": return "boolean"
    case "array": return schema["items"].map { type(of: $0, indent: indent) + "[]" } ?? "Array<any>"
    default: return "any"
    }
  }

  private static func nullable(_ schema: JSONValue, indent: String) -> String {
    let text = type(of: schema, indent: indent)
    let isOpen = schema["nullable"]?.bool == true && !TextScanning.contains(text, "null")
    return isOpen ? text + " | null" : text
  }

  private static func object(_ schema: JSONValue, indent: String) -> String {
    var text = ""
    if let about = schema["description"]?.string { text += "\(indent)// \(about)\n" }
    text += "{\n"
    let required = schema["required"]?.array ?? []
    for (key, member) in schema["properties"]?.object ?? [:] {
      let name = required.contains(.string(key)) ? "\(key)" : "\(key)?"
      text += head(of: member, indent: indent)
      if let variants = member["oneOf"]?.array {
        text += alternatives(variants, of: member, named: name, indent: indent)
        continue
      }
      text += "\(indent)\(name): \(nullable(member, indent: indent + "    ")),"
      text += comment([defaultNote(of: member)]) + "\n"
    }
    return text + indent + "}"
  }

  /// The comments above a member.
  private static func head(of member: JSONValue, indent: String) -> String {
    var text = ""
    if let title = member["title"]?.string { text += "\(indent)// \(title)\n\(indent)//\n" }
    if member["oneOf"] == nil, let about = member["description"]?.string {
      text += "\(indent)// \(about)\n"
    }
    if let examples = member["examples"]?.array, !examples.isEmpty {
      text += "\(indent)// Examples:\n"
      for example in examples.compactMap(\.string) { text += "\(indent)// - \"\(example)\"\n" }
    }
    return text
  }

  /// A member that has one of several types: its description above, unless the first type has the
  /// same, and each type on a line.
  private static func alternatives(
    _ variants: [JSONValue], of member: JSONValue, named name: String, indent: String
  ) -> String {
    var text = ""
    let about = member["description"]?.string
    let isAbove = about != nil && about != variants.first?["description"]?.string
    if isAbove, let about { text += "\(indent)// \(about)\n" }
    if let note = defaultNote(of: member) { text += "\(indent)// \(note)\n" }
    text += "\(indent)\(name):\n"
    for (index, variant) in variants.enumerated() {
      var remark = variant["description"]?.string
      if index == 0 && isAbove || remark == about { remark = nil }
      text += "\(indent) | " + nullable(variant, indent: indent + "   ")
      text += comment([remark?.string, defaultNote(of: variant)]) + "\n"
    }
    return text + indent + ",\n"
  }

  // MARK: Comments

  private static func comment(_ parts: [String?]) -> String {
    let present = parts.compactMap(\.self)
    return present.isEmpty ? "" : " // " + present.joined(separator: " ")
  }

  /// `default: 5`; a text stands in quotes unless the member names its values.
  private static func defaultNote(of schema: JSONValue, quotesAlways: Bool = false) -> String? {
    guard let value = schema["default"] else { return nil }
    var compact = JSONSerializer()
    compact.itemSeparator = ","
    compact.keySeparator = ":"
    guard let text = value.string else { return "default: " + compact.serialize(value) }
    let isListed = schema["enum"]?.array.map { !$0.isEmpty } ?? false
    return isListed && !quotesAlways ? "default: \(text)" : "default: \"\(text)\""
  }
}
