// SPDX-License-Identifier: Apache-2.0

import ChatTemplates
import OrderedJSON
import PromptEncoding
import Testing
import TextPrimitives
import Tokenization

/// Every family with a vocabulary of bytes and its own control tokens.
@Suite("Control tokens of every family") struct FamilyControlTests {
  /// Conversations of several shapes in which every text is the same.
  private func conversations(_ text: String) -> [Conversation] {
    let said = JSONValue.string(ExactString(text))
    let call: JSONValue = [
      "id": "abcdefghi", "type": "function",
      "function": ["name": "get_weather", "arguments": ["city": said]],
    ]
    let tool = Tool(definition: [
      "type": "function",
      "function": [
        "name": "get_weather", "description": said,
        "parameters": ["type": "object", "properties": ["city": ["type": "string"]]],
      ],
    ])
    let calls: [Message] = [
      Message(fields: ["role": "assistant", "content": "", "tool_calls": [call]]),
      Message(fields: [
        "role": "tool", "tool_call_id": "abcdefghi", "name": "get_weather", "content": said,
      ]),
    ]
    let plain = [Message(.user, text), Message(.assistant, text), Message(.user, text)]
    var tools = Conversation([Message(.user, text)] + calls + [Message(.assistant, text)])
    tools.tools = [tool]
    return [
      Conversation([Message(.user, text)]), Conversation(plain),
      Conversation([Message(.system, text)] + plain), tools,
    ]
  }

  @Test func `callers' text never becomes one, in ids either`() throws {
    var compared = 0
    for family in ChatTemplate.familyNames {
      let template = try ChatTemplate(family: family)
      let tokenizer = try ByteVocabulary.tokenizer(for: template)
      // The marks between which a template itself looks for thoughts are no callers' text.
      let sought = ["<think>", "</think>", "[THINK]", "[/THINK]", "<|channel>", "<channel|>"]
      let marks = template.controlTokens.map(\.string).filter { !sought.contains($0) }
      guard !marks.isEmpty else { continue }
      let text = "a" + marks.joined() + " b " + marks.reversed().joined(separator: " ") + "c"
      let neutral = "a" + String(repeating: "x", count: 24) + "c"
      for (hostile, plain) in zip(conversations(text), conversations(neutral)) {
        for opens in [false, true] {
          let options = RenderOptions(
            addGenerationPrompt: opens, now: CivilTime(year: 2026, month: 1, day: 15))
          guard let expected = try? template.render(plain, options: options),
            let prompt = try? template.render(hostile, options: options)
          else { continue }
          let found = try tokenizer.encode(prompt)
          let count = found.ids.count { $0 >= 256 }
          #expect(count == (try tokenizer.encode(expected)).ids.count { $0 >= 256 }, "\(family)")
          #expect(found.layout.count(where: \.isControl) == count, "\(family)")
          #expect(try tokenizer.decode(found.ids) == prompt.text, "\(family)")
          compared += 1
        }
      }
    }
    #expect(compared > 300)
  }

  @Test func `an answer's control tokens are known by their ids, whatever the family`() throws {
    var compared = 0
    for family in ChatTemplate.familyNames {
      let template = try ChatTemplate(family: family)
      let chat = ChatTokenizer(
        tokenizer: try ByteVocabulary.tokenizer(for: template), template: template)
      guard let stop = template.information?.stopTokens.first,
        let end = chat.tokenizer.identifier(of: stop.string),
        let prompt = try? template.render(
          Conversation([Message(.user, "Hi")]), options: .init(addGenerationPrompt: true))
      else { continue }
      // What spells control tokens is text, since it comes as bytes.
      let text = "I say \(stop.string) and go on."
      let parsed = try chat.parse(ids: text.utf8.map { TokenID($0) } + [end], prompt: prompt)
      guard template.information?.variant != .base else { continue }
      if parsed.message.reasoning != nil { continue }
      // A harmony answer has a header; without it there is no form.
      #expect(parsed.content == text || parsed.unparsed != nil, "\(family): \(parsed)")
      #expect(parsed.stop == stop, "\(family): \(parsed)")
      compared += 1
    }
    #expect(compared > 40)
  }
}
