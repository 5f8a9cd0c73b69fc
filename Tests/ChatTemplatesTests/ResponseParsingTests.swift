// SPDX-License-Identifier: Apache-2.0

import ChatTemplates
import OrderedJSON
import Testing
import TextPrimitives

@Suite("Taking answers apart") struct ResponseParsingTests {
  private static let user = Message(.user, "Weather in Paris?")
  private static let texts = [
    "It is sunny.", "two\n\nlines", "a {\"b\": 1} c", "Größe 🚀", "x <b> y", "1. one\n2. two",
  ]

  /// What follows the generation prompt in the render of a whole turn.
  private func answer(_ template: ChatTemplate, _ message: Message) throws -> (String, Prompt)? {
    let open = try template.render(
      Conversation([Self.user]), options: .init(addGenerationPrompt: true))
    let whole = try template.render(Conversation([Self.user, message]))
    let end = whole.segments.last { $0.message == 1 }?.byteRange.upperBound ?? 0
    let turn = Array(whole.text.utf8.prefix(end))
    guard turn.starts(with: open.text.utf8) else { return nil }
    return (String(decoding: turn.dropFirst(open.text.utf8.count), as: UTF8.self), open)
  }

  @Test func `what a family renders as an answer is parsed back, whatever the family`() throws {
    var checked = 0
    for family in ChatTemplate.familyNames {
      let template = try ChatTemplate(family: family)
      if template.information?.variant == .base { continue }
      for text in Self.texts {
        // This family writes one line feed where there are two.
        if family == "falcon-instruct", text.contains("\n\n") { continue }
        // A template for tools alone refuses a conversation without them.
        guard let (answer, prompt) = try? answer(template, Message(.assistant, text)) else {
          continue
        }
        let parsed = template.parse(response: answer, prompt: prompt)
        checked += 1
        #expect(
          parsed.content.trimmed == text && parsed.unparsed == nil,
          "\(family): \(answer.debugDescription) gave \(parsed.content.debugDescription)")
      }
    }
    #expect(checked > 150)
  }

  @Test func `calls are parsed back, in every family that writes them after its opening`() throws {
    let message = Message(fields: [
      "role": "assistant", "content": "",
      "tool_calls": [
        [
          "id": "abcdefghi", "type": "function",
          "function": ["name": "get_weather", "arguments": ["city": "Paris", "unit": "c"]],
        ]
      ],
    ])
    var families: [String] = []
    for family in ChatTemplate.familyNames {
      let template = try ChatTemplate(family: family)
      guard let (answer, prompt) = try? answer(template, message), answer.contains("get_weather")
      else { continue }
      let parsed = template.parse(response: answer, prompt: prompt)
      #expect(
        parsed.message.toolCalls.map(\.name) == ["get_weather"]
          && parsed.message.toolCalls.first?.arguments == ["city": "Paris", "unit": "c"],
        "\(family): \(answer.debugDescription) gave \(parsed)")
      families.append(family)
    }
    for family in ["qwen3", "llama-3.1", "apertus", "mistral-common-v7", "kimi-k2"] {
      #expect(families.contains(family))
    }
    #expect(families.count > 25)
  }

  @Test func `reasoning is parsed, also where the opening holds its start`() throws {
    let qwen = try ChatTemplate(family: "qwen3")
    let open = try qwen.render(
      Conversation([Self.user]), options: .init(addGenerationPrompt: true))
    let parsed = qwen.parse(response: "<think>\nHm.\n</think>\n\nSunny.<|im_end|>", prompt: open)
    #expect(parsed.message.reasoning == "Hm." && parsed.content == "Sunny.")
    let short = try qwen.render(
      Conversation([Self.user]),
      options: .init(addGenerationPrompt: true, arguments: ["enable_thinking": false]))
    #expect(qwen.parse(response: "Sunny.", prompt: short).content == "Sunny.")
  }

  @Test func `an answer in another spacing, or cut short, is still understood`() throws {
    let qwen = try ChatTemplate(family: "qwen3")
    let call = "<tool_call>\n{ \"arguments\": {\"city\":\"Oslo\"}, \"name\": \"w\" }\n</tool_call>"
    let parsed = qwen.parse(response: "Let me see.\n\(call)\n\(call)<|im_end|>")
    #expect(parsed.message.toolCalls.count == 2 && parsed.content == "Let me see.")
    let thinking = qwen.parse(response: "<think>\nstill thin")
    #expect(thinking.message.reasoning == "still thin" && thinking.isTruncated)
    let broken = qwen.parse(response: "<tool_call>\n{\"name\": \"w\", \"argum")
    #expect(broken.message.toolCalls.map(\.name) == ["w"] && broken.isTruncated)
  }

  @Test func `arguments that the format writes as text are typed by the tool's schema`() throws {
    let glm = try ChatTemplate(family: "glm-4.5")
    let tool = Tool(definition: [
      "type": "function",
      "function": [
        "name": "add",
        "parameters": [
          "type": "object", "properties": ["a": ["type": "integer"], "b": ["type": "string"]],
        ],
      ],
    ])
    let answer =
      "\n<think></think>\n<tool_call>add\n<arg_key>a</arg_key>\n<arg_value>1</arg_value>\n"
      + "<arg_key>b</arg_key>\n<arg_value>2</arg_value>\n</tool_call>"
    let parsed = glm.parse(response: answer, tools: [tool])
    #expect(parsed.message.toolCalls.first?.arguments == ["a": 1, "b": "2"])
  }

  @Test func `a call that is counted beside its name is identified by both`() throws {
    let kimi = try ChatTemplate(family: "kimi-k2")
    let call = "<|tool_call_begin|>functions.w:0<|tool_call_argument_begin|>{\"a\": 1}"
    let parsed = kimi.parse(
      response: "Hi<|tool_calls_section_begin|>\(call)<|tool_call_end|><|tool_calls_section_end|>")
    #expect(parsed.message.toolCalls.map(\.id) == ["functions.w:0"] && parsed.unparsed == nil)
    #expect(parsed.message.toolCalls.map(\.name) == ["w"] && parsed.content == "Hi")
  }

  @Test func `values in braces that break off are kept as far as they go`() throws {
    let gemma = try ChatTemplate(family: "gemma-4")
    let open = "<|tool_call>call:w{city:<|\"|>Pa}ris<|\"|>,days:[1,{x:tr"
    let cut = gemma.parse(response: open)
    #expect(cut.message.toolCalls.map(\.arguments) == [["city": "Pa}ris", "days": [1, [:]]]])
    #expect(cut.isTruncated && cut.unparsed == "x:tr")
    let whole = gemma.parse(response: open + "ue}]}<tool_call|><turn|>")
    #expect(
      whole.message.toolCalls.map(\.arguments) == [["city": "Pa}ris", "days": [1, ["x": true]]]])
    #expect(!whole.isTruncated && whole.unparsed == nil && whole.stop == "<turn|>")
  }
}

extension String {
  fileprivate var trimmed: String {
    String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}
