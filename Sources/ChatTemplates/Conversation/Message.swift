// SPDX-License-Identifier: Apache-2.0

import JinjaEngine
public import OrderedJSON
public import TextPrimitives

/// One message of a conversation, kept exactly as it was sent.
///
/// Keys that are not known here stay, with their order and their numbers, since a template may
/// read them. The properties are views of `fields`.
public struct Message: Sendable, Equatable {
  /// All that was sent, in order.
  public var fields: JSONObject

  /// A message from its JSON members; `role` should be one of them.
  public init(fields: JSONObject) {
    self.fields = fields
  }

  /// A message of text.
  ///
  /// ```swift
  /// Message(.user, "Hello")
  /// ```
  public init(_ role: Role, _ content: String) {
    fields = JSONObject(
      keysOf: Self.plain, values: [.string(role.rawValue), .string(ExactString(content))])
  }

  /// Who speaks; empty where the message does not say.
  public var role: Role {
    Role(rawValue: fields["role"]?.string ?? "")
  }

  /// The parts of `content`; a string is one part of text, null and absent are none.
  public var content: [ContentPart] {
    switch fields["content"] {
    case nil, .null: []
    case .array(let parts): parts.map(ContentPart.init)
    case .some(let value): [ContentPart(value)]
    }
  }

  /// The text parts of `content`, joined.
  public var text: String {
    content.compactMap { $0.text?.string }.joined()
  }

  /// What the model thought before it answered: `reasoning_content`, `thinking` or `reasoning`.
  public var reasoning: ExactString? {
    Self.reasoningKeys.lazy.compactMap { fields[$0]?.string }.first
  }

  /// The calls of tools that the message asks for.
  public var toolCalls: [ToolCall] {
    (fields["tool_calls"]?.array ?? []).compactMap(ToolCall.init(openAI:))
  }

  /// The call that a tool's message answers.
  public var toolCallID: ExactString? { fields["tool_call_id"]?.string }

  /// The name of the speaker or of the tool.
  public var name: ExactString? { fields["name"]?.string }

  /// The members of a message of text.
  private static let plain: JSONObject = ["role": "", "content": ""]

  /// The keys under which reasoning is sent, in the order in which transformers looks.
  static let reasoningKeys: [ExactString] = ["reasoning_content", "thinking", "reasoning"]
}

extension [Message] {
  /// Gives the messages as the objects that they are.
  func withFields<Result>(_ body: (UnsafeBufferPointer<JSONObject>) -> Result) -> Result {
    unsafe withUnsafeBufferPointer {
      // SAFETY: a message is its fields and nothing else.
      unsafe $0.withMemoryRebound(to: JSONObject.self) { unsafe body($0) }
    }
  }

  /// The messages for an engine that reads them where they lie.
  var objectList: ObjectList { unsafe withFields { unsafe ObjectList($0, of: self) } }
}
