// SPDX-License-Identifier: Apache-2.0

public import OrderedJSON
import TextPrimitives

/// The shapes in which conversations are kept.
public enum ConversationFormat: String, Sendable, CaseIterable {
  /// OpenAI's chat completions: `messages` with `role` and `content`.
  case openAI = "openai"
  /// Anthropic's messages: a `system` beside `messages`, content in blocks.
  case anthropic
  /// ShareGPT: `conversations` with `from` and `value`.
  case shareGPT = "sharegpt"
  /// Alpaca: `instruction`, `input` and `output`.
  case alpaca
}

extension Conversation {
  /// Reads a conversation of any known shape.
  ///
  /// - Parameters:
  ///   - value: The JSON.
  ///   - format: Its shape; nil tells it by its members.
  /// - Throws: `ChatTemplateError` that names the message and the field.
  public init(json value: JSONValue, format: ConversationFormat? = nil) throws(ChatTemplateError) {
    switch format ?? Self.format(of: value) {
    case .openAI: try self.init(openAI: value)
    case .anthropic: try self.init(anthropic: value)
    case .shareGPT: try self.init(shareGPT: value)
    case .alpaca: try self.init(alpaca: value)
    }
  }

  /// The shape of a conversation, by its members.
  public static func format(of value: JSONValue) -> ConversationFormat {
    if value["conversations"] != nil { return .shareGPT }
    if value["instruction"] != nil { return .alpaca }
    guard case .array(let messages)? = value["messages"] else { return .openAI }
    if value["system"] != nil { return .anthropic }
    if value["tools"]?.array?.contains(where: { $0["input_schema"] != nil }) == true {
      return .anthropic
    }
    let blocks: Set<ExactString> = ["tool_use", "tool_result"]
    let hasBlocks = messages.contains { message in
      message["content"]?.array?.contains { $0["type"]?.string.map(blocks.contains) ?? false }
        ?? false
    }
    return hasBlocks ? .anthropic : .openAI
  }

  // MARK: ShareGPT

  private static let shareGPTRoles: [ExactString: Role] = [
    "human": .user, "user": .user, "gpt": .assistant, "assistant": .assistant,
    "chatgpt": .assistant, "system": .system, "tool": .tool, "observation": .tool,
    "function_response": .tool, "function_call": .assistant,
  ]

  private init(shareGPT value: JSONValue) throws(ChatTemplateError) {
    guard case .array(let entries)? = value["conversations"] else {
      throw ChatTemplateError(.malformedConversation("'conversations' must be an array"))
    }
    var messages: [Message] = []
    if let system = value["system"]?.string, !system.isEmpty {
      messages.append(Message(.system, system.string))
    }
    for (index, entry) in entries.enumerated() {
      guard let from = entry["from"]?.string else {
        throw ChatTemplateError(.missingField("from"), message: index)
      }
      guard let text = entry["value"]?.string else {
        throw ChatTemplateError(.missingField("value"), message: index)
      }
      guard let role = Self.shareGPTRoles[from] else {
        throw ChatTemplateError(
          .malformedConversation("'from' is '\(from)', which is no known speaker"),
          message: index, hint: "speakers are human, gpt, system, function_call and observation")
      }
      messages.append(try Self.shareGPTMessage(role, from, text, index))
    }
    let tools = value["tools"]?.string.map { (try? JSONValue(parsing: $0.string)) ?? .null }
    self.init(
      messages, tools: try Self.list(tools ?? value["tools"], named: "tools")?.map(Tool.init))
  }

  private static func shareGPTMessage(
    _ role: Role, _ from: ExactString, _ text: ExactString, _ index: Int
  ) throws(ChatTemplateError) -> Message {
    guard from == "function_call" else { return Message(role, text.string) }
    guard let call = try? JSONValue(parsing: text.string) else {
      throw ChatTemplateError(
        .malformedConversation("a function call must be a JSON object"), message: index)
    }
    let calls = (call.array ?? [call]).compactMap(ToolCall.init(openAI:)).map(\.openAI)
    return Message(fields: [
      "role": .string(role.rawValue), "content": "", "tool_calls": .array(calls),
    ])
  }

  // MARK: Alpaca

  private init(alpaca value: JSONValue) throws(ChatTemplateError) {
    guard let instruction = value["instruction"]?.string else {
      throw ChatTemplateError(.malformedConversation("'instruction' must be a string"))
    }
    var messages: [Message] = []
    if let system = value["system"]?.string, !system.isEmpty {
      messages.append(Message(.system, system.string))
    }
    for pair in value["history"]?.array ?? [] {
      guard let texts = pair.array, texts.count == 2, let question = texts[0].string,
        let answer = texts[1].string
      else {
        throw ChatTemplateError(
          .malformedConversation("'history' must hold pairs of question and answer"))
      }
      messages += [Message(.user, question.string), Message(.assistant, answer.string)]
    }
    var question = instruction.string
    if let input = value["input"]?.string, !input.isEmpty { question += "\n\n\(input)" }
    messages.append(Message(.user, question))
    if let output = value["output"]?.string { messages.append(Message(.assistant, output.string)) }
    self.init(messages)
  }
}
