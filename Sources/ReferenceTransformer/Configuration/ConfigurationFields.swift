// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// The fields of a `config.json`, by kind; an error names the field.
struct ConfigurationFields {
  let object: JSONObject
  /// What stands before a field's name in messages, such as `rope_parameters.`.
  var prefix = ""

  /// The value of a field; null counts as absent.
  func value(_ name: String) -> JSONValue? {
    guard let value = object[ExactString(name)], !value.isNull else { return nil }
    return value
  }

  /// An integer that may be absent.
  func integer(_ name: String) throws(TransformerError) -> Int? {
    guard let value = value(name) else { return nil }
    guard let integer = value.integer else { throw wrong(name, "an integer", value) }
    return integer
  }

  /// An integer that must be there.
  func requiredInteger(_ name: String) throws(TransformerError) -> Int {
    guard let value = try integer(name) else { throw missing(name) }
    return value
  }

  /// A number that may be absent.
  func number(_ name: String) throws(TransformerError) -> Float? {
    switch value(name) {
    case nil: return nil
    case .integer(let value): return Float(value)
    case .double(let value): return Float(value)
    case .some(let value): throw wrong(name, "a number", value)
    }
  }

  /// A number that must be there.
  func requiredNumber(_ name: String) throws(TransformerError) -> Float {
    guard let value = try number(name) else { throw missing(name) }
    return value
  }

  /// A boolean, false where it is absent.
  func flag(_ name: String) throws(TransformerError) -> Bool {
    guard let value = value(name) else { return false }
    guard let flag = value.bool else { throw wrong(name, "a boolean", value) }
    return flag
  }

  /// A string that may be absent.
  func string(_ name: String) throws(TransformerError) -> String? {
    guard let value = value(name) else { return nil }
    guard let string = value.string else { throw wrong(name, "a string", value) }
    return string.string
  }

  /// The fields of an object that may be absent.
  func fields(_ name: String) throws(TransformerError) -> ConfigurationFields? {
    guard let value = value(name) else { return nil }
    guard let object = value.object else { throw wrong(name, "an object", value) }
    return ConfigurationFields(object: object, prefix: "\(prefix)\(name).")
  }

  private func missing(_ name: String) -> TransformerError {
    TransformerError(.invalidField(prefix + name, reason: "is missing"))
  }

  private func wrong(_ name: String, _ expected: String, _ value: JSONValue) -> TransformerError {
    TransformerError(
      .invalidField(prefix + name, reason: "must be \(expected), found \(value.kindName)"))
  }
}
