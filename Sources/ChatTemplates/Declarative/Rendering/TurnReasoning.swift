// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// The reasoning of one message and its content without it, found once for all who ask.
struct TurnReasoning {
  /// The message.
  let message: Int32
  /// The field that holds the reasoning; nil where it stands in the content, if at all.
  let thought: ExactString?
  private let content: String
  private let thoughtRange: Range<Int>
  private let answerRange: Range<Int>

  init(
    _ message: Int32, thought: ExactString?, content: String,
    _ rule: TemplateDefinition.Reasoning
  ) {
    self.message = message
    self.thought = thought
    self.content = content
    if thought == nil, let end = rule.firstClose(in: content) {
      thoughtRange = rule.thought(in: content, before: end)
      answerRange = rule.answer(in: content)
    } else {
      thoughtRange = 0..<0
      answerRange = 0..<content.utf8.count
    }
  }

  /// What was thought.
  var thoughtText: TextSlice {
    thought.map { TextSlice($0.string) } ?? TextSlice(content, thoughtRange)
  }

  /// What was answered.
  var answerText: TextSlice { TextSlice(content, answerRange) }
}

extension TemplateDefinition.Reasoning {
  /// Where the first closing mark stands.
  fileprivate func firstClose(in text: String) -> Int? {
    let bytes = text.utf8Span.span
    return TextScanning.find(close.utf8Span.span, in: bytes, 0..<bytes.count)
  }

  /// What stands before the first closing mark and after the last opening mark before it.
  fileprivate func thought(in text: String, before end: Int) -> Range<Int> {
    let bytes = text.utf8Span.span
    let head = TextScanning.withoutNewlines(bytes, 0..<end, start: false)
    let open = open.utf8Span.span
    let mark = TextScanning.find(open, in: bytes, head, last: true)
    let start = mark.map { $0 + open.count } ?? head.lowerBound
    return TextScanning.withoutNewlines(bytes, start..<head.upperBound, end: false)
  }

  /// What stands after the last closing mark.
  fileprivate func answer(in text: String) -> Range<Int> {
    let bytes = text.utf8Span.span
    let close = close.utf8Span.span
    guard let mark = TextScanning.find(close, in: bytes, 0..<bytes.count, last: true) else {
      return 0..<bytes.count
    }
    return TextScanning.withoutNewlines(bytes, mark + close.count..<bytes.count, end: false)
  }

  /// The text of a message's content in which reasoning is looked for.
  fileprivate func text(of content: JSONValue?) -> String {
    switch content {
    case .string(let text): text.string
    case .array(let parts) where readsParts: TextConversion.visible(parts)
    case .some(let other) where readsParts: PythonText.string(other)
    default: ""
    }
  }
}

extension RenderOperand {
  /// Whether it is a message's reasoning, or its content without it.
  var isReasoning: Bool { root == .thought || root == .answer }
}

extension DeclarativeRenderer {
  /// The reasoning of the turn's message, or its content without it.
  func reasoning(_ operand: RenderOperand) -> TextSlice? {
    guard let found = turnReasoning() else { return nil }
    return operand.root == .thought ? found.thoughtText : found.answerText
  }

  /// Finds the reasoning that an operand asks for, and keeps it for whoever asks next.
  mutating func recallReasoning(for operand: RenderOperand) {
    if operand.isReasoning { reasoning = turnReasoning() }
  }

  private func turnReasoning() -> TurnReasoning? {
    guard turns.indices.contains(position) else { return nil }
    let message = turns[position]
    if let known = reasoning, known.message == message { return known }
    guard let rule = program.definition.reasoning else { return nil }
    let fields = table.messages[Int(message)]
    return TurnReasoning(
      message, thought: fields[rule.field]?.string, content: rule.text(of: fields["content"]),
      rule)
  }
}
