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
  /// The value of each variable; null for the one whose value is ``objects``.
  private(set) var values: [JSONValue] = []
  /// A variable whose value is a list of objects, by its place.
  private(set) var objects: (place: Int, list: any ObjectList)?

  /// No variables.
  public init() {
    variables.reserveCapacity(8)
    values.reserveCapacity(8)
  }

  /// Sets a variable; a second value takes the place of the first.
  public mutating func set(_ name: String, to value: JSONValue, origin: InputOrigin = .caller) {
    place(of: name, value, origin)
  }

  /// Sets a variable, one for each context, to a list that is read where it lies.
  package mutating func set(_ name: String, to list: any ObjectList) {
    objects = (place(of: name, .null, .caller), list)
  }

  /// Sets a variable; its place.
  @discardableResult
  private mutating func place(
    of name: String, _ value: JSONValue, _ origin: InputOrigin
  ) -> Int {
    let variable = Variable(name: name, origin: origin)
    for place in variables.indices where ExactString(variables[place].name) == ExactString(name) {
      variables[place] = variable
      values[place] = value
      if objects?.place == place { objects = nil }
      return place
    }
    variables.append(variable)
    values.append(value)
    return values.count - 1
  }

  /// The value of a variable, by its place.
  func value(at place: Int) -> JSONValue {
    guard let objects, objects.place == place else { return values[place] }
    return unsafe .array(objects.list.withObjects { unsafe $0.map { .object($0) } })
  }

  /// The names that are set, in order.
  public var names: [String] { variables.map(\.name) }
}

/// Objects that lie in memory one after the other, such as the messages of a conversation.
package protocol ObjectList: Sendable {
  /// Gives the objects, which stay where they are as long as somebody keeps the list.
  func withObjects<Result>(_ body: (UnsafeBufferPointer<JSONObject>) -> Result) -> Result
}
