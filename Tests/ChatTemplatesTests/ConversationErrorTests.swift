// SPDX-License-Identifier: Apache-2.0

import ChatTemplates
import OrderedJSON
import Testing
import TextPrimitives

@Suite("Conversations that cannot be rendered") struct ConversationErrorTests {
  private func message(_ json: String, family: String = "chatml") -> String {
    do {
      guard case .object(let object) = try JSONValue(parsing: json) else { return "no object" }
      let (conversation, options) = try ChatRequest.read(object)
      return try ChatTemplate(family: family).render(conversation, options: options).text
    } catch {
      return "\(error)"
    }
  }

  @Test func `an error names the message and the field`() {
    #expect(message(#"{"messages": 1}"#) == "'messages' must be an array of messages")
    #expect(message(#"{"messages": [1]}"#) == "message 0: must be an object, but is a number")
    #expect(
      message(#"{"messages": [{"content": "x"}]}"#)
        == "message 0: field 'role' is missing; roles are system, developer, user, assistant and tool"
    )
    #expect(
      message(#"{"messages": [{"role": 1}]}"#)
        == "message 0: field 'role' must be a string, but is a number")
    #expect(
      message(#"{"messages": [{"role": "user", "content": "x"}, {"role": "user"}]}"#)
        == "message 1: field 'content' is missing")
    #expect(
      message(#"{"messages": [{"role": "user", "content": null}]}"#)
        == "message 0: field 'content' is missing")
    #expect(
      message(#"{"messages": [{"role": "user", "content": 42}]}"#)
        == "message 0: field 'content' must be a string, but is a number")
    #expect(message(#"{"messages": []}"#) == "the conversation has no messages")
  }

  @Test func `a template's own refusal keeps its words`() {
    #expect(
      message(
        #"{"messages": [{"role": "critic", "content": "x"}]}"#,
        family: "mistral-large-instruct-2411")
        == "message 0, role: Only user, system and assistant roles are supported!")
  }

  @Test(
    "a refusal names the message and the field, whatever the template calls it",
    arguments: [
      // A role.
      (
        "gemma-2", #"[{"role": "system", "content": "x"}, {"role": "user", "content": "y"}]"#,
        "message 0, role: System role not supported"
      ),
      (
        "mistral-common-v7", #"[{"role": "assistant", "content": "x"}]"#,
        "message 0, role: Conversation must start with a user or system message, got assistant."
      ),
      (
        "gemma-3", #"[{"role": "user", "content": "x"}, {"role": "user", "content": "y"}]"#,
        "message 1, role: Conversation roles must alternate user/assistant/user/assistant/..."
      ),
      // The lack of a message.
      (
        "qwen3.5", #"[{"role": "system", "content": "x"}]"#,
        "No user query found in messages.; this is about the conversation as a whole, not one message"
      ),
      // A call, by its place among the calls.
      (
        "mistral-7b-instruct-v0.3",
        #"[{"role": "user", "content": "x"}, {"role": "assistant", "tool_calls": [{"id": "123456789", "function": {"name": "f", "arguments": {}}}, {"id": "1", "function": {"name": "f", "arguments": {}}}]}]"#,
        "message 1, tool_calls[1].id: Tool call IDs should be alphanumeric strings with length 9!"
      ),
      (
        "deepseek-r1",
        #"[{"role": "user", "content": "x"}, {"role": "assistant", "content": "y", "tool_calls": [{"type": "function", "function": {"name": "f", "arguments": {}}}]}]"#,
        "message 1: field 'tool_calls[0].function.arguments' must be a string, but is an object"
      ),
      // A part of the content, and of a system message.
      (
        "mistral-small-3.2",
        #"[{"role": "user", "content": [{"type": "text", "text": "x"}, {"type": "audio"}]}]"#,
        "message 0, content[1].type: Only text and image blocks are supported in message content!"
      ),
      (
        "deepseek-r1",
        #"[{"role": "user", "content": "x"}, {"role": "system", "content": []}]"#,
        "message 1: field 'content' must be a string, but is an array"
      ),
    ])
  func places(family: String, messages: String, expected: String) {
    #expect(message(#"{"messages": \#(messages)}"#, family: family) == expected)
  }

  @Test func `a tool that a template cannot write is named by its place`() {
    let tool =
      #"{"type": "function", "function": {"name": "f", "description": "d", "parameters": {"type": "object", "properties": {"x": {"type": "null"}}}}}"#
    #expect(
      message(
        #"{"messages": [{"role": "user", "content": "x"}], "tools": [\#(tool)]}"#,
        family: "hermes-2-pro-tool-use")
        == "field 'tools[0].function.parameters.properties.x.type' must be a type of JSON schemas, but is 'null'"
    )
  }

  @Test func `an argument that no template reads is an error in strict mode`() throws {
    let template = try ChatTemplate(family: "qwen3")
    let conversation = Conversation([Message(.user, "x")])
    let options = RenderOptions(arguments: ["enable_thinkin": false], isStrict: true)
    #expect {
      _ = try template.render(conversation, options: options)
    } throws: { error in
      "\(error)"
        == "the template reads no argument 'enable_thinkin'; did you mean 'enable_thinking'?"
    }
  }
}
