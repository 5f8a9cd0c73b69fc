// SPDX-License-Identifier: Apache-2.0

/// Filters, tests and calls, which take arguments.
extension Machine {
  // MARK: Filters and tests

  mutating func evaluateFilter(_ node: Node, _ index: Int32) throws(JinjaError) -> Value {
    let filter = BuiltinFilter(rawValue: node.small) ?? .string
    if filter == .default || filter == .d { guardedNode = node.a }
    let subject = node.a >= 0 ? try evaluate(node.a) : capturedValue()
    if node.b < 0, let value = try applyPlain(filter, to: subject) { return value }
    let arguments = try evaluateArguments(node.b)
    position = index
    try checkMemory()
    return try apply(filter, to: subject, arguments)
  }

  /// What the filters that chat templates use most give for plain values, at less than the cost of
  /// a call; nil for all others.
  @inline(__always)
  private mutating func applyPlain(
    _ filter: BuiltinFilter, to subject: Value
  ) throws(JinjaError) -> Value? {
    switch (filter, subject) {
    case (.trim, .string(let text)):
      try spend(text.byteCount >> 6)
      return .string(TextMethods.strip(text, nil, left: true, right: true))
    case (.length, .list(let box)), (.count, .list(let box)): return .int(box.count)
    default: return nil
    }
  }

  private mutating func capturedValue() -> Value {
    autoescape ? .markup(captured) : .string(captured)
  }

  mutating func evaluateTest(_ node: Node, _ index: Int32) throws(JinjaError) -> Bool {
    let test = BuiltinTest(rawValue: node.small) ?? .defined
    let subject = try evaluate(node.a)
    if node.b < 0, !test.takesOperand {
      position = index
      return try apply(test, to: subject)
    }
    let arguments = try evaluateArguments(node.b)
    position = index
    return try apply(test, to: subject, arguments)
  }

  // MARK: Calls

  mutating func evaluateArguments(_ index: Int32) throws(JinjaError) -> CallValues {
    var values = CallValues()
    guard index >= 0 else { return values }
    let arguments = program.arguments[Int(index)]
    for node in arguments.positional { values.positional.append(try evaluate(node)) }
    if arguments.unpackedList >= 0 {
      let list = try evaluate(arguments.unpackedList)
      guard list.cursor != nil else {
        throw JinjaError(
          .type, "argument after * must be an iterable, not \(list.typeName)")
      }
      values.positional += try items(of: list)
    }
    for (name, node) in arguments.keywords { values.keywords.append((name, try evaluate(node))) }
    guard arguments.unpackedMapping >= 0 else { return values }
    let mapping = try evaluate(arguments.unpackedMapping)
    guard case .dict(let box) = mapping else {
      throw JinjaError(.type, "argument after ** must be a mapping, not \(mapping.typeName)")
    }
    for place in 0..<box.count {
      guard let name = box.key(at: place).text?.string else {
        throw JinjaError(.type, "keywords must be strings")
      }
      if values.keywords.contains(where: { Parser.same($0.name, name) }) {
        throw JinjaError(.type, "got multiple values for keyword argument '\(name)'")
      }
      values.keywords.append((name, box.value(at: place)))
    }
    return values
  }

  mutating func evaluateCall(_ index: Int32, caller: Value?) throws(JinjaError) -> Value {
    let node = program.nodes[Int(index)]
    let subject = try evaluate(node.a)
    var callee = Value.missing
    var method: Method?
    let name = node.operation == .methodCall ? program.names[Int(node.b)] : nil
    if let name {
      position = index
      if let found = directMethod(name, of: subject) {
        method = found
      } else {
        callee = try attribute(name, of: subject, index)
      }
    } else {
      callee = subject
    }
    var arguments = try evaluateArguments(node.c)
    if let caller { arguments.keywords.append(("caller", caller)) }
    position = index
    try checkMemory()
    if let method { return try callMethod(method, of: subject, arguments) }
    return try call(callee, arguments)
  }

  mutating func call(_ callee: Value, _ arguments: CallValues) throws(JinjaError) -> Value {
    switch callee {
    case .object(let object): return try object.target.call(arguments, &self)
    case .undefined(let undefined): throw undefined.error
    default: throw JinjaError(.type, "'\(callee.typeName)' object is not callable")
    }
  }
}
