// SPDX-License-Identifier: Apache-2.0

public import OrderedJSON
public import TextPrimitives

/// A call of a tool that an assistant's message asks for.
public struct ToolCall: Sendable, Equatable {
  /// The identifier that the result refers to.
  public var id: ExactString?
  /// The tool's name.
  public var name: ExactString
  /// The arguments: an object, or a string where the sender or the model wrote no valid object.
  public var arguments: JSONValue

  /// A call.
  public init(id: ExactString? = nil, name: ExactString, arguments: JSONValue) {
    self.id = id
    self.name = name
    self.arguments = arguments
  }

  /// Reads `{"id", "function": {"name", "arguments"}}` or a bare `{"name", "arguments"}`.
  ///
  /// Arguments that are a string which holds a JSON object become that object.
  /// - Returns: nil where there is no name.
  public init?(openAI value: JSONValue) {
    let function = value["function"] ?? value
    guard let name = function["name"]?.string else { return nil }
    id = value["id"]?.string
    self.name = name
    arguments = Self.decoded(function["arguments"] ?? .object([:]))
  }

  /// `{"id", "type": "function", "function": {"name", "arguments": {…}}}`.
  public var openAI: JSONValue {
    var call: JSONObject = [:]
    if let id { call["id"] = .string(id) }
    call["type"] = "function"
    call["function"] = .object(["name": .string(name), "arguments": arguments])
    return .object(call)
  }

  /// The same, where the keys of objects are those of another call's where they are equal: many calls
  /// of one kind keep them once.
  func openAI(sharingKeysOf other: JSONValue?) -> JSONValue {
    guard case .object(let call) = openAI, case .object(let known)? = other,
      case .object(let function)? = call["function"],
      case .object(let knownFunction)? = known["function"]
    else { return openAI }
    var parts = function.values
    if case .object(let own) = arguments, case .object(let shared)? = knownFunction["arguments"],
      own.hasKeys(of: shared)
    {
      parts[parts.count - 1] = .object(JSONObject(keysOf: shared, values: own.values))
    }
    var values = call.values
    values[values.count - 1] = .object(JSONObject(keysOf: knownFunction, values: parts))
    return .object(JSONObject(keysOf: call.hasKeys(of: known) ? known : call, values: values))
  }

  /// The object that a string of arguments holds, or the value as it is.
  static func decoded(_ arguments: JSONValue) -> JSONValue {
    guard let text = arguments.string, let value = try? JSONValue(parsing: text.string),
      case .object = value
    else { return arguments }
    return value
  }
}
