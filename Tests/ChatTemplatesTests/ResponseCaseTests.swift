// SPDX-License-Identifier: Apache-2.0

import ChatTemplates
import OrderedJSON
import Testing
import TextPrimitives

/// What models write besides what their templates write, and where other parsers lose it.
@Suite("Answers as models write them") struct ResponseCaseTests {
  private func parse(_ family: String, _ response: String, tools: [Tool] = []) throws
    -> ParsedResponse
  {
    try ChatTemplate(family: family).parse(response: response, tools: tools)
  }

  /// The calls as `name` and arguments.
  private func calls(_ parsed: ParsedResponse) -> [JSONValue] {
    parsed.message.toolCalls.map { .object(["name": .string($0.name), "arguments": $0.arguments]) }
  }

  @Test func `white space around marks may be less or more than the template writes`() throws {
    let call = "{\"name\":\"w\",\"arguments\":{\"a\":1}}"
    for text in [
      "Hi<tool_call>\(call)</tool_call>", "Hi\n<tool_call>\n\n \(call) \n</tool_call>\n",
      "Hi\n<tool_call>\n\(call)</tool_call><|im_end|>\n",
    ] {
      let parsed = try parse("qwen3", text)
      #expect(parsed.content == "Hi" && parsed.unparsed == nil && !parsed.isTruncated)
      #expect(calls(parsed) == [["name": "w", "arguments": ["a": 1]]])
    }
    let thought = try parse("qwen3", "<think>Hm.</think>Hi")
    #expect(thought.message.reasoning == "Hm." && thought.content == "Hi")
  }

  @Test func `reasoning whose opening mark is missing is still reasoning`() throws {
    let parsed = try parse("qwen3", "Hm.\n</think>\n\nHi<|im_end|>")
    #expect(parsed.message.reasoning == "Hm." && parsed.content == "Hi")
  }

  @Test func `a call inside reasoning that is never closed is a call`() throws {
    let parsed = try parse(
      "qwen3",
      "<think>\nI must look.\n<tool_call>\n{\"name\": \"w\", \"arguments\": {}}\n</tool_call>")
    #expect(parsed.message.reasoning == "I must look.")
    #expect(calls(parsed) == [["name": "w", "arguments": [:]]])
  }

  @Test func `a call without its closing mark, or cut short, is kept as far as it goes`() throws {
    let open = "<tool_call>\n{\"name\": \"w\", \"arguments\": {\"city\": \"Paris\", \"day"
    let cut = try parse("qwen3", open)
    #expect(calls(cut) == [["name": "w", "arguments": ["city": "Paris"]]] && cut.isTruncated)
    let unclosed = try parse("qwen3", open + "s\": 2}}\n<|im_end|>")
    #expect(calls(unclosed) == [["name": "w", "arguments": ["city": "Paris", "days": 2]]])
    let next = try parse(
      "qwen3", open + "s\": 2}}\n<tool_call>\n{\"name\": \"v\", \"arguments\": {}}\n</tool_call>")
    #expect(next.message.toolCalls.map(\.name) == ["w", "v"])
  }

  @Test func `mistakes in the JSON of arguments are mended`() throws {
    for text in [
      "{\"a\": \"x\ny\", \"b\": [1, 2,],}", "{'a': 'x\\ny', 'b': [1, 2]}",
    ] {
      let parsed = try parse(
        "qwen3", "<tool_call>\n{\"name\": \"w\", \"arguments\": \(text)}\n</tool_call>")
      #expect(calls(parsed) == [["name": "w", "arguments": ["a": "x\ny", "b": [1, 2]]]])
    }
    let python = try parse(
      "qwen3", "<tool_call>{'name': 'w', 'arguments': {'a': True, 'b': None}}</tool_call>")
    #expect(calls(python) == [["name": "w", "arguments": ["a": true, "b": nil]]])
  }

  @Test func `marks inside a JSON string are text`() throws {
    let parsed = try parse(
      "qwen3",
      "<tool_call>\n{\"name\": \"w\", \"arguments\": {\"a\": \"</tool_call> <|im_end|>\"}}\n"
        + "</tool_call><|im_end|>")
    #expect(calls(parsed) == [["name": "w", "arguments": ["a": "</tool_call> <|im_end|>"]]])
  }

  @Test func `JSON that is no call is content`() throws {
    for text in [
      "{\"name\": \"Bob\", \"age\": 3}", "{\"name\": \"Bob\"}", "[{\"name\": \"Bob\"}]",
      "{\"parameters\": 1, \"x\": 2}", "{\"a\": 1}", "[1, 2]", "f(x) = {",
    ] {
      for family in ["llama-3.1", "llama-3-models", "qwen3", "mistral-v3", "command-r"] {
        let parsed = try parse(family, text)
        #expect(parsed.content == text && parsed.message.toolCalls.isEmpty, "\(family)")
      }
    }
    let tool = Tool(definition: ["name": "w"])
    let other = "{\"name\": \"v\", \"parameters\": {}}"
    #expect(try parse("llama-3.1", other, tools: [tool]).content == other)
    #expect(try parse("llama-3.1", other).message.toolCalls.map(\.name) == ["v"])
  }

