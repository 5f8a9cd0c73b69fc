// SPDX-License-Identifier: Apache-2.0

import ChatTemplates
import OrderedJSON
import Testing
import TextPrimitives

@Suite("Shapes of conversations") struct ConversationFormatTests {
  private static let anthropic = """
    {"system": "Be kind.", "messages": [{"role": "user", "content": "Weather?"},
    {"role": "assistant", "content": [{"type": "thinking", "thinking": "Look."},
    {"type": "text", "text": "One moment."},
    {"type": "tool_use", "id": "t1", "name": "w", "input": {"city": "Oslo", "days": 1.0}}]},
    {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": "sun"}]}],
    "tools": [{"name": "w", "description": "d", "input_schema": {"type": "object"}}]}
    """

  @Test func `Anthropic's messages become what OpenAI would send, and go back`() throws {
    let value = try JSONValue(parsing: Self.anthropic)
    let conversation = try Conversation(json: value)
    #expect(conversation.messages.map(\.role) == [.system, .user, .assistant, .tool])
    let answer = conversation.messages[2]
    #expect(answer.reasoning == "Look." && answer.text == "One moment.")
    #expect(answer.toolCalls.first?.arguments.serialized() == #"{"city": "Oslo", "days": 1.0}"#)
    #expect(conversation.messages[3].toolCallID == "t1")
    #expect(conversation.tools?.first?.name == "w")
    let back = try Conversation(json: .object(conversation.anthropic))
    #expect(back == conversation)
  }

