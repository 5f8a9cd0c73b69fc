// SPDX-License-Identifier: Apache-2.0

/// The names of Python methods that templates can reach, over all types.
enum Method: String, Sendable, CaseIterable {
  case capitalize, casefold, center, count, encode, endswith, expandtabs, find, format
  case formatMap = "format_map"
  case index, isalnum, isalpha, isascii, isdecimal, isdigit, isidentifier, islower, isnumeric
  case isprintable, isspace, istitle, isupper, join, ljust, lower, lstrip, maketrans, partition
  case removeprefix, removesuffix, replace, rfind, rindex, rjust, rpartition, rsplit, rstrip
  case split, splitlines, startswith, strip, swapcase, title, translate, upper, zfill
  case striptags, unescape, escape
  case clear, copy, fromkeys, get, items, keys, pop, popitem, setdefault, update, values
  case append, extend, insert, remove, reverse, sort
  case list, grouper
  case cycle, changed, next, reset
  case bitLength = "bit_length"
  case bitCount = "bit_count"
  case conjugate, real, imag, numerator, denominator, hex
  case isInteger = "is_integer"
  case asIntegerRatio = "as_integer_ratio"

  struct Owners: OptionSet, Sendable {
    let rawValue: UInt8
    static let text = Owners(rawValue: 1)
    static let markup = Owners(rawValue: 2)
    static let dict = Owners(rawValue: 4)
    static let list = Owners(rawValue: 8)
    static let tuple = Owners(rawValue: 16)
    static let integer = Owners(rawValue: 32)
    static let float = Owners(rawValue: 64)
  }

  var owners: Owners {
    switch self {
    case .count, .index: [.text, .list, .tuple]
    case .striptags, .unescape, .escape: .markup
    case .copy: [.dict, .list]
    case .clear, .pop: [.dict, .list]
    case .fromkeys, .get, .items, .keys, .popitem, .setdefault, .update, .values: .dict
    case .append, .extend, .insert, .remove, .reverse, .sort: .list
    case .list, .grouper, .cycle, .changed, .next, .reset: []
    case .bitLength, .bitCount, .numerator, .denominator: .integer
    case .conjugate, .real, .imag, .asIntegerRatio: [.integer, .float]
    case .hex, .isInteger: .float
    default: .text
    }
  }

  var mutatesDict: Bool {
    switch self {
    case .clear, .pop, .popitem, .setdefault, .update: true
    default: false
    }
  }

  var mutatesList: Bool {
    switch self {
    case .append, .clear, .pop, .reverse, .insert, .sort, .extend, .remove: true
    default: false
    }
  }

  /// Attributes of numbers that are values and not methods.
  func property(of value: Value) -> Value? {
    switch self {
    case .real, .numerator:
      if case .bool(let flag, let origin) = value { return .int(flag ? 1 : 0, origin) }
      return value
    case .imag:
      if case .double = value { return .double(0, .none) }
      return .int(0)
    case .denominator: return .int(1)
    default: return nil
    }
  }

  /// Python's own attributes that every value has and the sandbox hides.
  static let hidden: Set<String> = [
    "__class__", "__doc__", "__init__", "__new__", "__repr__", "__str__", "__hash__", "__eq__",
    "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__getattribute__", "__setattr__",
    "__delattr__", "__format__", "__reduce__", "__reduce_ex__", "__sizeof__", "__dir__",
    "__init_subclass__", "__subclasshook__", "__len__", "__iter__", "__getitem__",
    "__contains__", "__add__", "__mul__", "__rmul__", "__call__", "__dict__", "__module__",
    "__globals__", "__code__", "__self__", "__name__", "__qualname__", "__html__", "__mod__",
  ]
}
