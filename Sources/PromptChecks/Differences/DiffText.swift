// SPDX-License-Identifier: Apache-2.0

import ChatTemplates
import TextPrimitives

/// Shows a difference between two rows of tokens.
///
/// ```text
///   token 4
///     = <|start_header_id|>│user│<|end_header_id|>│⏎⏎
///     - ␠Hello
///     + Hello
///     = <|eot_id|>
/// ```
struct DiffText {
  private static let contextCount = 6
  private static let shownCount = 24

  let old: [ShownToken]
  let new: [ShownToken]

  /// The lines of one hunk.
  func lines(of hunk: TokenDiff.Hunk, indent: String = "    ") -> StyledText {
    var text = StyledText()
    let before = max(0, hunk.new.lowerBound - Self.contextCount)..<hunk.new.lowerBound
    let after =
      hunk.new.upperBound..<min(new.count, hunk.new.upperBound + Self.contextCount)
    append(&text, indent, "= ", .faint, new, before)
    append(&text, indent, "- ", .bad, old, hunk.old)
    append(&text, indent, "+ ", .good, new, hunk.new)
    append(&text, indent, "= ", .faint, new, after)
    return text
  }

  private func append(
    _ text: inout StyledText, _ indent: String, _ sign: String, _ style: StyledText.Style,
    _ tokens: [ShownToken], _ range: Range<Int>
  ) {
    guard !range.isEmpty else { return }
    text.append(indent + sign, style)
    let shown = range.prefix(Self.shownCount)
    for index in shown {
      if index > range.lowerBound { text.append("│", .faint) }
      let token = tokens[index]
      let visible = VisibleText.of(token.bytes)
      let label = visible.isEmpty ? "#\(token.id.map(String.init) ?? "?")" : visible
      text.append(label, token.isControl ? .control : token.role.map { .role($0) } ?? .plain)
    }
    if shown.count < range.count { text.append(" … \(range.count - shown.count) more", .faint) }
    text.append("\n")
  }
}

/// The line of a template that wrote a token.
struct TemplateLine {
  let place: TemplatePlace
  private let sources: [(name: String, text: String)]

  /// The place that wrote the token at an index, or the nearest one before it that is known.
  init?(at index: Int, of tokens: [ShownToken], _ prompt: Prompt, _ template: ChatTemplate) {
    var segment: Int? = tokens.indices.contains(index) ? tokens[index].segment : nil
    if segment == nil { segment = tokens.last?.segment }
    guard let segment, segment < prompt.segments.count,
      let place = prompt.segments[...segment].last(where: { $0.source != nil })?.source
    else { return nil }
    self.place = place
    sources = template.sources
  }

  /// The place, and the line itself where the source is at hand.
  var description: String {
    guard let source = sources.first(where: { $0.name == place.name.string }) ?? sources.first
    else { return "\(place.name):\(place.line):\(place.column)" }
    let bytes = Array(source.text.utf8)
    var offset = 0
    var line = 1
    while line < place.line, offset < bytes.count {
      if bytes[offset] == UInt8(ascii: "\n") { line += 1 }
      offset += 1
    }
    var columns = place.column - 1
    while offset < bytes.count, columns > 0 || bytes[offset] & 0xC0 == 0x80 {
      if bytes[offset] & 0xC0 != 0x80 { columns -= 1 }
      offset += 1
    }
    let isEnd: (UInt8) -> Bool = { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "}") }
    let width = bytes.dropFirst(offset).prefix { !isEnd($0) }.count
    return SourceExcerpt(
      name: place.name.string, source: bytes, range: offset..<offset + max(1, width),
      message: "written here"
    ).description
  }
}
