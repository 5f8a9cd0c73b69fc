// SPDX-License-Identifier: Apache-2.0

import ChatTemplates
import OrderedJSON
import Testing
import TextPrimitives

@Suite("The form of tool calls' arguments") struct ToolArgumentsTests {
  private static let object: JSONValue = ["z": 1.0, "a": 2]
  private static let string: JSONValue = "{\"z\": 1.0, \"a\": 2}"

  private func conversation(_ arguments: JSONValue, content: JSONValue) throws -> Conversation {
    let call: JSONValue = [
      "id": "call00001", "type": "function", "function": ["name": "w", "arguments": arguments],
    ]
    return try Conversation(openAI: [
      ["role": "user", "content": "x"],
      ["role": "assistant", "content": content, "tool_calls": .array([call])],
      ["role": "tool", "tool_call_id": "call00001", "name": "w", "content": "r"],
      ["role": "assistant", "content": "y"],
    ])
  }

  private func text(
    _ template: ChatTemplate, _ arguments: JSONValue, _ form: ToolArguments,
    content: JSONValue = ""
  ) -> String? {
    var options = RenderOptions(keepsNulls: true)
    options.toolArguments = form
    return (try? conversation(arguments, content: content)).flatMap {
      (try? template.render($0, options: options))?.text
    }
  }

  @Test func `strings become objects, and objects strings, where a template asks for them`() throws
  {
    let llama = try ChatTemplate(family: "llama-3.1")
    let sent = try #require(text(llama, Self.string, .asSent))
    #expect(sent.contains(#""parameters": "{\"z\": 1.0, \"a\": 2}""#))
    for arguments in [Self.object, Self.string] {
      let fitted = try #require(text(llama, arguments, .fitting))
      #expect(fitted.contains(#""parameters": {"z": 1.0, "a": 2}}"#))
      #expect(text(llama, arguments, .object) == fitted)
    }
    // This one writes a string alone.
    let deepSeek = try ChatTemplate(family: "deepseek-v3")
    #expect(text(deepSeek, Self.object, .asSent, content: .null) == nil)
    for arguments in [Self.object, Self.string] {
      let fitted = try #require(text(deepSeek, arguments, .fitting, content: .null))
      #expect(fitted.contains("```json\n{\"z\": 1.0, \"a\": 2}\n```"))
    }
  }

  @Test func `what holds no object stays as it is`() throws {
    let llama = try ChatTemplate(family: "llama-3.1")
    for broken in ["{\"a\":", "[1]", "word"] {
      let arguments = JSONValue.string(ExactString(broken))
      let fitted = text(llama, arguments, .fitting)
      #expect(fitted != nil && fitted == text(llama, arguments, .asSent))
    }
  }

  @Test func `every family that writes calls writes both forms when asked to fit`() throws {
    var count = 0
    for family in ChatTemplate.familyNames {
      let template = try ChatTemplate(family: family)
      for content in ["", .null] as [JSONValue] {
        let sent = [Self.object, Self.string].map {
          text(template, $0, .asSent, content: content)
        }
        guard sent.contains(where: { $0?.contains("\"z\": 1.0") ?? false }) else { continue }
        let fitted = [Self.object, Self.string].map {
          text(template, $0, .fitting, content: content)
        }
        #expect(fitted[0] != nil && fitted[0] == fitted[1], "\(family)")
        count += 1
      }
    }
    #expect(count > 40, "\(count)")
  }

  @Test func `a Jinja template is fitted as well`() throws {
    let source =
      "{% for m in messages %}{{ m.role }}: {{ m.content }}"
      + "{% for c in m.tool_calls or [] %}{{ '[' + c.function.arguments + ']' }}{% endfor %}"
      + "{% endfor %}"
    let template = try ChatTemplate(jinja: source, name: "t.jinja")
    #expect(text(template, Self.object, .asSent) == nil)
    #expect(text(template, Self.object, .fitting)?.contains("[{\"z\": 1.0, \"a\": 2}]") == true)
  }
}
