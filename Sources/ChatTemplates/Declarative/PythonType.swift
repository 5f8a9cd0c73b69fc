// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// A JSON schema as a Python type, as the function-calling templates of Hermes write it.
///
/// `{"type": "integer"}` is `int`, `{"type": "object"}` is `dict`, `{"type": ["string", "integer"]}`
/// is `Union[str,int]`. What the templates' macro does not know ends in `Union[]`, which the models
/// have seen so; a type of another name sends the macro into endless recursion and is an error.
enum PythonType {
  private static let names: [ExactString: String] = [
    "string": "str", "number": "float", "integer": "int", "boolean": "bool",
  ]

  /// The type of a schema; nil is a schema that is not there.
  static func text(of schema: JSONValue?) throws(ChatTemplateError) -> String {
    switch schema?["type"] {
    case .string(let name):
      if let known = names[name] { return known }
      // The macro looks for a type in the array's members, not in its items, and finds none.
      if name == "array" { return "list[Union[]]" }
      if name == "object" {
        guard let values = schema?["additionalProperties"] else { return "dict" }
        return "dict[str, \(try text(of: values))]"
      }
      guard name.isEmpty else {
        throw ChatTemplateError(
          .wrongType(field: ".type", expected: "a type of JSON schemas", found: "'\(name)'"))
      }
      return "Union[]"
    case .array(let alternatives):
      var parts: [String] = []
      for alternative in alternatives {
        parts.append(try text(of: .object(["type": alternative])))
      }
      return "Union[\(parts.joined(separator: ","))]"
    case nil: return "Union[]"
    case .some: return "Any"
    }
  }
}
