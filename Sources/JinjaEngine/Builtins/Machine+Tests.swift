// SPDX-License-Identifier: Apache-2.0

extension Machine {
  mutating func apply(
    _ test: BuiltinTest, to subject: Value, _ arguments: CallValues
  ) throws(JinjaError) -> Bool {
    switch test {
    case .divisibleby:
      let other = try ArgumentBinder(arguments, "test_divisibleby", ["num"], required: 1)
      return try Self.isZero(try apply(.modulo, subject, other.required(0)))
    case .sameas:
      let other = try ArgumentBinder(arguments, "test_sameas", ["other"], required: 1)
      return subject.isSame(as: other.required(0))
    case .in:
      let other = try ArgumentBinder(arguments, "test_in", ["seq"], required: 1)
      return try contains(subject, in: other.required(0))
    case .eq, .equalto: return try compare(subject, .equal, try Self.operand(arguments))
    case .ne: return try compare(subject, .notEqual, try Self.operand(arguments))
    case .gt, .greaterthan: return try compare(subject, .greater, try Self.operand(arguments))
    case .ge: return try compare(subject, .greaterEqual, try Self.operand(arguments))
    case .lt, .lessthan: return try compare(subject, .less, try Self.operand(arguments))
    case .le: return try compare(subject, .lessEqual, try Self.operand(arguments))
    default:
      if !arguments.isEmpty { _ = try ArgumentBinder(arguments, "test_\(test)") }
      return try apply(test, to: subject)
    }
  }

  /// A test without an argument.
  mutating func apply(_ test: BuiltinTest, to subject: Value) throws(JinjaError) -> Bool {
    switch test {
    case .odd: return try Self.isOne(try apply(.modulo, subject, .int(2)))
    case .even: return try Self.isZero(try apply(.modulo, subject, .int(2)))
    case .filter: return subject.text.map { BuiltinFilter(name: $0.string) != nil } ?? false
    case .test: return subject.text.map { BuiltinTest(name: $0.string) != nil } ?? false
    case .lower: return TextMethods.isLower(try PythonText.str(subject))
    case .upper: return TextMethods.isUpper(try PythonText.str(subject))
    case .iterable: return subject.cursor != nil
    case .sequence: return Self.isSequence(subject)
    case .callable:
      if case .object(let object) = subject { return object.isCallable }
      // An undefined value has `__call__`, which fails only when it is called.
      return subject.isUndefined
    default: return Self.isOfType(test, subject)
    }
  }

  private static func operand(_ arguments: CallValues) throws(JinjaError) -> Value {
    guard arguments.positional.count == 1, arguments.keywords.isEmpty else {
      throw JinjaError(
        .type, "this test takes one argument (\(arguments.positional.count) given)")
    }
    return arguments.positional[0]
  }

  private static func isZero(_ value: Value) throws(JinjaError) -> Bool {
    try value.isEqual(to: .int(0))
  }

  private static func isOne(_ value: Value) throws(JinjaError) -> Bool {
    try value.isEqual(to: .int(1))
  }

  private static func isSequence(_ value: Value) -> Bool {
    switch value {
    case .string, .markup, .list, .tuple, .dict: true
    case .object(let object): object.target is RangeObject
    // `__getitem__` of an undefined value is a method that fails only when it is called.
    case .undefined: true
    default: false
    }
  }

  private static func isOfType(_ test: BuiltinTest, _ value: Value) -> Bool {
    switch (test, value) {
    case (.defined, .undefined): false
    case (.defined, _): true
    case (.undefined, .undefined): true
    case (.none, .none): true
    case (.boolean, .bool): true
    case (.false, .bool(let flag, _)): !flag
    case (.true, .bool(let flag, _)): flag
    case (.integer, .int), (.integer, .bigInteger): true
    case (.float, .double): true
    case (.string, .string), (.string, .markup): true
    case (.mapping, .dict): true
    case (.number, .int), (.number, .bigInteger), (.number, .double), (.number, .bool): true
    case (.escaped, .markup): true
    default: false
    }
  }
}
