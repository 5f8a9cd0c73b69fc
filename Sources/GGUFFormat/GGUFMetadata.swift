// SPDX-License-Identifier: Apache-2.0

public import TextPrimitives

/// A metadata value, as narrow as its reader needs to know.
public enum GGUFValue: Sendable {
  /// uint8 to uint64.
  case unsigned(UInt64)
  /// int8 to int64.
  case signed(Int64)
  /// float32 or float64.
  case float(Double)
  case bool(Bool)
  case string(ExactString)
  /// The elements stay in the file.
  case array(GGUFArray)
}

extension GGUFValue {
  /// The value of an integer of any width that fits; else nil.
  public var integer: Int? {
    switch self {
    case .unsigned(let value): Int(exactly: value)
    case .signed(let value): Int(exactly: value)
    default: nil
    }
  }

  /// The value of a boolean, else nil.
  public var bool: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  /// The value of a float or an integer, else nil.
  public var number: Double? {
    switch self {
    case .unsigned(let value): Double(value)
    case .signed(let value): Double(value)
    case .float(let value): value
    default: nil
    }
  }

  /// The text of a string, else nil.
  public var string: ExactString? {
    if case .string(let value) = self { value } else { nil }
  }

  /// The place of an array, else nil.
  public var array: GGUFArray? {
    if case .array(let value) = self { value } else { nil }
  }

  /// What kind of value this is, for messages, such as `a boolean`.
  public var kindName: String {
    switch self {
    case .unsigned, .signed: "an integer"
    case .float: "a float"
    case .bool: "a boolean"
    case .string: "a string"
    case .array(let array): "an array of \(array.elementType)"
    }
  }
}

/// The types that metadata values have, numbered as in the file.
public enum GGUFValueType: UInt32, Sendable {
  case uint8, int8, uint16, int16, uint32, int32, float32, bool, string, array
  case uint64, int64, float64

  /// Bytes of one value; nil where that varies.
  package var fixedSize: Int? {
    switch self {
    case .uint8, .int8, .bool: 1
    case .uint16, .int16: 2
    case .uint32, .int32, .float32: 4
    case .uint64, .int64, .float64: 8
    case .string, .array: nil
    }
  }
}

/// Where the elements of a metadata array lie.
///
/// That they lie inside the file was checked when its header was read.
public struct GGUFArray: Sendable {
  /// The elements' type.
  public let elementType: GGUFValueType
  /// Number of elements.
  public let count: Int
  /// The bytes of all elements, absolute in the file.
  public let byteRange: Range<Int>
}

/// The metadata section: keys in the file's order.
public struct GGUFMetadata: Sendable {
  /// The entries in the file's order.
  public private(set) var entries: [(key: ExactString, value: GGUFValue)] = []
  private var places: [ExactString: Int] = [:]

  /// The value of a key.
  public subscript(key: ExactString) -> GGUFValue? {
    places[key].map { entries[$0].value }
  }

  /// False where the key is there already.
  mutating func append(_ key: ExactString, _ value: GGUFValue) -> Bool {
    guard places.updateValue(entries.count, forKey: key) == nil else { return false }
    entries.append((key, value))
    return true
  }
}
