// SPDX-License-Identifier: Apache-2.0

public import TextPrimitives

/// A JSON value that keeps what Python's `json` keeps: the order of keys, and the difference
/// between `1` and `1.0`.
///
/// ```swift
/// let value = try JSONValue(parsing: Array(#"{"b": 1, "a": 1.0}"#.utf8))
/// value["b"]            // .integer(1)
/// value.serialized()    // {"b": 1, "a": 1.0}
/// ```
public enum JSONValue: Sendable {
  case null
  case bool(Bool)
  /// A number without fraction and exponent that fits 64 bits.
  case integer(Int)
  /// The decimal digits, with a sign where negative, of an integer beyond 64 bits.
  case bigInteger(ExactString)
  case double(Double)
  case string(ExactString)
  case array([JSONValue])
  case object(JSONObject)
}

extension JSONValue {
  /// The member of an object; nil where there is none or the value is no object.
  public subscript(key: ExactString) -> JSONValue? {
    if case .object(let object) = self { object[key] } else { nil }
  }

  /// True for `null`.
  public var isNull: Bool {
    if case .null = self { true } else { false }
  }

  /// The text of a string, else nil.
  public var string: ExactString? {
    if case .string(let value) = self { value } else { nil }
  }

  /// The value of an integer, else nil.
  public var integer: Int? {
    if case .integer(let value) = self { value } else { nil }
  }

  /// The value of a boolean, else nil.
  public var bool: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  /// The elements of an array, else nil.
  public var array: [JSONValue]? {
    if case .array(let value) = self { value } else { nil }
  }

  /// The members of an object, else nil.
  public var object: JSONObject? {
    if case .object(let value) = self { value } else { nil }
  }

  /// The value, with the keys of its neighbour in an array where both have the same.
  consuming func sharingKeys(with neighbour: JSONValue?) -> JSONValue {
    guard case .object(var object) = self, case .object(let other)? = neighbour else { return self }
    object.shareKeys(with: other)
    return .object(object)
  }

  /// The values of an object where it lies, as `JSONObject.contents(of:)`; nil where the value is
  /// none.
  package static func contents(
    ofObject value: UnsafePointer<JSONValue>
  ) -> (values: UnsafeBufferPointer<JSONValue>, keys: ObjectIdentifier?)? {
    guard case .object(let object) = unsafe value.pointee else { return nil }
    return unsafe withUnsafePointer(to: object) { unsafe JSONObject.contents(of: $0) }
  }

  /// The elements of an array where it lies; nil where the value is none.
  package static func elements(
    ofArray value: UnsafePointer<JSONValue>
  ) -> UnsafeBufferPointer<JSONValue>? {
    guard case .array(let elements) = unsafe value.pointee else { return nil }
    return unsafe elements.withUnsafeBufferPointer { unsafe $0 }
  }

  /// What kind of value this is, for messages, such as `a boolean`.
  public var kindName: String {
    switch self {
    case .null: "null"
    case .bool: "a boolean"
    case .integer, .bigInteger, .double: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }
}

extension JSONValue: Equatable {
  /// Compares as data: numbers by kind and value, strings by bytes, objects with their order.
  public static func == (left: JSONValue, right: JSONValue) -> Bool {
    switch (left, right) {
    case (.null, .null): true
    case (.bool(let left), .bool(let right)): left == right
    case (.integer(let left), .integer(let right)): left == right
    case (.bigInteger(let left), .bigInteger(let right)): left == right
    case (.double(let left), .double(let right)): left == right
    case (.string(let left), .string(let right)): left == right
    case (.array(let left), .array(let right)): left == right
    case (.object(let left), .object(let right)): left == right
    default: false
    }
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByFloatLiteral, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
  /// A string.
  public init(stringLiteral value: String) { self = .string(ExactString(value)) }
  /// An integer.
  public init(integerLiteral value: Int) { self = .integer(value) }
  /// A boolean.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// A number with a fraction.
  public init(floatLiteral value: Double) { self = .double(value) }
  /// An array.
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  /// An object with its keys in this order.
  public init(dictionaryLiteral elements: (ExactString, JSONValue)...) {
    self = .object(JSONObject(elements))
  }
  /// The value `null`.
  public init(nilLiteral: ()) { self = .null }
}
