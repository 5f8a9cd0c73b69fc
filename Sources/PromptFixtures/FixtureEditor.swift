// SPDX-License-Identifier: Apache-2.0

import TextPrimitives

/// Changes values in a fixture's text and leaves all else, comments included, as it stands.
struct FixtureEditor {
  private struct Edit {
    var range: Range<Int>
    var text: String
  }

  private let source: FixtureSource
  private let spans: ValueSpan
  private let text: FixtureText
  private var edits: [Edit] = []

  init(_ source: FixtureSource) {
    self.source = source
    spans = ValueSpan(source: source)
    text = FixtureText(syntax: source.syntax)
  }

  /// Gives a map these members: known keys change their value, new ones follow the last, and those
  /// of `removed` go.
  mutating func set(
    _ members: [(key: ExactString, text: String)], removing removed: [ExactString] = [],
    in map: FixtureNode
  ) {
    var added: [(key: ExactString, text: String)] = []
    for member in members {
      guard let node = map[member.key] else {
        added.append(member)
        continue
      }
      edits.append(Edit(range: spans.range(of: node), text: member.text))
    }
    let kept = map.entries.filter { !removed.contains($0.key) }
    for entry in map.entries where removed.contains(entry.key) {
      remove(entry, of: map, isOnly: kept.isEmpty && added.isEmpty)
    }
    if !added.isEmpty { insert(added, in: map) }
  }

  /// Gives a map a member that is itself a map.
  mutating func set(
    _ key: ExactString, to members: [(key: ExactString, text: String)],
    removing removed: [ExactString] = [], in map: FixtureNode
  ) {
    if let node = map[key], case .map(let entries) = node.value {
      let remains = entries.contains { !removed.contains($0.key) }
      if remains || source.isFlow(node) && entries.isEmpty {
        return set(members, removing: removed, in: node)
      }
    }
    let isBlock = !source.isFlow(map)
    let value = nested(members, isBlock: isBlock, under: map)
    if let node = map[key] {
      let range = spans.range(of: node)
      // A block value starts on a line of its own, which the new one brings along.
      let start =
        isBlock && !source.isFlow(node) ? lineBreak(before: range.lowerBound) : range.lowerBound
      let space = isBlock && source.isFlow(node) ? trimmedStart(range.lowerBound) : start
      edits.append(Edit(range: space..<range.upperBound, text: value))
    } else {
      insert([(key, value)], in: map)
    }
  }

  /// Puts a member that is a map before another one of a head.
  mutating func insert(
    _ key: ExactString, _ members: [(key: ExactString, text: String)], before next: FixtureNode,
    in map: FixtureNode
  ) {
    guard let entry = map.entries.first(where: { $0.value.mark == next.mark }) else { return }
    let place = source.offset(of: entry.keyMark)
    let value = nested(members, isBlock: false, under: map)
    let margin = source.isFlow(map) ? ", " : "\n" + String(repeating: " ", count: indent(of: map))
    edits.append(Edit(range: place..<place, text: "\(text.key(key)): \(value)\(margin)"))
  }

  /// The text with all changes, or as it was where they overlap.
  func edited() -> [UInt8] {
    var output: [UInt8] = []
    var place = 0
    for edit in edits.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
      guard edit.range.lowerBound >= place else { return source.bytes }
      output += source.bytes[place..<edit.range.lowerBound]
      output += edit.text.utf8
      place = edit.range.upperBound
    }
    return output + source.bytes[place...]
  }

  var isEmpty: Bool { edits.isEmpty }

  // MARK: Places

  private func nested(
    _ members: [(key: ExactString, text: String)], isBlock: Bool, under map: FixtureNode
  ) -> String {
    guard isBlock else {
      return "{\(members.map { "\(text.key($0.key)): \($0.text)" }.joined(separator: ", "))}"
    }
    let margin = String(repeating: " ", count: indent(of: map) + 2)
    return members.map { "\n\(margin)\($0.key): \($0.text)" }.joined()
  }

  /// How far the keys of a block map are indented.
  private func indent(of map: FixtureNode) -> Int {
    let start = map.entries.first.map { source.offset(of: $0.keyMark) } ?? 0
    return start - source.lineRange(source.line(of: .offset(start)) - 1).lowerBound
  }

  private mutating func insert(
    _ members: [(key: ExactString, text: String)], in map: FixtureNode
  ) {
    if source.isFlow(map) {
      let isEmpty = map.entries.isEmpty
      let place =
        map.entries.last.map { spans.range(of: $0.value).upperBound }
        ?? spans.range(of: map).lowerBound + 1
      let added = members.map { "\(text.key($0.key)): \($0.text)" }.joined(separator: ", ")
      edits.append(Edit(range: place..<place, text: isEmpty ? added : ", \(added)"))
      return
    }
    let margin = String(repeating: " ", count: indent(of: map))
    var place = spans.range(of: map).upperBound
    while place < source.bytes.count, source.bytes[place] != UInt8(ascii: "\n") { place += 1 }
    let added = members.map { member in
      let isNested = member.text.utf8.first == UInt8(ascii: "\n")
      return "\n\(margin)\(member.key):\(isNested ? "" : " ")\(member.text)"
    }.joined()
    edits.append(Edit(range: place..<place, text: added))
  }

  private mutating func remove(_ entry: FixtureNode.Entry, of map: FixtureNode, isOnly: Bool) {
    var start = source.offset(of: entry.keyMark)
    var end = spans.range(of: entry.value).upperBound
    if source.isFlow(map) {
      if source.bytes[..<end].isEmpty { return }
      if let comma = separator(after: end) {
        end = comma
      } else {
        while start > 0, source.bytes[start - 1] == 0x20 { start -= 1 }
        if start > 0, source.bytes[start - 1] == UInt8(ascii: ",") { start -= 1 }
      }
    } else {
      start = lineBreak(before: start)
      while end < source.bytes.count, source.bytes[end] != UInt8(ascii: "\n") { end += 1 }
    }
    edits.append(Edit(range: start..<end, text: ""))
  }

  /// The start of the next member, where a comma follows.
  private func separator(after end: Int) -> Int? {
    guard end < source.bytes.count, source.bytes[end] == UInt8(ascii: ",") else { return nil }
    var place = end + 1
    while place < source.bytes.count, source.bytes[place] == 0x20 { place += 1 }
    return place
  }

  /// The line break before which a line's first key stands.
  private func lineBreak(before place: Int) -> Int {
    var start = place
    while start > 0, source.bytes[start - 1] == 0x20 || source.bytes[start - 1] == 0x0A {
      start -= 1
    }
    return start
  }

  private func trimmedStart(_ place: Int) -> Int {
    var start = place
    while start > 0, source.bytes[start - 1] == 0x20 { start -= 1 }
    return start
  }
}