  @Test func `the calls of Llama come as JSON, as Python, and behind a tag`() throws {
    let tagged = try parse(
      "llama-3.1", "<|python_tag|>{\"name\": \"w\", \"parameters\": {\"a\": \"x\"}}<|eom_id|>")
    #expect(calls(tagged) == [["name": "w", "arguments": ["a": "x"]]])
    let two = try parse(
      "llama-3.1",
      "{\"name\": \"w\", \"parameters\": {}}; {\"name\": \"v\", \"parameters\": {}}<|eot_id|>")
    #expect(two.message.toolCalls.map(\.name) == ["w", "v"])
    let python = try parse("llama-3.2", "[w(city=\"Paris, France\", n=5), v()]<|eot_id|>")
    #expect(
      calls(python) == [
        ["name": "w", "arguments": ["city": "Paris, France", "n": 5]],
        ["name": "v", "arguments": [:]],
      ])
    let texts = try parse("llama-3.2", "[w(city=\"O (N)\"), w(city=\"Rome\", n=5), v()]<|eot_id|>")
    #expect(
      calls(texts) == [
        ["name": "w", "arguments": ["city": "O (N)"]],
        ["name": "w", "arguments": ["city": "Rome", "n": 5]],
        ["name": "v", "arguments": [:]],
      ])
    for family in ["llama-3.1", "llama-4", "llama-3-models", "llama-4-models"] {
      for answer in ["[w(a=\"q\") , v(b=1)]", "[w(a=\"q\"),v(b=1)]", "[w(a=\"q\"), v(b=1)]"] {
        #expect(
          calls(try parse(family, answer)) == [
            ["name": "w", "arguments": ["a": "q"]], ["name": "v", "arguments": ["b": 1]],
          ], "\(family): \(answer)")
      }
    }
    let search = try parse("llama-3.1", "<|python_tag|>brave_search.call(query=\"a b\")<|eom_id|>")
    #expect(calls(search) == [["name": "brave_search", "arguments": ["query": "a b"]]])
  }

  @Test func `calls that only the instructions of a family describe are known`() throws {
    let granite = try parse("granite-3.3", "<|tool_call|>[{\"name\": \"w\", \"arguments\": {}}]")
    #expect(calls(granite) == [["name": "w", "arguments": [:]]])
    let thought = try parse(
      "granite-3.3", "<think>\nHm.\n</think>\n<response>\nHi\n</response><|end_of_text|>")
    #expect(thought.message.reasoning == "Hm." && thought.content == "Hi")
    let command = try parse(
      "command-r",
      "Action: ```json\n[\n    {\n        \"tool_name\": \"w\",\n        \"parameters\": "
        + "{\"a\": 1}\n    }\n]\n```<|END_OF_TURN_TOKEN|>")
    #expect(calls(command) == [["name": "w", "arguments": ["a": 1]]])
  }

  @Test func `calls are known although the template writes them in part, or with documents alone`()
    throws
  {
    let block =
      "<｜tool▁call▁begin｜>function<｜tool▁sep｜>w\n```json\n{\"a\": 1}\n```<｜tool▁call▁end｜>"
    let calls = "<｜tool▁calls▁begin｜>\(block)\n\(block)<｜tool▁calls▁end｜><｜end▁of▁sentence｜>"
    let call: JSONValue = ["name": "w", "arguments": ["a": 1]]
    for (family, before, thought, content) in [
      ("deepseek-v3", "", nil, ""), ("deepseek-v3", "One moment.", nil, "One moment."),
      ("deepseek-r1", "", nil, ""), ("deepseek-r1", "<think>\nHm.\n</think>\n\n", "Hm.", ""),
      ("deepseek-r1", "Hm.\n</think>\n\n", "Hm.", ""),
    ] as [(String, String, ExactString?, String)] {
      let parsed = try parse(family, before + calls)
      #expect(self.calls(parsed) == [call, call] && parsed.unparsed == nil, "\(family): \(parsed)")
      #expect(parsed.message.reasoning == thought && parsed.content == content, "\(family)")
    }
    let action =
      "<|START_ACTION|>[\n    {\"tool_call_id\": \"0\", \"tool_name\": \"w\", "
      + "\"parameters\": {\"a\": 1}}\n]<|END_ACTION|><|END_OF_TURN_TOKEN|>"
    for plan in ["", "<|START_THINKING|>Look.<|END_THINKING|>"] {
      let parsed = try parse("command-r7b", plan + action)
      #expect(self.calls(parsed) == [call] && parsed.unparsed == nil, "\(parsed)")
      #expect(parsed.message.reasoning == (plan.isEmpty ? nil : "Look."))
      #expect(parsed.message.toolCalls.map(\.id) == ["0"])
    }
    let json = "{\"name\": \"w\", \"arguments\": {\"a\": 1}}"
    for (family, text, thought, content, count) in [
      ("hermes-2-pro-tool-use", "Hi\n<tool_call>\n\(json)\n</tool_call><|im_end|>", nil, "Hi\n", 1),
      (
        "hermes-2-pro-tool-use",
        "<tool_call>\n{\"arguments\": {\"a\": 1}, \"name\": \"w\"}\n</tool_call>\n"
          + "<tool_call>\n\(json)\n</tool_call><|im_end|>", nil, "", 2
      ),
      (
        "smollm3", "<think>\nHm.\n</think>\n<tool_call>\n\(json)\n</tool_call><|im_end|>", "Hm.",
        "", 1
      ),
      ("smollm3", "<think>\nHm.\n</think>\nHi<|im_end|>", "Hm.", "Hi", 0),
      (
        "falcon3", "<tool_call>\n[\n  \(json),\n  \(json)\n]\n</tool_call><|endoftext|>", nil, "", 2
      ),
      ("olmo-3", "<function_calls>w(a=1)\nw(a=1)</function_calls><|im_end|>", nil, "", 2),
      ("lfm2", "<|tool_call_start|>[w(a=1), w(a=1)]<|tool_call_end|>Hi<|im_end|>", nil, "Hi", 2),
      ("apertus", "<|inner_prefix|>Hm.<|inner_suffix|>Hi<|assistant_end|>", "Hm.", "Hi", 0),
    ] as [(String, String, ExactString?, String, Int)] {
      let parsed = try parse(family, text)
      let expected = Array(repeating: call, count: count)
      #expect(self.calls(parsed) == expected && parsed.unparsed == nil, "\(family): \(parsed)")
      #expect(parsed.message.reasoning == thought && parsed.content == content, "\(family)")
      #expect(!parsed.isTruncated && parsed.stop != nil, "\(family)")
    }
    let answer = try parse(
      "command-r7b",
      "<|START_THINKING|>Hm.<|END_THINKING|><|START_RESPONSE|>Hi<|END_RESPONSE|><|END_OF_TURN_TOKEN|>"
    )
    #expect(answer.message.reasoning == "Hm." && answer.content == "Hi")
  }

  @Test func `arguments are typed by the schema, and text stays text`() throws {
    let tool = Tool(definition: [
      "function": [
        "name": "w",
        "parameters": [
          "properties": [
            "n": ["type": "integer"], "s": ["type": "string"], "b": ["type": "boolean"],
          ]
        ],
      ]
    ])
    let xml =
      "<tool_call>w\n"
      + ["n", "s", "b"].map { key in
        "<arg_key>\(key)</arg_key>\n<arg_value>\(key == "b" ? "True" : "5")</arg_value>\n"
      }.joined() + "</tool_call>"
    let parsed = try parse("glm-4.5", "<think></think>\n" + xml, tools: [tool])
    #expect(calls(parsed) == [["name": "w", "arguments": ["n": 5, "s": "5", "b": true]]])
    let json = try parse(
      "qwen3", "<tool_call>{\"name\": \"w\", \"arguments\": {\"n\": \"5\"}}</tool_call>",
      tools: [tool])
    #expect(calls(json) == [["name": "w", "arguments": ["n": "5"]]])
  }

  @Test func `what comes after the end, and garbage in a call, is kept apart`() throws {
    let after = try parse("qwen3", "Hi<|im_end|>\n<|im_start|>user\nMore")
    #expect(after.content == "Hi" && after.stop == "<|im_end|>")
    #expect(after.unparsed == "\n<|im_start|>user\nMore")
    let text = "<tool_call>\nnot json\n</tool_call>Hi"
    let garbage = try parse("qwen3", text)
    #expect(garbage.content == text && garbage.message.toolCalls.isEmpty)
    let call = "<tool_call>\n{\"name\": \"w\", \"arguments\": {}} and so on\n</tool_call>Hi"
    let more = try parse("qwen3", call)
    #expect(more.content == "Hi" && more.message.toolCalls.map(\.name) == ["w"])
    #expect(more.unparsed?.string.contains("and so on") == true)
  }

  @Test func `what was written of a message that is continued belongs to it`() throws {
    let template = try ChatTemplate(family: "qwen3")
    let prompt = try template.render(
      Conversation([Message(.user, "Hi"), Message(.assistant, "I say <|im_end|> and")]),
      options: .init(continueFinalMessage: true))
    var stream = template.makeResponseStream(prompt: prompt)
    #expect(stream.feed(" go on") == [.content(" go on")])
    _ = stream.finish()
    #expect(stream.response.content == "I say <|im_end|> and go on")
  }

  @Test func `deep nesting and long answers take linear time`() throws {
    let template = try ChatTemplate(family: "qwen3")
    let call = "<tool_call>\n{\"name\": \"w\", \"arguments\": {\"a\": "
    let clock = ContinuousClock()
    for unit in ["[", "{\"a\": ", "<", "</tool_call>\n<tool_call>{", "\"</tool_call>\\", "é\n"] {
      var times: [Duration] = []
      for count in [2_000, 16_000] {
        let text = call + String(repeating: unit, count: count)
        times.append(clock.measure { _ = template.parse(response: text) })
      }
      #expect(times[1] < times[0] * 40 + .milliseconds(200), "\(unit): \(times)")
    }
  }
}
