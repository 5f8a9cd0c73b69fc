// SPDX-License-Identifier: Apache-2.0

import TextPrimitives
import Yams

@testable import ChatTemplates

/// Template files as a reader of all YAML has them: what ours is held against.
enum YAMLOracle {
  /// The tree of a text; nil where it is no YAML, or holds what template files must not.
  static func read(_ text: String) -> TemplateNode? {
    // Without rules for tags, so that a word is what stands there.
    guard
      let parser = try? Parser(
        yaml: text, resolver: .basic, constructor: Constructor([:], [:], [:]), encoding: .utf8),
      let root = try? parser.singleRoot()
    else { return nil }
    // Nodes hold their anchors weakly.
    defer { withExtendedLifetime(parser) {} }
    return node(root)
  }

  private static func node(_ node: Node) -> TemplateNode? {
    guard node.anchor == nil else { return nil }
    switch node {
    case .scalar(let scalar):
      let value: TemplateNode.Value? =
        switch scalar.style {
        case .doubleQuoted: .text(scalar.string)
        case .plain, .any: isWord(scalar.string) ? .word(scalar.string) : nil
        default: nil
        }
      return value.map { TemplateNode(value: $0, place: place(of: node)) }
    case .sequence(let sequence):
      let elements = sequence.map(self.node)
      guard !elements.contains(where: { $0 == nil }) else { return nil }
      return TemplateNode(value: .list(elements.compactMap(\.self)), place: place(of: node))
    case .mapping(let mapping):
      var entries: [TemplateNode.Entry] = []
      for (key, value) in mapping {
        guard case .scalar(let name) = key, name.style == .plain, isWord(name.string),
          let value = self.node(value)
        else { return nil }
        entries.append(.init(key: name.string, keyPlace: place(of: key), value: value))
      }
      return TemplateNode(value: .map(entries), place: place(of: node))
    case .alias: return nil
    }
  }

  private static func isWord(_ text: String) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy {
        $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
      }
  }

  private static func place(of node: Node) -> TemplatePlace {
    TemplatePlace(name: "x", line: node.mark?.line ?? 0, column: node.mark?.column ?? 0)
  }
}
