// SPDX-License-Identifier: Apache-2.0

public import OrderedJSON
import TextPrimitives

extension Conversation {
  /// Reads Anthropic's messages JSON: `system` at the top, content as text or blocks.
  ///
  /// A block `tool_use` becomes a tool call, `tool_result` a message of the role tool, `thinking`
  /// the reasoning; other blocks stay content parts.
  /// - Throws: `ChatTemplateError` that names the message and the field.
  public init(anthropic value: JSONValue) throws(ChatTemplateError) {
    guard case .array(let entries)? = value["messages"] else {
      throw ChatTemplateError(.malformedConversation("'messages' must be an array of messages"))
    }
    var messages: [Message] = []
    if let system = value["system"], !system.isNull {
      messages.append(Message(.system, try Self.text(of: system, named: "system", nil)))
    }
    for (index, entry) in entries.enumerated() {
      guard case .object = entry else {
        throw ChatTemplateError(
          .wrongType(field: "", expected: "an object", found: entry.kindName), message: index)
      }
      guard let role = entry["role"]?.string else {
        throw ChatTemplateError(
          entry["role"].map {
            .wrongType(field: "role", expected: "a string", found: $0.kindName)
          } ?? .missingField("role"), message: index)
      }
      switch entry["content"] {
      case .string: messages.append(Message(fields: entry.object ?? [:]))
      case .array(let blocks):
        messages += try Self.messages(role, blocks, index)
      case nil: throw ChatTemplateError(.missingField("content"), message: index)
      case .some(let other):
        throw ChatTemplateError(
          .wrongType(field: "content", expected: "a string or blocks", found: other.kindName),
          message: index)
      }
    }
    let tools = try Self.list(value["tools"], named: "tools")
    self.init(messages, tools: tools?.map(Self.tool))
  }

  private static func tool(_ value: JSONValue) -> Tool {
    guard let schema = value["input_schema"], let name = value["name"] else {
      return Tool(definition: value)
    }
    var function: JSONObject = ["name": name]
    function["description"] = value["description"]
    function["parameters"] = schema
    return Tool(definition: ["type": "function", "function": .object(function)])
  }

  /// The text of a string, or of the text blocks of a list; a missing value has none.
  private static func text(of value: JSONValue, named field: String, _ message: Int?)
    throws(ChatTemplateError) -> String
  {
    switch value {
    case .null: return ""
    case .string(let text): return text.string
    case .array(let blocks):
      var texts: [String] = []
      for (place, block) in blocks.enumerated() where block["type"]?.string != "image" {
        texts.append(
          try string("text", of: block, named: "\(field)[\(place)]", message).string)
      }
      return texts.joined(separator: "\n")
    default:
      throw ChatTemplateError(
        .wrongType(field: field, expected: "a string or blocks", found: value.kindName),
        message: message)
    }
  }

  /// A block's member, which must be a string.
  private static func string(
    _ name: ExactString, of block: JSONValue, named field: String, _ message: Int?
  ) throws(ChatTemplateError) -> ExactString {
    switch block[name] {
    case .string(let text): return text
    case nil: throw ChatTemplateError(.missingField("\(field).\(name)"), message: message)
    case .some(let other):
      throw ChatTemplateError(
        .wrongType(field: "\(field).\(name)", expected: "a string", found: other.kindName),
        message: message)
    }
  }

  private static func messages(_ role: ExactString, _ blocks: [JSONValue], _ index: Int)
    throws(ChatTemplateError) -> [Message]
  {
    var results: [Message] = []
    var parts: [JSONValue] = []
    var calls: [JSONValue] = []
    var thoughts: [String] = []
    for (place, block) in blocks.enumerated() {
      let field = "content[\(place)]"
      switch try string("type", of: block, named: field, index) {
      case "tool_use":
        let name = try string("name", of: block, named: field, index)
        let call = ToolCall(
          id: block["id"]?.string, name: name, arguments: block["input"] ?? .object([:]))
        calls.append(call.openAI)
      case "tool_result":
        var fields: JSONObject = ["role": "tool"]
        let content = block["content"] ?? .null
        fields["content"] = .string(
          ExactString(try text(of: content, named: "\(field).content", index)))
        fields["tool_call_id"] = block["tool_use_id"]
        results.append(Message(fields: fields))
      case "thinking":
        thoughts.append(try string("thinking", of: block, named: field, index).string)
      default: parts.append(block)
      }
    }
    guard results.isEmpty || !parts.isEmpty else { return results }
    var fields: JSONObject = ["role": .string(role)]
    if !thoughts.isEmpty {
      fields["reasoning_content"] = .string(ExactString(thoughts.joined(separator: "\n")))
    }
    let isText = parts.allSatisfy { $0["type"]?.string == "text" && $0["text"]?.string != nil }
    fields["content"] =
      isText && parts.count <= 1 ? .string(parts.first?["text"]?.string ?? "") : .array(parts)
    if !calls.isEmpty { fields["tool_calls"] = .array(calls) }
    return results + [Message(fields: fields)]
  }

  /// The conversation as Anthropic's messages JSON.
  public var anthropic: JSONObject {
    var object: JSONObject = [:]
    let systems = messages.filter { $0.role == .system || $0.role == .developer }
    if !systems.isEmpty {
      object["system"] = .string(ExactString(systems.map(\.text).joined(separator: "\n\n")))
    }
    var entries: [JSONValue] = []
    for message in messages where message.role != .system && message.role != .developer {
      if message.role == .tool {
        let result: JSONValue = [
          "type": "tool_result", "tool_use_id": .string(message.toolCallID ?? ""),
          "content": .string(ExactString(message.text)),
        ]
        entries.append(["role": "user", "content": .array([result])])
      } else {
        entries.append(Self.anthropicEntry(message))
      }
    }
    object["messages"] = .array(entries)
    if let tools {
      object["tools"] = .array(
        tools.map { tool in
          var entry: JSONObject = [:]
          entry["name"] = tool.name.map { .string($0) }
          entry["description"] = (tool.definition["function"] ?? tool.definition)["description"]
          entry["input_schema"] = tool.parameters ?? ["type": "object", "properties": [:]]
          return .object(entry)
        })
    }
    return object
  }

  private static func anthropicEntry(_ message: Message) -> JSONValue {
    var blocks: [JSONValue] = []
    if let thought = message.reasoning {
      blocks.append(["type": "thinking", "thinking": .string(thought)])
    }
    if case .array(let parts)? = message.fields["content"] {
      blocks += parts
    } else if !message.text.isEmpty {
      blocks.append(["type": "text", "text": .string(ExactString(message.text))])
    }
    for call in message.toolCalls {
      blocks.append([
        "type": "tool_use", "id": .string(call.id ?? ""), "name": .string(call.name),
        "input": call.arguments,
      ])
    }
    return ["role": .string(message.role.rawValue), "content": .array(blocks)]
  }
}
