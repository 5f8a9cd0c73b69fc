// SPDX-License-Identifier: Apache-2.0

import ChatTemplates
import JinjaEngine
import OrderedJSON
import TextPrimitives

/// Rules about what a template reads.
extension LintSubject {
  /// What transformers and tokenizers give to every template.
  private static let knownVariables = [
    "messages", "tools", "documents", "add_generation_prompt", "continue_final_message",
    "bos_token", "eos_token", "pad_token", "unk_token", "sep_token", "cls_token", "mask_token",
    "additional_special_tokens", "image_token", "audio_token", "video_token", "boi_token",
    "eoi_token", "chat_template", "strftime_now", "raise_exception",
  ]

  /// Variables that only some callers set, or nobody.
  var variableFindings: [LintFinding] {
    guard template.isJinja else { return [] }
    var found: [LintFinding] = []
    var seen: Set<String> = []
    for source in template.sources {
      guard let jinja = try? JinjaTemplate(source: source.text, name: source.name) else { continue }
      for name in jinja.referencedVariables
      where !Self.knownVariables.contains(name) && !isSet(name, in: source.text)
        && seen.insert(name).inserted
      {
        let near = EditDistance.nearest(to: name, among: Self.knownVariables)
        let hint = near.map { "; did you mean '\($0)'?" } ?? ""
        found.append(
          finding(
            .unknownVariable, "'\(name)' is undefined unless callers pass it\(hint)",
            words: [name], severity: near == nil ? .note : .warning))
      }
    }
    return found
  }

  /// Whether some branch of the template sets a variable itself.
  private func isSet(_ name: String, in source: String) -> Bool {
    Self.find(Array("set \(name)".utf8), in: Array(source.utf8)) != nil
  }

  /// Texts that can hold the plain text which ends them, each field once.
  var openTextFindings: [LintFinding] {
    var seen: Set<String> = []
    return template.openTexts.filter { seen.insert($0.explanation).inserted }
      .map { finding(.openText, $0.explanation, at: $0.place) }
  }

  /// The prompt changes with the clock.
  var dateFindings: [LintFinding] {
    guard let today = prompt([Self.question]),
      let later = prompt([Self.question], now: "2031-11-27"),
      ExactString(today.text) != ExactString(later.text)
    else { return [] }
    let (left, right) = (tokens(today), tokens(later))
    let same = zip(left, right).prefix { $0.key == $1.key }.count
    let message = "the prompt holds the date, from token \(same) on"
    return [
      template.isJinja
        ? finding(.dateDependent, message, words: ["strftime_now"])
        : finding(.dateDependent, message, at: same, of: left, today)
    ]
  }

  // MARK: History

  /// A conversation in which templates like to rewrite what they wrote before.
  private static let longConversation: JSONObject = [
    "messages": [
      ["role": "system", "content": "Be brief."],
      ["role": "user", "content": "What is nine times eight, and why?"],
      [
        "role": "assistant", "reasoning_content": "Ten times eight is eighty, less eight.",
        "content": "72, because ten times eight is eighty.",
      ],
      ["role": "user", "content": "And the weather in Husum?"],
      [
        "role": "assistant", "content": "",
        "tool_calls": [
          [
            "id": "call00001", "type": "function",
            "function": ["name": "weather", "arguments": ["city": "Husum"]],
          ]
        ],
      ],
      [
        "role": "tool", "tool_call_id": "call00001", "name": "weather", "content": "Rain.",
      ],
      [
        "role": "assistant", "reasoning_content": "The tool says rain.",
        "content": "It rains in Husum.",
      ],
      ["role": "user", "content": "Thanks. And tomorrow?"],
      ["role": "assistant", "content": "I do not know."],
      ["role": "user", "content": "Pity."],
    ],
    "tools": [
      [
        "type": "function",
        "function": [
          "name": "weather", "description": "Tells the weather.",
          "parameters": [
            "type": "object",
            "properties": ["city": ["type": "string", "description": "The city."]],
          ],
        ],
      ]
    ],
  ]

  /// Turns at which a cache of everything read and written so far is lost in part.
  func historyFindings(_ given: JSONObject?) -> [LintFinding] {
    for request in given.map({ [$0] }) ?? [Self.longConversation, Self.plainConversation] {
      guard let turns = turns(of: request) else { continue }
      return turns
    }
    return []
  }

  /// The same without instructions, reasoning and tools, for templates that refuse those.
  private static var plainConversation: JSONObject {
    ["messages": [question, answer, question, answer, question]]
  }

  /// The findings of a conversation; nil where the template refuses it.
  private func turns(of request: JSONObject) -> [LintFinding]? {
    guard let messages = request["messages"]?.array else { return nil }
    // What stands in the cache when the model has answered, and what the next prompt asks for.
    let answers = messages.indices.filter { messages[$0]["role"]?.string == "assistant" }
    var found: [LintFinding] = []
    var worst: (lost: Int, finding: LintFinding)?
    var report: [String] = []
    for (turn, place) in answers.enumerated() {
      var before = request
      before["messages"] = .array(Array(messages[...place]))
      var after = request
      let next = messages[(place + 1)...].firstIndex {
        $0["role"]?.string == "assistant"
      }
      let end = next ?? messages.endIndex
      guard end > place + 1 else { continue }
      after["messages"] = .array(Array(messages[..<end]))
      after["add_generation_prompt"] = true
      guard let cached = prompt(before), let asked = prompt(after) else { return nil }
      let (old, new) = (tokens(cached), tokens(asked))
      let same = zip(old, new).prefix { $0.key == $1.key }.count
      let kept = endOfAnswer(cached, old, message: place)
      guard same < kept else { continue }
      let lost = kept - same
      report.append("\(lost) of \(kept) in turn \(turn + 1)")
      if lost > worst?.lost ?? 0 {
        worst = (lost, finding(.rewrittenHistory, "", at: same, of: new, asked))
      }
    }
    if let worst {
      found.append(
        LintFinding(
          rule: .rewrittenHistory,
          message: "tokens read again: \(report.joined(separator: ", "))",
          template: worst.finding))
    }
    return found
  }

  /// How many tokens stand in the cache when the model has written its answer.
  private func endOfAnswer(_ prompt: Prompt, _ tokens: [ShownToken], message: Int) -> Int {
    let last = tokens.lastIndex { token in
      token.segment.map {
        prompt.segments[$0].message == message && prompt.segments[$0].author == .model
      } ?? false
    }
    return last.map { $0 + 1 } ?? tokens.count
  }
}

extension LintFinding {
  /// A finding at the place of another one.
  fileprivate init(rule: LintRule, message: String, template other: LintFinding) {
    self.init(
      rule: rule, severity: rule.severity, message: message, file: other.file, line: other.line,
      column: other.column,
      excerpt: other.excerpt.replacing(
        "\(rule.severity.rawValue):  [", with: "\(rule.severity.rawValue): \(message) ["))
  }
}
