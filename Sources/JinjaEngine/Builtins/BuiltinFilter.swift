// SPDX-License-Identifier: Apache-2.0

/// The filters of Jinja2 and transformers.
enum BuiltinFilter: UInt16, CaseIterable, Sendable {
  case abs, attr, batch, capitalize, center, count, d, `default`, dictsort, e, escape
  case filesizeformat, first, float, forceescape, format, groupby, indent, int, items, join, last
  case length, list, lower, map, max, min, pprint, random, reject, rejectattr, replace, reverse
  case round, safe, select, selectattr, slice, sort, string, striptags, sum, title, tojson, trim
  case truncate, unique, upper, urlencode, urlize, wordcount, wordwrap, xmlattr

  var name: String { "\(self)" }

  static let allNames = allCases.map(\.name)

  private static let byName = Dictionary(uniqueKeysWithValues: allCases.map { ($0.name, $0) })

  init?(name: String) {
    guard let found = Self.byName[name] else { return nil }
    self = found
  }
}

/// The tests of Jinja2.
enum BuiltinTest: UInt16, CaseIterable, Sendable {
  case odd, even, divisibleby, defined, undefined, filter, test, none, boolean, `false`, `true`
  case integer, float, lower, upper, string, mapping, number, sequence, iterable, callable, sameas
  case escaped, `in`
  case eq, equalto, ne, gt, greaterthan, ge, lt, lessthan, le

  var name: String { "\(self)" }

  static let allNames = allCases.map(\.name)

  /// Whether it compares its subject with an argument.
  var takesOperand: Bool {
    switch self {
    case .divisibleby, .sameas, .in, .eq, .equalto, .ne, .gt, .greaterthan, .ge, .lt, .lessthan,
      .le:
      true
    default: false
    }
  }

  private static let byName: [String: BuiltinTest] = {
    var names = Dictionary(uniqueKeysWithValues: allCases.map { ($0.name, $0) })
    for (symbol, test) in [
      ("==", eq), ("!=", ne), (">", gt), (">=", ge), ("<", lt), ("<=", le),
    ] {
      names[symbol] = test
    }
    return names
  }()

  init?(name: String) {
    guard let found = Self.byName[name] else { return nil }
    self = found
  }
}
