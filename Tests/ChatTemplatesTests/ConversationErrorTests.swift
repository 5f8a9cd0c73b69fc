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
        == "message 0: Only user, system and assistant roles are supported!")
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
