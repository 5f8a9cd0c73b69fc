// SPDX-License-Identifier: Apache-2.0

public import OrderedJSON
import TextPrimitives

/// The variables of a render.
///
/// ```swift
/// var context = JinjaContext()
/// context.set("messages", to: messages, origin: .caller)
/// context.set("bos_token", to: "<s>", origin: .trusted)
/// ```
public struct JinjaContext: Sendable {
  /// Whether the strings of a variable may contain control tokens.
  public enum InputOrigin: Hashable, Sendable {
    /// Written by the caller's users: reported with its path.
    case caller
    /// As good as the template itself, such as special tokens.
    case trusted
  }

  struct Variable: Sendable {
    var name: String
    var origin: InputOrigin
  }

  private(set) var variables: [Variable] = []
  /// The value of each variable.
  private(set) var values: [JSONValue] = []

  /// No variables.
  public init() {
    variables.reserveCapacity(8)
    values.reserveCapacity(8)
  }

  /// Sets a variable; a second value takes the place of the first.
  public mutating func set(_ name: String, to value: JSONValue, origin: InputOrigin = .caller) {
    let variable = Variable(name: name, origin: origin)
    for place in variables.indices where ExactString(variables[place].name) == ExactString(name) {
      variables[place] = variable
      values[place] = value
      return
    }
    variables.append(variable)
    values.append(value)
  }

  /// The names that are set, in order.
  public var names: [String] { variables.map(\.name) }
}
