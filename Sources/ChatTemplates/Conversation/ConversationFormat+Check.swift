// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

extension ConversationFormat {
  /// What messages of the format are called in messages to people.
  private var title: String {
    switch self {
    case .openAI: "OpenAI's chat completions"
    case .anthropic: "Anthropic's messages"
    case .shareGPT: "ShareGPT"
    case .alpaca: "Alpaca"
    }
  }

  /// The member that holds the conversation, and what it must be.
  private var body: (name: ExactString, kind: String) {
    switch self {
    case .openAI, .anthropic: ("messages", "an array of messages")
    case .shareGPT: ("conversations", "an array of turns")
    case .alpaca: ("instruction", "a string")
    }
  }

  /// Refuses JSON that is not of the format, where a caller says that it is.
  ///
  /// - Throws: `ChatTemplateError` that tells what was expected where, and which format it is by its
  ///   members.
  func check(_ value: JSONValue) throws(ChatTemplateError) {
    let found = value[body.name]
    let isBody =
      switch self {
      case .alpaca: found?.string != nil
      default: found?.array != nil
      }
    guard isBody || (self == .openAI && value.array != nil) else {
      let what = found.map { ", but it is \($0.kindName)" } ?? ", but there is none"
      throw mismatch("'\(body.name)' must be \(body.kind)\(what)", in: value)
    }
    switch self {
    case .openAI: try checkOpenAI(value)
    case .anthropic: try checkAnthropic(value)
    case .shareGPT, .alpaca: break
    }
  }

  private func checkOpenAI(_ value: JSONValue) throws(ChatTemplateError) {
    if value["system"] != nil {
      throw mismatch("instructions are a message, not a member 'system'", in: value)
    }
    for (index, tool) in (value["tools"]?.array ?? []).enumerated()
    where tool["input_schema"] != nil {
      throw mismatch(
        "a tool has a 'function' with 'parameters', no 'input_schema'", in: value,
        field: "tools[\(index)]")
    }
    try Self.forEachBlock(value) { index, place, kind throws(ChatTemplateError) in
      guard kind == "tool_use" || kind == "tool_result" else { return }
      throw mismatch(
        "content has no block '\(kind)'; calls stand in 'tool_calls', results in messages of the "
          + "role 'tool'", in: value, message: index, field: "content[\(place)]")
    }
  }

  private func checkAnthropic(_ value: JSONValue) throws(ChatTemplateError) {
    for (index, message) in (value["messages"]?.array ?? []).enumerated() {
      if let role = message["role"]?.string, role != "user", role != "assistant" {
        throw mismatch(
          "a role is 'user' or 'assistant', but is '\(role)'; instructions are the member 'system', "
            + "results are blocks 'tool_result'", in: value, message: index, field: "role")
      }
      if message["tool_calls"] != nil {
        throw mismatch(
          "calls are blocks 'tool_use' of the content, not 'tool_calls'", in: value, message: index,
          field: "tool_calls")
      }
    }
  }

  /// Every typed block of content, with its place.
  private static func forEachBlock(
    _ value: JSONValue,
    _ body: (_ message: Int, _ block: Int, _ kind: ExactString) throws(ChatTemplateError) -> Void
  ) throws(ChatTemplateError) {
    for (index, message) in (value["messages"]?.array ?? value.array ?? []).enumerated() {
      for (place, block) in (message["content"]?.array ?? []).enumerated() {
        if let kind = block["type"]?.string { try body(index, place, kind) }
      }
    }
  }

  private func mismatch(
    _ text: String, in value: JSONValue, message: Int? = nil, field: String? = nil
  ) -> ChatTemplateError {
    let shape = Conversation.format(of: value)
    return ChatTemplateError(
      .malformedConversation("\(title): \(text)"), message: message, field: field,
      hint: shape == self ? nil : "by its members it is \(shape.rawValue)")
  }
}
