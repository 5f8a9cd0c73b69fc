// SPDX-License-Identifier: Apache-2.0

public import OrderedJSON
import TextPrimitives

/// Reads what a line of batch input or a server's request asks for.
public enum ChatRequest {
  /// The conversation and the options of one JSON object.
  ///
  /// The conversation may have any shape of ``ConversationFormat``. OpenAI's has the members
  /// `messages`, `tools`, `documents`, `add_generation_prompt`,
  /// `continue_final_message` (a boolean or a field's name), `bos_token`, `eos_token`, `now`
  /// (`2026-01-15`), `kwargs` (template variables), `chat_template` (the name of one of a model's
  /// templates), `keep_nulls`, `tool_arguments` (`as_sent`, `object`, `string` or `fitting`) and
  /// `input_format` (the conversation's shape, where it is not to be told
  /// by its members).
  ///
  /// - Throws: `ChatTemplateError` that names the member, or the message and its field.
  public static func read(_ object: JSONObject) throws(ChatTemplateError)
    -> (conversation: Conversation, options: RenderOptions)
  {
    let format: ConversationFormat? = try choice("input_format", of: object)
    let conversation = try Conversation(json: .object(object), format: format)
    var options = RenderOptions()
    options.addGenerationPrompt = try flag("add_generation_prompt", of: object)
    options.keepsNulls = try flag("keep_nulls", of: object)
    switch object["continue_final_message"] {
    case nil, .null, .bool(false): break
    case .bool(true): options.continueFinalMessage = true
    case .string(let field): options.continueFinalMessage = .init(field: field)
    case .some(let other):
      throw wrong("continue_final_message", expected: "a boolean or a field's name", other)
    }
    options.bosToken = try text("bos_token", of: object)
    options.eosToken = try text("eos_token", of: object)
    options.toolArguments = try choice("tool_arguments", of: object) ?? .asSent
    options.chatTemplate = try text("chat_template", of: object)
    if let now = try text("now", of: object) {
      guard let time = CivilTime(iso8601: now.string) else {
        throw ChatTemplateError(
          .malformedConversation("'now' is '\(now)', but should be like 2026-01-15T08:30:00"))
      }
      options.now = time
    }
    switch object["kwargs"] {
    case nil, .null: break
    case .object(let arguments): options.arguments = arguments
    case .some(let other): throw wrong("kwargs", expected: "an object", other)
    }
    return (conversation, options)
  }

  /// One of few words.
  private static func choice<Choice: RawRepresentable & CaseIterable>(
    _ name: ExactString, of object: JSONObject
  ) throws(ChatTemplateError) -> Choice? where Choice.RawValue == String {
    guard let word = try text(name, of: object) else { return nil }
    guard let choice = Choice(rawValue: word.string) else {
      let names = Choice.allCases.map(\.rawValue)
      throw ChatTemplateError(
        .malformedConversation("'\(name)' cannot be '\(word)'"),
        hint: EditDistance.nearest(to: word.string, among: names).map { "did you mean '\($0)'?" }
          ?? "it is one of \(names.joined(separator: ", "))")
    }
    return choice
  }

  private static func flag(_ name: ExactString, of object: JSONObject) throws(ChatTemplateError)
    -> Bool
  {
    switch object[name] {
    case nil, .null: return false
    case .bool(let value): return value
    case .some(let other): throw wrong(name, expected: "a boolean", other)
    }
  }

  private static func text(_ name: ExactString, of object: JSONObject) throws(ChatTemplateError)
    -> ExactString?
  {
    switch object[name] {
    case nil, .null: return nil
    case .string(let value): return value
    case .some(let other): throw wrong(name, expected: "a string", other)
    }
  }

  private static func wrong(_ name: ExactString, expected: String, _ value: JSONValue)
    -> ChatTemplateError
  {
    ChatTemplateError(
      .malformedConversation("'\(name)' must be \(expected), but is \(value.kindName)"))
  }
}
