// SPDX-License-Identifier: Apache-2.0

import TextPrimitives

/// Loads a template file with the files that it extends.
enum FamilyLoader {
  /// A built-in family by name or alias.
  static func load(family name: String) throws(ChatTemplateError) -> TemplateDefinition {
    guard let entry = FamilyLibrary.entry(named: name), !entry.isAbstract else {
      let names = FamilyLibrary.entries.filter { !$0.isAbstract }
        .flatMap { [$0.name] + $0.aliases }
      throw ChatTemplateError(
        .unknownFamily(name),
        hint: EditDistance.nearest(to: name, among: names).map { "did you mean '\($0)'?" })
    }
    return try load(
      TemplateSource(name: ExactString(entry.name + ".yaml"), text: entry.text))
  }

  /// A file that may extend a built-in family.
  static func load(_ source: TemplateSource) throws(ChatTemplateError) -> TemplateDefinition {
    var sources = [source]
    var root = try StrictYAML.read(source)
    var seen = [root["family"].flatMap(name(of:)) ?? ""]
    var head = root
    while let parent = head["extends"] {
      guard let name = name(of: parent) else {
        throw source.error(
          "'extends' must name a family in double quotes", line: parent.place.line,
          column: parent.place.column)
      }
      let holder = sources[sources.count - 1]
      guard !seen.contains(name) else {
        throw holder.error(
          "'extends' goes in a circle: \((seen + [name]).joined(separator: " → "))",
          line: parent.place.line, column: parent.place.column)
      }
      guard let entry = FamilyLibrary.entry(named: name) else {
        let names = FamilyLibrary.entries.map(\.name)
        throw holder.error(
          "no family '\(name)' to extend", line: parent.place.line, column: parent.place.column,
          hint: EditDistance.nearest(to: name, among: names).map { "did you mean '\($0)'?" })
      }
      seen.append(name)
      let base = TemplateSource(name: ExactString(entry.name + ".yaml"), text: entry.text)
      sources.append(base)
      head = try StrictYAML.read(base)
      root = root.merged(over: head.inheritable)
    }
    return try TemplateReader.read(root, sources: sources)
  }

  private static func name(of node: TemplateNode) -> String? {
    if case .text(let text) = node.value { text } else { nil }
  }
}

extension TemplateNode {
  /// What a family hands down: all but its own names.
  fileprivate var inheritable: TemplateNode {
    guard case .map(let entries) = value else { return self }
    let own = ["aliases", "abstract"]
    return TemplateNode(value: .map(entries.filter { !own.contains($0.key) }), place: place)
  }
}
