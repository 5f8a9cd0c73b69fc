// SPDX-License-Identifier: Apache-2.0

import TextPrimitives
import YAMLFormat

@testable import ChatTemplates

/// Template files as a reader of all YAML has them: what ours is held against.
enum YAMLOracle {
  /// The tree of a text; nil where it is no YAML, or holds what template files must not.
  static func read(_ text: String) -> TemplateNode? {
    guard let root = try? YAMLNode.parse(Array(text.utf8)) else { return nil }
    return node(root)
  }

  private static func node(_ node: YAMLNode) -> TemplateNode? {
    guard !node.isAnchored else { return nil }
    switch node.value {
    case .scalar(let text, let style):
      let value: TemplateNode.Value? =
        switch style {
        case .doubleQuoted: .text(text)
        case .plain: isWord(text) ? .word(text) : nil
        case .other: nil
        }
      return value.map { TemplateNode(value: $0, place: place(of: node)) }
    case .sequence(let sequence):
      let elements = sequence.map(self.node)
      guard !elements.contains(where: { $0 == nil }) else { return nil }
      return TemplateNode(value: .list(elements.compactMap(\.self)), place: place(of: node))
    case .mapping(let mapping):
      var entries: [TemplateNode.Entry] = []
      for (key, value) in mapping {
        guard case .scalar(let name, .plain) = key.value, isWord(name),
          !entries.contains(where: { $0.key == name }), let value = self.node(value)
        else { return nil }
        entries.append(.init(key: name, keyPlace: place(of: key), value: value))
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

  private static func place(of node: YAMLNode) -> TemplatePlace {
    TemplatePlace(name: "x", line: node.place.line, column: node.place.column)
  }
}
