// SPDX-License-Identifier: Apache-2.0

public import OrderedJSON
public import TextPrimitives

/// A tool that the model may call, as its JSON schema was sent.
public struct Tool: Sendable, Equatable {
  /// The whole definition, such as `{"type": "function", "function": {…}}`.
  public var definition: JSONValue

  /// Wraps a definition.
  public init(definition: JSONValue) {
    self.definition = definition
  }

  /// The tool's name.
  public var name: ExactString? {
    (definition["function"] ?? definition)["name"]?.string
  }

  /// The JSON schema of the arguments.
  public var parameters: JSONValue? {
    let function = definition["function"] ?? definition
    return function["parameters"] ?? function["input_schema"]
  }
}
