// SPDX-License-Identifier: Apache-2.0

public import OrderedJSON
import TextPrimitives

/// Messages, the tools that the model may call, and the documents it may read.
public struct Conversation: Sendable, Equatable {
  /// The messages in order.
  public var messages: [Message]
  /// Tool definitions; nil where none were given, which a template may tell from an empty list.
  public var tools: [Tool]?
  /// Documents for retrieval; nil where none were given.
  public var documents: [JSONValue]?

  /// A conversation.
  public init(_ messages: [Message], tools: [Tool]? = nil, documents: [JSONValue]? = nil) {
    self.messages = messages
    self.tools = tools
    self.documents = documents
  }
}

extension Conversation {
  /// Reads OpenAI's chat-completions JSON: an array of messages, or an object with `messages`.
  ///
  /// - Throws: `ChatTemplateError` that names the message and the field.
  public init(openAI value: JSONValue) throws(ChatTemplateError) {
    let list: JSONValue =
      switch value {
      case .object(let object):
        object["messages"] ?? .null
      default: value
      }
    guard case .array(let entries) = list else {
      throw ChatTemplateError(.malformedConversation("'messages' must be an array of messages"))
    }
    var messages: [Message] = []
    messages.reserveCapacity(entries.count)
    for (index, entry) in entries.enumerated() {
      messages.append(try Self.message(entry, at: index))
    }
    self.init(
      messages, tools: try Self.list(value["tools"], named: "tools")?.map(Tool.init),
      documents: try Self.list(value["documents"], named: "documents"))
  }

  private static func message(_ entry: JSONValue, at index: Int) throws(ChatTemplateError)
    -> Message
  {
    guard case .object(let fields) = entry else {
      throw ChatTemplateError(
        .wrongType(field: "", expected: "an object", found: entry.kindName), message: index)
    }
    guard let role = fields["role"] else {
      throw ChatTemplateError(
        .missingField("role"), message: index,
        hint: "roles are system, developer, user, assistant and tool")
    }
    guard case .string = role else {
      throw ChatTemplateError(
        .wrongType(field: "role", expected: "a string", found: role.kindName), message: index)
    }
    return Message(fields: fields)
  }

  static func list(_ value: JSONValue?, named name: String) throws(ChatTemplateError)
    -> [JSONValue]?
  {
    switch value {
    case nil, .null: return nil
    case .array(let elements): return elements
    case .some(let other):
      throw ChatTemplateError(
        .malformedConversation("'\(name)' must be an array, but is \(other.kindName)"))
    }
  }

  /// The conversation as OpenAI's chat-completions JSON, exactly what was read.
  public var openAI: JSONObject {
    var object: JSONObject = ["messages": .array(messages.map { .object($0.fields) })]
    if let tools { object["tools"] = .array(tools.map(\.definition)) }
    if let documents { object["documents"] = .array(documents) }
    return object
  }
}
