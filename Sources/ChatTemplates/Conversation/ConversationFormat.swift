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
  /// - Throws: `ChatTemplateError` that names the message and the field; where the shape is given and
  ///   is another one, what was expected where.
  public init(json value: JSONValue, format: ConversationFormat? = nil) throws(ChatTemplateError) {
    if let format { try format.check(value) }
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

  /// Whether a JSON object holds a conversation of some shape.
  public static func isHeld(by object: JSONObject) -> Bool {
    ["messages", "conversations", "instruction"].contains { object[$0] != nil }
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
    var messages = try Self.instructions(value["system"])
    for (index, entry) in entries.enumerated() {
      let from = try Self.text("from", of: entry, at: index)
      let text = try Self.text("value", of: entry, at: index)
      guard let role = Self.shareGPTRoles[from] else {
        throw ChatTemplateError(
          .malformedConversation("'\(from)' is no known speaker"), message: index, field: "from",
          hint: "speakers are human, gpt, system, function_call and observation")
      }
      messages.append(try Self.shareGPTMessage(role, from, text, index))
    }
    self.init(
      messages,
      tools: try Self.list(try Self.decoded(value["tools"]), named: "tools")?.map(Tool.init))
  }

  /// Tools are often kept as a string that holds their JSON.
  private static func decoded(_ tools: JSONValue?) throws(ChatTemplateError) -> JSONValue? {
    guard let text = tools?.string else { return tools }
    if text.isEmpty { return nil }
    guard let value = try? JSONValue(parsing: text.string) else {
      throw ChatTemplateError(.malformedConversation("'tools' must be JSON in its string"))
    }
    return value
  }

  /// The text of a turn's member, which must be a string.
  private static func text(_ name: ExactString, of entry: JSONValue, at index: Int)
    throws(ChatTemplateError) -> ExactString
  {
    switch entry[name] {
    case .string(let text): return text
    case nil: throw ChatTemplateError(.missingField(name.string), message: index)
    case .some(let other):
      throw ChatTemplateError(
        .wrongType(field: name.string, expected: "a string", found: other.kindName),
        message: index)
    }
  }

  /// The message of instructions that stand beside the turns; none where they are empty.
  private static func instructions(_ value: JSONValue?) throws(ChatTemplateError) -> [Message] {
    switch value {
    case nil, .null: return []
    case .string(let text): return text.isEmpty ? [] : [Message(.system, text.string)]
    case .some(let other):
      throw ChatTemplateError(
        .wrongType(field: "system", expected: "a string", found: other.kindName))
    }
  }

  private static func shareGPTMessage(
    _ role: Role, _ from: ExactString, _ text: ExactString, _ index: Int
  ) throws(ChatTemplateError) -> Message {
    guard from == "function_call" else { return Message(role, text.string) }
    guard let call = try? JSONValue(parsing: text.string) else {
      throw ChatTemplateError(
        .malformedConversation("a function call must be JSON"), message: index, field: "value")
    }
    var calls: [JSONValue] = []
    for entry in call.array ?? [call] {
      guard let call = ToolCall(openAI: entry) else {
        throw ChatTemplateError(
          .malformedConversation("a function call must be an object with a 'name'"),
          message: index, field: "value")
      }
      calls.append(call.openAI)
    }
    return Message(fields: [
      "role": .string(role.rawValue), "content": "", "tool_calls": .array(calls),
    ])
  }

  // MARK: Alpaca

  private init(alpaca value: JSONValue) throws(ChatTemplateError) {
    guard let instruction = value["instruction"]?.string else {
      throw ChatTemplateError(.malformedConversation("'instruction' must be a string"))
    }
    var messages = try Self.instructions(value["system"])
    for (index, pair) in (try Self.list(value["history"], named: "history") ?? []).enumerated() {
      guard let texts = pair.array, texts.count == 2, let question = texts[0].string,
        let answer = texts[1].string
      else {
        throw ChatTemplateError(
          .wrongType(
            field: "history[\(index)]", expected: "a pair of question and answer",
            found: pair.kindName))
      }
      messages += [Message(.user, question.string), Message(.assistant, answer.string)]
    }
    var question = instruction.string
    if let input = try Self.alpacaText("input", of: value), !input.isEmpty {
      question += "\n\n\(input)"
    }
    messages.append(Message(.user, question))
    if let output = try Self.alpacaText("output", of: value) {
      messages.append(Message(.assistant, output.string))
    }
    self.init(messages)
  }

  private static func alpacaText(_ name: ExactString, of value: JSONValue)
    throws(ChatTemplateError) -> ExactString?
  {
    switch value[name] {
    case nil, .null: return nil
    case .string(let text): return text
    case .some(let other):
      throw ChatTemplateError(
        .wrongType(field: name.string, expected: "a string", found: other.kindName))
    }
  }
}
