// SPDX-License-Identifier: Apache-2.0

import BinaryInput
import OrderedJSON
import TestSupport
import Testing
import TextPrimitives

@testable import ChatTemplates

@Suite("templates/schema.json") struct SchemaTests {
  private let schema: JSONValue

  init() throws {
    schema = try JSONValue(
      parsing: FileReader.bytes(path: Fixtures.packageRoot + "/templates/schema.json"))
  }

  @Test func `fits every template file that is compiled in`() throws {
    for entry in FamilyLibrary.entries {
      let source = TemplateSource(name: ExactString(entry.name + ".yaml"), text: entry.text)
      let file = try StrictYAML.read(source).json
      let problems = SchemaChecker(schema).problems(file, schema, at: entry.name)
      #expect(problems.isEmpty, "\(problems.prefix(3))")
    }
  }

  @Test func `knows the sections and the segments that the reader knows`() throws {
    let sections = schema["properties"]?.object?.keys.map(\.string) ?? []
    #expect(Set(sections) == Set(TemplateReader.documentKeys))
  }

  @Test(arguments: [
    #"{"family": 1}"#, #"{"variant": "other"}"#, #"{"unknown": true}"#,
    #"{"prologue": [{"litt": "x"}]}"#,
    #"{"prologue": [{"slot": "content", "text_marks": "keeep"}]}"#,
    #"{"prologue": [{"lit": "x", "then": []}]}"#, #"{"exceptions": {"speed": "x"}}"#,
    #"{"turns": {"a": {"body": [{"when": "firts", "then": []}]}}}"#,
  ])
  func `refuses what the reader refuses`(members: String) throws {
    var file = try JSONValue(
      parsing:
        #"{"format": "dialect/1", "family": "f", "source": {"model": "m", "date": "d"}, "variant": "chat", "turns": {}}"#
    ).object
    for (key, value) in try JSONValue(parsing: members).object ?? [:] { file?[key] = value }
    let problems = SchemaChecker(schema).problems(.object(try #require(file)), schema, at: "file")
    #expect(!problems.isEmpty)
  }
}

extension TemplateNode {
  /// The node as an editor's YAML reader would have it.
  fileprivate var json: JSONValue {
    switch value {
    case .text(let text): return .string(ExactString(text))
    case .word("true"): return true
    case .word("false"): return false
    case .word("null"): return .null
    case .word(let word): return Int(word).map { .integer($0) } ?? .string(ExactString(word))
    case .list(let elements): return .array(elements.map(\.json))
    case .map(let entries):
      return .object(JSONObject(entries.map { (ExactString($0.key), $0.value.json) }))
    }
  }
}

/// As much of JSON Schema as the file uses.
private struct SchemaChecker {
  let root: JSONValue

  init(_ root: JSONValue) { self.root = root }

  /// What is wrong with a value, by a schema.
  func problems(_ value: JSONValue, _ schema: JSONValue, at path: String) -> [String] {
    if case .bool(let allowed) = schema { return allowed ? [] : ["\(path) is not allowed"] }
    var found: [String] = []
    if let reference = schema["$ref"]?.string {
      found += problems(value, resolved(reference.string), at: path)
    }
    if let type = schema["type"] {
      let names = type.array?.compactMap(\.string) ?? [type.string].compactMap(\.self)
      if !names.contains(where: { has(value, type: $0.string) }) {
        found.append("\(path) is no \(names)")
      }
    }
    if let constant = schema["const"], constant != value {
      found.append("\(path) is not \(constant)")
    }
    if let values = schema["enum"]?.array, !values.contains(value) {
      found.append("\(path) is none of \(values)")
    }
    if let choices = schema["oneOf"]?.array {
      let fitting = choices.count { problems(value, $0, at: path).isEmpty }
      if fitting != 1 { found.append("\(path) fits \(fitting) of \(choices.count) choices") }
    }
    if let other = schema["not"], problems(value, other, at: path).isEmpty {
      found.append("\(path) is what it must not be")
    }
    switch value {
    case .object(let object): found += objectProblems(object, schema, at: path)
    case .array(let elements): found += arrayProblems(elements, schema, at: path)
    default: break
    }
    return found
  }

  private func objectProblems(_ object: JSONObject, _ schema: JSONValue, at path: String)
    -> [String]
  {
    var found: [String] = []
    for name in schema["required"]?.array?.compactMap(\.string) ?? [] where object[name] == nil {
      found.append("\(path) lacks \(name)")
    }
    if case .integer(let least)? = schema["minProperties"], object.count < least {
      found.append("\(path) has too few members")
    }
    if case .integer(let most)? = schema["maxProperties"], object.count > most {
      found.append("\(path) has too many members")
    }
    for (key, member) in object {
      if let known = schema["properties"]?[key] {
        found += problems(member, known, at: "\(path).\(key)")
      } else if let others = schema["additionalProperties"] {
        found += problems(member, others, at: "\(path).\(key)")
      }
    }
    return found
  }

  private func arrayProblems(_ elements: [JSONValue], _ schema: JSONValue, at path: String)
    -> [String]
  {
    var found: [String] = []
    if case .integer(let least)? = schema["minItems"], elements.count < least {
      found.append("\(path) has too few elements")
    }
    if case .integer(let most)? = schema["maxItems"], elements.count > most {
      found.append("\(path) has too many elements")
    }
    let first = schema["prefixItems"]?.array ?? []
    for (index, element) in elements.enumerated() {
      if index < first.count {
        found += problems(element, first[index], at: "\(path)[\(index)]")
      } else if let items = schema["items"] {
        found += problems(element, items, at: "\(path)[\(index)]")
      }
    }
    return found
  }

  private func resolved(_ reference: String) -> JSONValue {
    var value = root
    for part in reference.split(separator: "/").dropFirst() {
      value = value[ExactString(String(part))] ?? false
    }
    return value
  }

  private func has(_ value: JSONValue, type: String) -> Bool {
    switch (value, type) {
    case (.null, "null"), (.bool, "boolean"), (.integer, "integer"), (.integer, "number"),
      (.double, "number"), (.string, "string"), (.array, "array"), (.object, "object"):
      true
    default: false
    }
  }
}
