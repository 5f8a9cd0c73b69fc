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
  /// templates), `keep_nulls` and `input_format` (the conversation's shape, where it is not to be told
  /// by its members).
  ///
  /// - Throws: `ChatTemplateError` that names the member, or the message and its field.
  public static func read(_ object: JSONObject) throws(ChatTemplateError)
    -> (conversation: Conversation, options: RenderOptions)
  {
    let conversation = try Conversation(json: .object(object), format: try format(of: object))
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

  /// The shape that a request says its conversation has.
  private static func format(of object: JSONObject) throws(ChatTemplateError)
    -> ConversationFormat?
  {
    guard let name = try text("input_format", of: object) else { return nil }
    guard let format = ConversationFormat(rawValue: name.string) else {
      let names = ConversationFormat.allCases.map(\.rawValue)
      throw ChatTemplateError(
        .malformedConversation("'input_format' is '\(name)', which is no known shape"),
        hint: EditDistance.nearest(to: name.string, among: names).map { "did you mean '\($0)'?" }
          ?? "it is one of \(names.joined(separator: ", "))")
    }
    return format
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
