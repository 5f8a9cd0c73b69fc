// SPDX-License-Identifier: Apache-2.0

import ChatTemplates
import OrderedJSON
import TextPrimitives

/// Rules about turns.
extension LintSubject {
  /// There is no generation prompt, or it is no prefix of the turn.
  var openingFindings: [LintFinding] {
    guard let closed = prompt([Self.question]), let opened = prompt([Self.question], opened: true)
    else { return [] }
    var found: [LintFinding] = []
    if ExactString(closed.text) == ExactString(opened.text), !endsWithOpening(opened) {
      found.append(
        finding(
          .noGenerationPrompt, "add_generation_prompt changes nothing",
          words: ["add_generation_prompt", "opening"]))
    }
    guard let answered = prompt([Self.question, Self.answer]),
      !answered.text.utf8.starts(with: opened.text.utf8)
    else { return found }
    let (left, right) = (tokens(opened), tokens(answered))
    let same = zip(left, right).prefix { $0.key == $1.key }.count
    let shown = right.indices.contains(same) ? VisibleText.of(right[same].bytes) : "the end"
    found.append(
      finding(
        .generationPromptMismatch,
        "after \(same) tokens the opening goes on with "
          + "'\(left.indices.contains(same) ? VisibleText.of(left[same].bytes) : "")', "
          + "the rendered turn with '\(shown)'", at: same, of: left, opened))
    return found
  }

  /// Where answers follow the last mark of a question, no opening is needed.
  private func endsWithOpening(_ prompt: Prompt) -> Bool {
    guard let answered = self.prompt([Self.question, Self.answer]),
      answered.text.utf8.starts(with: prompt.text.utf8)
    else { return false }
    let rest = answered.text.utf8.dropFirst(prompt.text.utf8.count).drop { $0 <= 0x20 }
    return rest.starts(with: "An answer.".utf8)
  }

  /// Messages that leave nothing behind.
  var roleFindings: [LintFinding] {
    let needle = "QZXJ7"
    let text = JSONValue.string(ExactString(needle))
    let call: JSONValue = [
      "role": "assistant", "content": "",
      "tool_calls": [
        [
          "id": "call00001", "type": "function",
          "function": ["name": text, "arguments": ["a": "b"]],
        ]
      ],
    ]
    let result: JSONValue = [
      "role": "tool", "tool_call_id": "call00001", "name": "f", "content": text,
    ]
    let cases: [(what: String, messages: [JSONValue], word: String)] = [
      ("a system message", [["role": "system", "content": text], Self.question], "system"),
      (
        "a developer message", [["role": "developer", "content": text], Self.question], "developer"
      ),
      (
        "a system message after the first turn",
        [Self.question, Self.answer, ["role": "system", "content": text], Self.question], "system"
      ),
      ("an assistant's tool call", [Self.question, call], "tool_calls"),
      ("a tool's result", [Self.question, call, result, Self.answer, Self.question], "tool"),
      (
        "a message of an unknown role", [["role": "narrator", "content": text], Self.question],
        "role"
      ),
    ]
    return cases.compactMap { what, messages, word in
      guard let prompt = prompt(messages),
        !contains(Array(prompt.text.utf8), needle)
      else { return nil }
      return finding(
        .droppedRole, "\(what) is dropped without a word",
        words: [word, "role", "turns"])
    }
  }

  /// Roles whose texts lose white space at their ends.
  var trimFindings: [LintFinding] {
    let padded = "  QZXJ7  "
    return ["system", "user", "assistant"].compactMap { role in
      let message: JSONValue = [
        "role": .string(ExactString(role)), "content": .string(ExactString(padded)),
      ]
      let messages =
        role == "system"
        ? [message, Self.question] : role == "user" ? [message] : [Self.question, message]
      guard let prompt = prompt(messages) else { return nil }
      let bytes = Array(prompt.text.utf8)
      guard contains(bytes, "QZXJ7"), !contains(bytes, padded) else {
        return nil
      }
      let tokens = tokens(prompt)
      let index =
        tokens.firstIndex { token in
          token.segment.map { prompt.text(of: prompt.segments[$0]).contains("QZXJ7") } ?? false
        } ?? 0
      let report = "white space at the ends of a \(role) message is dropped"
      return template.isJinja
        ? finding(
          .trimmedContent, report, words: ["trim", "strip", "rstrip", "lstrip"],
          near: TemplateLine(at: index, of: tokens, prompt, template)?.place)
        : finding(.trimmedContent, report, at: index, of: tokens, prompt)
    }
  }

  private func contains(_ bytes: [UInt8], _ text: String) -> Bool {
    let wanted = Array(text.utf8)
    guard wanted.count <= bytes.count else { return false }
    return (0...bytes.count - wanted.count).contains { bytes[$0...].starts(with: wanted) }
  }

  /// The token that ends an answer stands outside of what the model writes.
  var maskFindings: [LintFinding] {
    guard let prompt = prompt([Self.question, Self.answer, Self.question]),
      let last = prompt.segments.lastIndex(where: { $0.message == 1 && $0.author == .model })
    else { return [] }
    let stops = prompt.stopTokens.map { Array($0.utf8) }
    let bytes = Array(prompt.text.utf8)
    let isStop: (PromptSegment) -> Bool = { segment in
      stops.contains { stop in bytes[segment.byteRange].starts(with: stop) }
    }
    let written = prompt.segments[...last].last { $0.message == 1 }
    if written.map({ $0.isTerminator || endsWithStop($0, stops, bytes) }) ?? false { return [] }
    guard last + 1 < prompt.segments.count, isStop(prompt.segments[last + 1]) else { return [] }
    let next = prompt.segments[last + 1]
    return [
      finding(
        .terminatorOutsideMask,
        "'\(VisibleText.of(Array(bytes[next.byteRange].prefix(24))))' ends the answer, but the "
          + "model does not learn it", at: next.source)
    ]
  }

  private func endsWithStop(_ segment: PromptSegment, _ stops: [[UInt8]], _ bytes: [UInt8]) -> Bool
  {
    stops.contains { bytes[segment.byteRange].suffix($0.count).elementsEqual($0) }
  }
}
