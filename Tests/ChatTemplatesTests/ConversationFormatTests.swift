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
      "\(error)".hasPrefix("message 0: 'from' is 'robot', which is no known speaker")
    }
  }
}
