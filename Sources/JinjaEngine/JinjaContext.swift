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
    /// The number that the template knows the name by, negative for none; nil where it has to be
    /// looked up.
    var symbol: Int32?

    func isNamed(_ name: String, _ symbol: Int32?) -> Bool {
      if let symbol, let own = self.symbol, symbol != own { return false }
      return ExactString(self.name) == ExactString(name)
    }
  }

  private(set) var variables: [Variable] = []
  /// The value of each variable; null for the one whose value is ``objects``.
  private(set) var values: [JSONValue] = []
  /// A variable whose value is a list of objects, by its place.
  private(set) var objects: (place: Int, list: ObjectList)?

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
  package mutating func set(_ name: KnownName, to list: ObjectList) {
    objects = (place(of: name.name, .null, .caller, symbol: name.symbol), list)
  }

  /// Sets a variable whose name the template has looked up.
  package mutating func set(
    _ name: KnownName, to value: JSONValue, origin: InputOrigin = .caller
  ) {
    place(of: name.name, value, origin, symbol: name.symbol)
  }

  /// A name and the number that a template knows it by (``JinjaTemplate/known(_:)``).
  package struct KnownName: Sendable {
    let name: String
    let symbol: Int32
  }

  /// Sets a variable; its place.
  @discardableResult
  private mutating func place(
    of name: String, _ value: JSONValue, _ origin: InputOrigin, symbol: Int32? = nil
  ) -> Int {
    let variable = Variable(name: name, origin: origin, symbol: symbol)
    for place in variables.indices where variables[place].isNamed(name, symbol) {
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
    return unsafe .array(objects.list.objects.map { .object($0) })
  }

  /// The names that are set, in order.
  public var names: [String] { variables.map(\.name) }
}

/// Objects that lie in memory one after the other, such as the messages of a conversation.
@safe package final class ObjectList: @unchecked Sendable {
  // SAFETY: the owner keeps the objects where they are.
  let objects: UnsafeBufferPointer<JSONObject>
  private let owner: any Sendable

  /// The objects of an owner, which stay as they are as long as somebody keeps it.
  package init(_ objects: UnsafeBufferPointer<JSONObject>, of owner: any Sendable) {
    unsafe self.objects = unsafe objects
    self.owner = owner
  }
}
