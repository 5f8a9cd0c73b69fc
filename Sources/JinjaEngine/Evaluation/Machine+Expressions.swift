// SPDX-License-Identifier: Apache-2.0

extension Machine {
  mutating func evaluate(_ index: Int32) throws(JinjaError) -> Value {
    let node = program.nodes[Int(index)]
    try spend()
    switch node.operation {
    case .constant: return program.constants[Int(node.a)]
    case .local:
      let value = activation[node.a]
      if case .missing = value { return try missing(node, index) }
      return value
    case .outer:
      let value = activation.ancestor(node.c)[node.a]
      if case .missing = value { return try missing(node, index) }
      return value
    case .attribute: return try evaluateAttribute(node, index)
    case .constantItem: return try evaluateConstantItem(node, index)
    case .item: return try evaluateItem(node, index)
    case .slice: return try evaluateSlice(node, index)
    case .methodCall, .call: return try evaluateCall(index, caller: nil)
    case .filter: return try evaluateFilter(node, index)
    case .compareConstant, .compare, .compareChain, .containedInConstants, .containsConstant, .not,
      .isDefined, .test:
      return .bool(try isTrue(index), .none)
    case .or:
      let left = try evaluate(node.a)
      return left.isTrue ? left : try evaluate(node.b)
    case .and:
      let left = try evaluate(node.a)
      return left.isTrue ? try evaluate(node.b) : left
    case .conditional:
      if try isTrue(node.a) { return try evaluate(node.b) }
      if node.c >= 0 { return try evaluate(node.c) }
      return .undefined(
        hint: "the inline if-expression evaluated to false and no else section was defined.")
    case .binary: return try evaluateBinary(node, index)
    case .concatenation: return try evaluateConcatenation(node)
    case .negative, .positive: return try evaluateSign(node, index)
    case .tuple: return .tuple(try evaluateAll(node))
    case .list: return .list(try evaluateAll(node))
    case .mapping: return try evaluateMapping(node, index)
    case .unknownFilter, .unknownTest: throw try unknown(node, index)
    default: return .none
    }
  }

  /// The truth of an expression, without making a value of it where it can be told.
  mutating func isTrue(_ index: Int32) throws(JinjaError) -> Bool {
    let node = program.nodes[Int(index)]
    switch node.operation {
    case .local:
      let value = activation[node.a]
      if case .missing = value { return try missing(node, index).isTrue }
      return value.isTrue
    case .compareConstant:
      let left = try evaluate(node.a)
      guard case .string(let text) = program.constants[Int(node.b)] else { return false }
      let isEqual = left.text.map { $0 == text } ?? false
      return isEqual != (node.small == 1)
    case .containedInConstants: return try evaluateContained(node)
    case .containsConstant:
      let container = try evaluate(node.a)
      let isContained: Bool
      if case .dict(let box) = container {
        isContained = box.contains(node.b, in: program)
      } else {
        position = index
        isContained = try contains(.string(program.names[Int(node.b)].text), in: container)
      }
      return isContained == (node.small == 0)
    case .compare:
      let left = try evaluate(node.a)
      let right = try evaluate(node.b)
      position = index
      return try compare(left, ComparisonOperator(rawValue: UInt8(node.small)) ?? .equal, right)
    case .compareChain: return try evaluateChain(node, index)
    case .not: return try !isTrue(node.a)
    case .or: return try isTrue(node.a) ? true : try isTrue(node.b)
    case .and: return try isTrue(node.a) ? try isTrue(node.b) : false
    case .isDefined:
      guardedNode = node.a
      let isUndefined = try evaluate(node.a).isUndefined
      return isUndefined == (node.small == 1)
    case .test: return try evaluateTest(node, index)
    default: return try evaluate(index).isTrue
    }
  }

  private mutating func missing(_ node: Node, _ index: Int32) throws(JinjaError) -> Value {
    if options.strictness != .quiet {
      try note(unknownVariable: program.names[Int(node.b)].string, index)
    }
    return program.undefinedVariables[Int(node.b)]
  }

