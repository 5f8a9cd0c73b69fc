// SPDX-License-Identifier: Apache-2.0

import Benchmark
import Dialect

/// Conversations to prompts: the declarative family, the same as Jinja, and prompts to ids.
func templateBenchmarks() {
  for family in ["llama-3.1", "qwen3"] {
    Benchmark.add("render-\(family)") {
      try renders(with: ChatTemplate(family: family))
    }
    Benchmark.add("render-\(family)-jinja") {
      let declarative = try ChatTemplate(family: family)
      let jinja = try ChatTemplate(jinja: declarative.jinjaSource(), name: family)
      let (wanted, given) = (
        try SampleChat.render(with: declarative), try SampleChat.render(with: jinja)
      )
      try WrongResult.unless(
        given.text.utf8.elementsEqual(wanted.text.utf8), "Jinja that gives another prompt")
      return try renders(with: jinja)
    }
    Benchmark.add("encode-prompt-\(family)") {
      let tokenizer = try BuiltInVocabulary.byteLevel.tokenizer()
      let prompt = try SampleChat.render(with: ChatTemplate(family: family))
      let encoder = PromptEncoder(tokenizer)
      let ids = try encoder.encode(prompt).ids
      try WrongResult.unless(
        try tokenizer.decode(ids).utf8.elementsEqual(prompt.text.utf8),
        "ids that spell another prompt")
      return Work(bytes: prompt.text.utf8.count) { blackHole(try encoder.encode(prompt).layout) }
    }
  }
}

/// Renders often enough that it can be timed.
private func renders(with template: ChatTemplate) throws -> Work {
  let count = 20
  let conversation = try SampleChat.conversation()
  let size = try SampleChat.render(with: template).text.utf8.count
  return Work(bytes: count * size) {
    for _ in 0..<count {
      blackHole(try template.render(conversation, options: SampleChat.options))
    }
  }
}

/// A long conversation with tools.
private enum SampleChat {
  static let options = RenderOptions(
    addGenerationPrompt: true, now: CivilTime(year: 2026, month: 1, day: 15))

  static func render(with template: ChatTemplate) throws -> Prompt {
    try template.render(conversation(), options: options)
  }

  /// 60 turns, half of them with a call of a tool, messages of 300 bytes.
  static func conversation() throws -> Conversation {
    let prose = try SampleText.prose(byteCount: 100_000)
    var position = 0
    func nextText() -> String {
      defer { position += 300 }
      return String(decoding: prose[position..<position + 300], as: UTF8.self)
    }
    var messages = [Message(.system, nextText())]
    for turn in 0..<60 {
      messages.append(Message(.user, nextText()))
      if turn.isMultiple(of: 2) {
        messages.append(
          Message(fields: [
            "role": "assistant", "content": "",
            "tool_calls": [
              ["type": "function", "function": ["name": "find", "arguments": ["word": "blue"]]]
            ],
          ]))
        messages.append(
          Message(fields: ["role": "tool", "content": .string(ExactString(nextText()))]))
      }
      messages.append(Message(.assistant, nextText()))
    }
    return Conversation(messages, tools: [tool])
  }

  private static let tool = Tool(definition: [
    "type": "function",
    "function": [
      "name": "find", "description": "Finds a word.",
      "parameters": [
        "type": "object", "properties": ["word": ["type": "string"]], "required": ["word"],
      ],
    ],
  ])
}
