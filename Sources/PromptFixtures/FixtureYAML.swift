// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives
import Yams

/// Reads YAML with the place of every value; plain scalars mean what they mean in JSON.
///
/// `yes`, `1_000` or a date is a text: only `null`, `true`, `false` and JSON's numbers are not.
enum FixtureYAML {
  /// The tree of a source.
  static func read(_ source: FixtureSource) throws(FixtureError) -> FixtureNode {
    guard let text = String(validating: source.bytes, as: UTF8.self) else {
      throw FixtureError(.damaged, file: source.path, "the file is not UTF-8; save it as UTF-8")
    }
    let parser: Parser
    let root: Node?
    do {
      parser = try Parser(yaml: text)
      root = try parser.singleRoot()
    } catch let error as YamlError {
      throw self.error(error, in: source)
    } catch {
      throw source.error("the file is not YAML", at: .offset(0))
    }
    guard let root else { throw source.error("the file is empty", at: .offset(0)) }
    let converted = try node(root, source, depth: 0)
    // Nodes hold their anchors weakly, so the parser lives to the end.
    withExtendedLifetime(parser) {}
    return converted
  }

  private static func node(_ node: Node, _ source: FixtureSource, depth: Int)
    throws(FixtureError) -> FixtureNode
  {
    let mark = mark(of: node)
    guard depth < 200 else { throw source.error("nested deeper than 200 levels", at: mark) }
    guard node.anchor == nil else {
      throw source.error(
        "anchors are not allowed", at: mark, hint: "put what is shared into a file of its own")
    }
    switch node {
    case .scalar(let scalar):
      return FixtureNode(value: .scalar(value(of: scalar)), mark: mark)
    case .sequence(let sequence):
      var elements: [FixtureNode] = []
      elements.reserveCapacity(sequence.count)
      for element in sequence { elements.append(try self.node(element, source, depth: depth + 1)) }
      return FixtureNode(value: .list(elements), mark: mark)
    case .mapping(let mapping):
      var entries: [FixtureNode.Entry] = []
      for (key, value) in mapping {
        guard case .scalar(let name) = key else {
          throw source.error("a key must be a text", at: self.mark(of: key))
        }
        entries.append(
          .init(
            key: ExactString(name.string), keyMark: self.mark(of: key),
            value: try self.node(value, source, depth: depth + 1)))
      }
      return FixtureNode(value: .map(entries), mark: mark)
    case .alias:
      throw source.error(
        "aliases are not allowed", at: mark, hint: "put what is shared into a file of its own")
    }
  }

  private static func value(of scalar: Node.Scalar) -> JSONValue {
    guard scalar.style == .plain || scalar.style == .any else {
      return .string(ExactString(scalar.string))
    }
    switch scalar.string {
    case "", "~", "null": return .null
    case "true": return .bool(true)
    case "false": return .bool(false)
    default:
      let isNumber = scalar.string.utf8.first.map { $0 == 0x2D || 0x30...0x39 ~= $0 } ?? false
      guard isNumber, let number = try? JSONValue(parsing: scalar.string) else {
        return .string(ExactString(scalar.string))
      }
      return number
    }
  }

  private static func mark(of node: Node) -> FixtureNode.Mark {
    .line(max(1, node.mark?.line ?? 1), column: max(1, node.mark?.column ?? 1))
  }

  private static func error(_ error: YamlError, in source: FixtureSource) -> FixtureError {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      return source.error(
        "not YAML here: \(problem)",
        at: .line(max(1, mark.line), column: max(1, mark.column)))
    case .duplicatedKeysInMapping(let duplicates, let context):
      return source.error(
        "the key '\(duplicates.first ?? "")' stands twice in one map",
        at: .line(max(1, context.mark.line), column: max(1, context.mark.column)))
    case .reader(let problem, let offset, _, _):
      return source.error("not YAML here: \(problem)", at: .offset(offset ?? 0))
    default: return source.error("the file is not YAML", at: .offset(0))
    }
  }
}