  private mutating func evaluateAll(_ node: Node) throws(JinjaError) -> [Value] {
    var values: [Value] = []
    values.reserveCapacity(Int(node.b))
    for place in node.a..<(node.a + node.b) {
      values.append(try evaluate(program.lists[Int(place)]))
    }
    return values
  }

  private mutating func evaluateMapping(_ node: Node, _ index: Int32) throws(JinjaError) -> Value {
    let box = DictBox()
    var place = Int(node.a)
    for _ in 0..<node.b {
      let key = try evaluate(program.lists[place])
      let value = try evaluate(program.lists[place + 1])
      position = index
      try box.set(key, to: value)
      place += 2
    }
    return .dict(box)
  }

  private mutating func unknown(_ node: Node, _ index: Int32) throws(JinjaError) -> JinjaError {
    if node.a >= 0 { _ = try evaluate(node.a) }
    position = index
    let name = program.names[Int(node.b)].string
    if node.operation == .unknownFilter {
      return JinjaError(
        .runtime, "no filter named '\(name)'",
        hint: Suggestion.nearest(to: name, among: BuiltinFilter.allNames))
    }
    return JinjaError(
      .runtime, "no test named '\(name)'",
      hint: Suggestion.nearest(to: name, among: BuiltinTest.allNames))
  }

  // MARK: Members

  private mutating func evaluateAttribute(
    _ node: Node, _ index: Int32
  ) throws(JinjaError) -> Value {
    let subject = try evaluate(node.a)
    if case .dict(let box) = subject {
      if program.isPlainName[Int(node.b)] {
        if let value = box.value(of: node.b, in: program) { return value }
        if options.strictness == .quiet {
          return program.undefinedMembers[Int(node.b)]
        }
      }
    }
    position = index
    return try attribute(program.names[Int(node.b)], of: subject, index)
  }

  private mutating func evaluateConstantItem(
    _ node: Node, _ index: Int32
  ) throws(JinjaError) -> Value {
    let subject = try evaluate(node.a)
    if case .dict(let box) = subject {
      if let value = box.value(of: node.b, in: program) { return value }
      if program.isPlainName[Int(node.b)], options.strictness == .quiet {
        return program.undefinedMembers[Int(node.b)]
      }
    }
    let name = program.names[Int(node.b)]
    position = index
    if case .object(let object) = subject, let value = try object.target.item(.string(name.text)) {
      return value
    }
    if let value = try pythonAttribute(name, of: subject) { return value }
    return try undefinedMember(name, of: subject, index)
  }

  private mutating func evaluateItem(_ node: Node, _ index: Int32) throws(JinjaError) -> Value {
    let subject = try evaluate(node.a)
    let key = try evaluate(node.b)
    position = index
    return try item(key, of: subject, index)
  }

  private mutating func evaluateSlice(_ node: Node, _ index: Int32) throws(JinjaError) -> Value {
    let subject = try evaluate(node.a)
    var bounds: InlineArray<3, Int?> = [nil, nil, nil]
    for place in 0..<3 {
      let part = program.lists[Int(node.b) + place]
      if part >= 0 {
        let value = try evaluate(part)
        position = index
        if value.isNone { continue }
        if case .undefined(let undefined) = value { throw undefined.error }
        guard let bound = value.index else {
          if node.flag == 1 { return .undefined(hint: "slice indices must be integers") }
          throw JinjaError(
            .type, "slice indices must be integers or None or have an __index__ method")
        }
        bounds[place] = bound
      }
    }
    position = index
    do throws(JinjaError) {
      return try Slicing.slice(subject, bounds[0], bounds[1], bounds[2])
    } catch {
      if node.flag == 1, error.kind == .type { return .undefined(hint: error.message) }
      throw error
    }
  }

  // MARK: Operators

