// SPDX-License-Identifier: Apache-2.0

public import TextPrimitives

/// Who speaks in a message, by the name that the conversation gives it.
///
/// A role is open: templates print names that no list foresees. The known ones are constants.
public struct Role: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral {
  /// The name as sent.
  public let rawValue: ExactString

  /// Wraps a name.
  public init(rawValue: ExactString) {
    self.rawValue = rawValue
  }

  /// Wraps a literal.
  public init(stringLiteral value: String) {
    rawValue = ExactString(value)
  }

  /// Instructions of the operator.
  public static let system: Role = "system"
  /// What newer APIs call the operator's instructions.
  public static let developer: Role = "developer"
  /// The person.
  public static let user: Role = "user"
  /// The model.
  public static let assistant: Role = "assistant"
  /// The result of a tool call.
  public static let tool: Role = "tool"

  /// The constants above, in the order of their declaration.
  public static let known: [Role] = [.system, .developer, .user, .assistant, .tool]

  /// True for a role that some API defines, older names included.
  public var isKnown: Bool {
    Role.known.contains(self) || self == "function" || self == "ipython"
  }
}
