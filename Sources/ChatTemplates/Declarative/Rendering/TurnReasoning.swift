// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// The reasoning of one message and its content without it, found once for all who ask: parts of
/// the ``MessageTable/texts``.
struct TurnReasoning {
  let message: Int32
  /// Whether a field holds the reasoning; else it stands in the content, if at all.
  let isField: Bool
  let thought: Range<Int>
  let answer: Range<Int>
}

extension RenderOperand {
  /// Whether it is a message's reasoning, or its content without it.
  var isReasoning: Bool { root == .thought || root == .answer }
}

extension DeclarativeRenderer {
  /// Where what a reasoning operand asks for stands, once it was recalled; nil where there is none.
  func reasoningText(_ operand: RenderOperand) -> Range<Int>? {
    guard let reasoning else { return nil }
    return operand.root == .thought ? reasoning.thought : reasoning.answer
  }

  /// Finds the reasoning that an operand asks for, and keeps it for whoever asks next.
  mutating func recallReasoning(for operand: RenderOperand) {
    guard operand.isReasoning else { return }
    guard turns.indices.contains(position) else { return reasoning = nil }
    let message = turns[position]
    if reasoning?.message == message { return }
    reasoning = findReasoning(message)
  }

  private mutating func findReasoning(_ message: Int32) -> TurnReasoning? {
    guard let rule = program.definition.reasoning else { return nil }
    let content = contentText(message, rule)
    if let thought = text(message, RenderCompiler.reasoningColumn) {
      return TurnReasoning(message: message, isField: true, thought: thought, answer: content)
    }
    return table.texts.withSpan { bytes in
      let close = rule.close.utf8Span.span
      guard let end = TextScanning.find(close, in: bytes, content) else {
        let start = content.lowerBound
        return TurnReasoning(
          message: message, isField: false, thought: start..<start, answer: content)
      }
      return TurnReasoning(
        message: message, isField: false,
        thought: Self.thought(in: bytes, content.lowerBound..<end, opening: rule.open),
        answer: Self.answer(in: bytes, content, closing: rule.close))
    }
  }

  /// The text of a message's content in which reasoning is looked for.
  private mutating func contentText(_ message: Int32, _ rule: TemplateDefinition.Reasoning)
    -> Range<Int>
  {
    if let text = text(message, RenderCompiler.contentColumn) { return text }
    switch table.value(message, RenderCompiler.contentColumn) {
    case .array(let parts)? where rule.readsParts: return table.add(TextConversion.visible(parts))
    case .some(let other) where rule.readsParts: return table.add(PythonText.string(other))
    default: return 0..<0
    }
  }

  /// Where the text of a field stands, also one that is too far for the table; nil if it is none.
  private mutating func text(_ message: Int32, _ column: Int32) -> Range<Int>? {
    if let text = table.text(message, column) { return text }
    return table.value(message, column)?.string.map { table.add($0.string) }
  }

  /// What stands after the last opening mark before a closing one.
  private static func thought(in bytes: Span<UInt8>, _ range: Range<Int>, opening: String)
    -> Range<Int>
  {
    let head = TextScanning.withoutNewlines(bytes, range, start: false)
    let open = opening.utf8Span.span
    let mark = TextScanning.find(open, in: bytes, head, last: true)
    let start = mark.map { $0 + open.count } ?? head.lowerBound
    return TextScanning.withoutNewlines(bytes, start..<head.upperBound, end: false)
  }

  /// What stands after the last closing mark.
  private static func answer(in bytes: Span<UInt8>, _ range: Range<Int>, closing: String)
    -> Range<Int>
  {
    let close = closing.utf8Span.span
    guard let mark = TextScanning.find(close, in: bytes, range, last: true) else { return range }
    return TextScanning.withoutNewlines(bytes, mark + close.count..<range.upperBound, end: false)
  }
}
