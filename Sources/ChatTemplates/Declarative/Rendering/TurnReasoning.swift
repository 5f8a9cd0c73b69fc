// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// The reasoning of one message and its content without it, found once for all who ask.
struct TurnReasoning {
  let message: Int32
  /// Whether a field holds the reasoning; else it stands in the content, if at all.
  let isField: Bool
  let thought: HeldText
  let answer: HeldText
}

extension RenderOperand {
  /// Whether it is a message's reasoning, or its content without it.
  var isReasoning: Bool { root == .thought || root == .answer }
}

extension DeclarativeRenderer {
  /// What a reasoning operand asks for, once it was recalled; nil where there is none.
  mutating func reasoningText(_ operand: RenderOperand) -> HeldText? {
    guard let reasoning else { return nil }
    return operand.root == .thought ? reasoning.thought : reasoning.answer
  }

  /// Finds the reasoning that an operand asks for, and keeps it for whoever asks next.
  mutating func recallReasoning(for operand: RenderOperand) {
    guard operand.isReasoning else { return }
    guard message >= 0 else { return reasoning = nil }
    if reasoning?.message == message { return }
    reasoning = findReasoning(message)
  }

  private mutating func findReasoning(_ message: Int32) -> TurnReasoning? {
    guard let rule = program.definition.reasoning else { return nil }
    let content = contentText(message, rule)
    if let thought = text(message, RenderCompiler.reasoningColumn) {
      return TurnReasoning(message: message, isField: true, thought: thought, answer: content)
    }
    let (thought, answer) = content.withSpan { bytes in
      let whole = 0..<bytes.count
      guard let end = TextScanning.find(rule.close.utf8Span.span, in: bytes, whole) else {
        return (0..<0, whole)
      }
      return (
        Self.thought(in: bytes, 0..<end, opening: rule.open),
        Self.answer(in: bytes, whole, closing: rule.close)
      )
    }
    return TurnReasoning(
      message: message, isField: false, thought: content.part(thought),
      answer: content.part(answer))
  }

  /// The text of a message's content in which reasoning is looked for.
  private mutating func contentText(_ message: Int32, _ rule: TemplateDefinition.Reasoning)
    -> HeldText
  {
    if let text = text(message, RenderCompiler.contentColumn) { return text }
    switch table.value(message, RenderCompiler.contentColumn, named: program.tables.fields) {
    case .array(let parts)? where rule.readsParts: return memory.hold(TextConversion.visible(parts))
    case .some(let other) where rule.readsParts: return memory.hold(PythonText.string(other))
    default: return memory.hold("")
    }
  }

  /// The text of a field, also one that is in pieces; nil if it is none.
  private mutating func text(_ message: Int32, _ column: Int32) -> HeldText? {
    if let text = table.text(message, column) { return text }
    return table.value(message, column, named: program.tables.fields)?.string.map {
      memory.hold($0.string)
    }
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