  @Test func `ShareGPT and Alpaca are told by their shape`() throws {
    let share = try Conversation(
      json: JSONValue(
        parsing:
          #"{"conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}]}"#))
    #expect(share.messages == [Message(.user, "a"), Message(.assistant, "b")])
    let alpaca = try Conversation(
      json: JSONValue(parsing: #"{"instruction": "Add.", "input": "1 2", "output": "3"}"#))
    #expect(alpaca.messages == [Message(.user, "Add.\n\n1 2"), Message(.assistant, "3")])
    #expect {
      _ = try Conversation(
        json: JSONValue(parsing: #"{"conversations": [{"from": "robot", "value": "a"}]}"#))
    } throws: { error in
      "\(error)".hasPrefix("message 0, from: 'robot' is no known speaker")
    }
  }

  private func message(_ json: String, _ format: ConversationFormat?) throws -> String {
    do {
      _ = try Conversation(json: try JSONValue(parsing: json), format: format)
      return "read"
    } catch let error as ChatTemplateError {
      return error.description
    }
  }

  @Test func `a shape that is given is read as such, not told by its members`() throws {
    // By its members this is OpenAI's, since no member tells.
    let plain = #"{"messages": [{"role": "user", "content": "x"}]}"#
    for format in [nil, ConversationFormat.openAI, .anthropic] {
      #expect(try message(plain, format) == "read")
    }
    let both = #"{"instruction": "a", "conversations": [{"from": "human", "value": "b"}]}"#
    let value = try JSONValue(parsing: both)
    #expect(try Conversation(json: value).messages == [Message(.user, "b")])
    #expect(try Conversation(json: value, format: .alpaca).messages == [Message(.user, "a")])
    let (conversation, _) = try ChatRequest.read([
      "instruction": "a", "conversations": [], "input_format": "alpaca",
    ])
    #expect(conversation.messages == [Message(.user, "a")])
  }

  @Test(
    "another shape than the given one is refused with what was expected where",
    arguments: [
      (
        ConversationFormat.shareGPT, #"{"messages": []}"#,
        "ShareGPT: 'conversations' must be an array of turns, but there is none; "
          + "by its members it is openai"
      ),
      (
        .alpaca, #"{"conversations": []}"#,
        "Alpaca: 'instruction' must be a string, but there is none; by its members it is sharegpt"
      ),
      (
        .alpaca, #"{"instruction": 1}"#,
        "Alpaca: 'instruction' must be a string, but it is a number"
      ),
      (
        .openAI, #"{"system": "s", "messages": []}"#,
        "OpenAI's chat completions: instructions are a message, not a member 'system'; "
          + "by its members it is anthropic"
      ),
      (
        .openAI,
        #"{"messages": [{"role": "user", "content": "x"}, {"role": "user", "content": [{"type": "text", "text": "x"}, {"type": "tool_result"}]}]}"#,
        "message 1, content[1]: OpenAI's chat completions: content has no block 'tool_result'; calls "
          + "stand in 'tool_calls', results in messages of the role 'tool'; "
          + "by its members it is anthropic"
      ),
      (
        .openAI, #"{"messages": [], "tools": [{"name": "f", "input_schema": {}}]}"#,
        "tools[0]: OpenAI's chat completions: a tool has a 'function' with 'parameters', no "
          + "'input_schema'; by its members it is anthropic"
      ),
      (
        .anthropic, #"{"messages": [{"role": "system", "content": "x"}]}"#,
        "message 0, role: Anthropic's messages: a role is 'user' or 'assistant', but is 'system'; "
          + "instructions are the member 'system', results are blocks 'tool_result'; "
          + "by its members it is openai"
      ),
      (
        .anthropic, #"{"messages": [{"role": "assistant", "content": "x", "tool_calls": []}]}"#,
        "message 0, tool_calls: Anthropic's messages: calls are blocks 'tool_use' of the content, not "
          + "'tool_calls'; by its members it is openai"
      ),
    ])
  func mismatches(format: ConversationFormat, json: String, expected: String) throws {
    #expect(try message(json, format) == expected)
  }

  @Test(
    "what a shape cannot hold is named by message and field",
    arguments: [
      (
        #"{"conversations": [{"from": "human", "value": 1}]}"#,
        "message 0: field 'value' must be a string, but is a number"
      ),
      (#"{"conversations": [{"value": "x"}]}"#, "message 0: field 'from' is missing"),
      (
        #"{"conversations": [{"from": "function_call", "value": "{"}]}"#,
        "message 0, value: a function call must be JSON"
      ),
      (
        #"{"conversations": [{"from": "function_call", "value": "[{}]"}]}"#,
        "message 0, value: a function call must be an object with a 'name'"
      ),
      (#"{"conversations": [], "system": 1}"#, "field 'system' must be a string, but is a number"),
      (#"{"conversations": [], "tools": "["}"#, "'tools' must be JSON in its string"),
      (#"{"instruction": "x", "input": 1}"#, "field 'input' must be a string, but is a number"),
      (
        #"{"instruction": "x", "history": [["a", "b"], ["c"]]}"#,
        "field 'history[1]' must be a pair of question and answer, but is an array"
      ),
      (#"{"system": "s", "messages": [1]}"#, "message 0: must be an object, but is a number"),
      (
        #"{"system": "s", "messages": [{"role": 1}]}"#,
        "message 0: field 'role' must be a string, but is a number"
      ),
      (
        #"{"system": 1, "messages": []}"#,
        "field 'system' must be a string or blocks, but is a number"
      ),
      (
        #"{"system": "s", "messages": [{"role": "user", "content": [{"type": "tool_use"}]}]}"#,
        "message 0: field 'content[0].name' is missing"
      ),
      (
        #"{"system": "s", "messages": [{"role": "user", "content": [{"type": "thinking"}]}]}"#,
        "message 0: field 'content[0].thinking' is missing"
      ),
      (
        #"{"system": "s", "messages": [{"role": "user", "content": ["x"]}]}"#,
        "message 0: field 'content[0].type' is missing"
      ),
      (
        #"{"messages": [{"role": "user", "content": [{"type": "tool_result", "content": 7}]}]}"#,
        "message 0: field 'content[0].content' must be a string or blocks, but is a number"
      ),
    ])
  func malformed(json: String, expected: String) throws {
    #expect(try message(json, nil) == expected)
  }
}