  private mutating func evaluateBinary(_ node: Node, _ index: Int32) throws(JinjaError) -> Value {
    let left = try evaluate(node.a)
    let right = try evaluate(node.b)
    position = index
    let operation = BinaryOperator(rawValue: UInt8(node.small)) ?? .add
    if operation == .add { return try add(left, right) }
    return try apply(operation, left, right)
  }

  private mutating func evaluateConcatenation(_ node: Node) throws(JinjaError) -> Value {
    var builder = TextBuilder()
    if node.flag == 1 {
      let values = try evaluateAll(node)
      let hasMarkup = values.contains { if case .markup = $0 { true } else { false } }
      for value in values {
        builder.append(hasMarkup ? try Escaping.escapedText(value) : try PythonText.str(value))
      }
      return hasMarkup ? .markup(builder.text) : .string(builder.text)
    }
    for place in node.a..<(node.a + node.b) {
      builder.append(try PythonText.str(try evaluate(program.lists[Int(place)])))
    }
    try check(bytes: builder.count)
    return .string(builder.text)
  }

  private mutating func evaluateSign(_ node: Node, _ index: Int32) throws(JinjaError) -> Value {
    let value = try evaluate(node.a)
    position = index
    if case .undefined(let undefined) = value { throw undefined.error }
    let isNegative = node.operation == .negative
    guard let number = Number(value) else {
      throw JinjaError(
        .type, "bad operand type for unary \(isNegative ? "-" : "+"): '\(value.typeName)'")
    }
    switch number {
    case .int(let int):
      if isNegative, int == .min { return .integer(BigInteger(int).negated, value.origin) }
      return .int(isNegative ? -int : int, value.origin)
    case .big(let big): return .integer(isNegative ? big.negated : big, value.origin)
    case .double(let double): return .double(isNegative ? -double : double, value.origin)
    }
  }

  private mutating func evaluateContained(_ node: Node) throws(JinjaError) -> Bool {
    let value = try evaluate(node.a)
    var isContained = false
    for place in node.b..<(node.b + node.c) where !isContained {
      let constant = program.constants[Int(program.lists[Int(place)])]
      if case .string(let text) = constant {
        isContained = value.text.map { $0 == text } ?? false
      } else {
        isContained = try value.isEqual(to: constant)
      }
    }
    return isContained != (node.small == 1)
  }

  private mutating func evaluateChain(_ node: Node, _ index: Int32) throws(JinjaError) -> Bool {
    var left = try evaluate(node.a)
    var place = Int(node.b)
    for _ in 0..<node.c {
      let right = try evaluate(program.lists[place + 1])
      position = index
      let comparison = ComparisonOperator(rawValue: UInt8(program.lists[place])) ?? .equal
      guard try compare(left, comparison, right) else { return false }
      left = right
      place += 2
    }
    return true
  }

  mutating func compare(
    _ left: Value, _ comparison: ComparisonOperator, _ right: Value
  ) throws(JinjaError) -> Bool {
    switch comparison {
    case .equal: return try left.isEqual(to: right)
    case .notEqual: return try !left.isEqual(to: right)
    case .contained: return try contains(left, in: right)
    case .notContained: return try !contains(left, in: right)
    default: return try left.isOrdered(comparison, before: right)
    }
  }

  mutating func contains(_ value: Value, in container: Value) throws(JinjaError) -> Bool {
    switch container {
    case .string(let text), .markup(let text):
      guard let part = value.text else {
        throw JinjaError(
          .type, "'in <string>' requires string as left operand, not \(value.typeName)")
      }
      return text.contains(part)
    case .list(let box), .tuple(let box):
      for place in 0..<box.count {
        if value.isSame(as: box[place]) { return true }
        if try value.isEqual(to: box[place]) { return true }
      }
      return false
    case .dict(let box): return try box.place(of: value) != nil
    case .undefined: return false
    case .object(let object): return try object.target.contains(value, &self)
    default:
      throw JinjaError(.type, "argument of type '\(container.typeName)' is not iterable")
    }
  }
}
