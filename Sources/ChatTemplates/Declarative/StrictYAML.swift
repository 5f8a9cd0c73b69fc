// SPDX-License-Identifier: Apache-2.0

import TextPrimitives
import Yams

/// Reads the part of YAML in which nothing drifts: maps, lists, bare words, double-quoted text.
///
/// Block scalars lose or gain white space, single quotes know no escapes, anchors and tags hide
/// what is meant: all are refused, with their place.
enum StrictYAML {
  /// The tree of a source.
  static func read(_ source: TemplateSource) throws(ChatTemplateError) -> TemplateNode {
    try source.checkVisible()
    try source.checkPlain()
    // The parser is kept alive to the end: nodes hold their anchors weakly.
    let (parser, root) = try compose(source)
    guard let root else { throw source.error("the file is empty", line: 1, column: 1) }
    var converter = Converter(source: source)
    let node = try converter.convert(root)
    withExtendedLifetime(parser) {}
    return node
  }

  private static func compose(_ source: TemplateSource) throws(ChatTemplateError) -> (
    Parser, Node?
  ) {
    do {
      // Without rules for tags, which match every bare word against regular expressions, without the
      // means to construct values, which nobody asks for, and without a look at the environment.
      let parser = try Parser(
        yaml: source.text, resolver: .basic, constructor: Constructor([:], [:], [:]),
        encoding: .utf8)
      return (parser, try parser.singleRoot())
    } catch let error as YamlError {
      throw source.error(for: error)
    } catch {
      throw source.error("the file is not YAML", line: 1, column: 1)
    }
  }
}

/// Turns Yams' nodes into ours and refuses what the format has no use for.
private struct Converter {
  let source: TemplateSource
  let lines: [Substring.UTF8View]
  var depth = 0

  init(source: TemplateSource) {
    self.source = source
    lines = source.text.utf8
      .split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .map { Substring($0).utf8 }
  }

  mutating func convert(_ node: Node) throws(ChatTemplateError) -> TemplateNode {
    let place = place(of: node)
    depth += 1
    defer { depth -= 1 }
    guard depth <= TemplateSource.depthLimit else {
      throw error("nested deeper than \(TemplateSource.depthLimit) levels", place)
    }
    switch node {
    case .scalar(let scalar):
      return TemplateNode(value: try value(of: scalar, place), place: place)
    case .sequence(let sequence):
      var elements: [TemplateNode] = []
      for element in sequence { elements.append(try convert(element)) }
      return TemplateNode(value: .list(elements), place: place)
    case .mapping(let mapping):
      var entries: [TemplateNode.Entry] = []
      for (key, value) in mapping {
        let keyPlace = self.place(of: key)
        guard case .scalar(let name) = key, name.style == .plain, key.anchor == nil else {
          throw error("a key must be a bare word", keyPlace)
        }
        entries.append(
          .init(key: name.string, keyPlace: keyPlace, value: try convert(value)))
      }
      return TemplateNode(value: .map(entries), place: place)
    case .alias:
      throw error("aliases are not allowed", place, hint: "use 'extends' or 'use'")
    }
  }

  private func value(of scalar: Node.Scalar, _ place: TemplatePlace) throws(ChatTemplateError)
    -> TemplateNode.Value
  {
    switch scalar.style {
    case .doubleQuoted:
      try checkOneLine(place)
      return .text(scalar.string)
    case .plain, .any:
      let isWord = scalar.string.utf8.allSatisfy { byte in
        byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
      }
      guard isWord, !scalar.string.isEmpty else {
        throw error("text must stand in double quotes", place)
      }
      return .word(scalar.string)
    case .singleQuoted, .literal, .folded:
      throw error(
        "text must stand in double quotes", place,
        hint: "write line breaks as \\n: other forms change white space")
    }
  }

  /// A quoted text that runs on in the next line would be folded.
  private func checkOneLine(_ place: TemplatePlace) throws(ChatTemplateError) {
    guard place.line >= 1, place.line <= lines.count else { return }
    var bytes = lines[place.line - 1].makeIterator()
    var skipped = place.column - 1
    while skipped > 0, let byte = bytes.next() {
      if byte & 0xC0 != 0x80 { skipped -= 1 }
    }
    var isOpen = false
    while let byte = bytes.next() {
      if byte == UInt8(ascii: "\\") {
        if bytes.next() == nil { break }
      } else if byte == UInt8(ascii: "\"") {
        if isOpen { return }
        isOpen = true
      }
    }
    throw error("a text must end on its line", place, hint: "write the line break as \\n")
  }

  private func place(of node: Node) -> TemplatePlace {
    TemplatePlace(
      name: source.name, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
  }

  private func error(_ message: String, _ place: TemplatePlace, hint: String? = nil)
    -> ChatTemplateError
  {
    source.error(message, line: place.line, column: place.column, hint: hint)
  }
}

extension TemplateSource {
  fileprivate func error(for error: YamlError) -> ChatTemplateError {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      let hint = problem.contains("tab") ? "indent with spaces" : nil
      return self.error(
        "not YAML here: \(problem)", line: max(1, mark.line), column: max(1, mark.column),
        hint: hint)
    case .duplicatedKeysInMapping(let duplicates, let context):
      return self.error(
        "the key '\(duplicates.first ?? "")' stands twice in one map", line: context.mark.line,
        column: context.mark.column)
    default:
      return self.error("the file is not YAML", line: 1, column: 1)
    }
  }
}
