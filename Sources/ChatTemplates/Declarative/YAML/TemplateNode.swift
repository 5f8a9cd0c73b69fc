// SPDX-License-Identifier: Apache-2.0

import TextPrimitives

/// A value of a template file, with its place.
///
/// The tree is what the format allows of YAML and no more: double-quoted text, bare words, lists
/// and maps.
struct TemplateNode: Sendable {
  /// What stands at the place.
  indirect enum Value: Sendable {
    /// A double-quoted scalar: text, byte for byte.
    case text(String)
    /// A bare scalar: a keyword, a name, a number or a boolean.
    case word(String)
    case list([TemplateNode])
    case map([Entry])
  }

  /// A key with its value.
  struct Entry: Sendable {
    let key: String
    let keyPlace: TemplatePlace
    var value: TemplateNode
  }

  var value: Value
  let place: TemplatePlace

  /// What stands there, for messages.
  var kindName: String {
    switch value {
    case .text: "a text"
    case .word(let word): "the word '\(word)'"
    case .list: "a list"
    case .map: "a map"
    }
  }

  /// The member of a map.
  subscript(key: String) -> TemplateNode? {
    guard case .map(let entries) = value else { return nil }
    return entries.first { Array($0.key.utf8) == Array(key.utf8) }?.value
  }

  /// Members that hold a condition, which is one value although it is written as a map.
  private static let conditionKeys: Set<String> = ["when", "last", "ignoring"]

  /// This node laid over a base: maps merge key by key, anything else replaces.
  ///
  /// A condition is no map of members: a child's stands for its parent's.
  func merged(over base: TemplateNode) -> TemplateNode {
    merged(over: base, holdsConditions: false)
  }

  private func merged(over base: TemplateNode, holdsConditions: Bool) -> TemplateNode {
    guard case .map(let own) = value, case .map(var entries) = base.value else { return self }
    for entry in own {
      if let place = entries.firstIndex(where: { $0.key == entry.key }) {
        let replaces = holdsConditions || Self.conditionKeys.contains(entry.key)
        let merged =
          replaces
          ? entry.value
          : entry.value.merged(
            over: entries[place].value, holdsConditions: entry.key == "conditions")
        entries[place] = Entry(key: entry.key, keyPlace: entry.keyPlace, value: merged)
      } else {
        entries.append(entry)
      }
    }
    return TemplateNode(value: .map(entries), place: place)
  }
}
