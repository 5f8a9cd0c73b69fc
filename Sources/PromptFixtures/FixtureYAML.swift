// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives
import YAMLFormat

/// Reads YAML with the place of every value; plain scalars mean what they mean in JSON.
///
/// `yes`, `1_000` or a date is a text: only `null`, `true`, `false` and JSON's numbers are not.
enum FixtureYAML {
  /// The tree of a source.
  static func read(_ source: FixtureSource) throws(FixtureError) -> FixtureNode {
    guard String(validating: source.bytes, as: UTF8.self) != nil else {
      throw FixtureError(.damaged, file: source.path, "the file is not UTF-8; save it as UTF-8")
    }
    let root: YAMLNode?
    do throws(YAMLError) {
      root = try YAMLNode.parse(source.bytes)
    } catch {
      throw source.error("not YAML here: \(error.message)", at: mark(error.place))
    }
    guard let root else { throw source.error("the file is empty", at: .offset(0)) }
    return try node(root, source)
  }

  private static func node(_ node: YAMLNode, _ source: FixtureSource) throws(FixtureError)
    -> FixtureNode
  {
    let mark = mark(node.place)
    guard !node.isAnchored else {
      throw source.error(
        "anchors are not allowed", at: mark, hint: "put what is shared into a file of its own")
    }
    switch node.value {
    case .scalar(let text, let style):
      return FixtureNode(value: .scalar(value(of: text, style)), mark: mark)
    case .sequence(let sequence):
      var elements: [FixtureNode] = []
      elements.reserveCapacity(sequence.count)
      for element in sequence { elements.append(try self.node(element, source)) }
      return FixtureNode(value: .list(elements), mark: mark)
    case .mapping(let mapping):
      return FixtureNode(value: .map(try entries(mapping, source)), mark: mark)
    case .alias:
      throw source.error(
        "aliases are not allowed", at: mark, hint: "put what is shared into a file of its own")
    }
  }

  private static func entries(
    _ mapping: [(key: YAMLNode, value: YAMLNode)], _ source: FixtureSource
  ) throws(FixtureError) -> [FixtureNode.Entry] {
    var entries: [FixtureNode.Entry] = []
    var names: Set<ExactString> = []
    for (key, value) in mapping {
      let keyMark = mark(key.place)
      guard case .scalar(let text, _) = key.value else {
        throw source.error("a key must be a text", at: keyMark)
      }
      let name = ExactString(text)
      guard names.insert(name).inserted else {
        throw source.error("the key '\(name)' stands twice in one map", at: keyMark)
      }
      entries.append(.init(key: name, keyMark: keyMark, value: try node(value, source)))
    }
    return entries
  }

  private static func value(of text: String, _ style: YAMLNode.ScalarStyle) -> JSONValue {
    guard style == .plain else { return .string(ExactString(text)) }
    switch text {
    case "", "~", "null": return .null
    case "true": return .bool(true)
    case "false": return .bool(false)
    default:
      let isNumber = text.utf8.first.map { $0 == 0x2D || 0x30...0x39 ~= $0 } ?? false
      guard isNumber, let number = try? JSONValue(parsing: text) else {
        return .string(ExactString(text))
      }
      return number
    }
  }

  private static func mark(_ place: YAMLNode.Place) -> FixtureNode.Mark {
    .line(place.line, column: place.column)
  }
}
