// SPDX-License-Identifier: Apache-2.0

extension Compiler {
  mutating func expression(
    _ expression: Expression, _ frame: CompilationFrame
  ) throws(PlacedFailure) -> Int32 {
    let span = expression.span
    switch expression.form {
    case .literal(let literal):
      return builder.add(Node(operation: .constant, a: constant(literal, span)), span)
    case .name(let name): return variable(name, span, frame)
    case .namespaceReference(let name, _): return variable(name, span, frame)
    case .tuple(let items): return try collection(.tuple, items, span, frame)
    case .list(let items): return try collection(.list, items, span, frame)
    case .concatenation(let items): return try concatenation(items, span, frame)
    case .mapping(let members):
      var items: [Int32] = []
      for member in members {
        items.append(try self.expression(member.key, frame))
        items.append(try self.expression(member.value, frame))
      }
      let node = Node(operation: .mapping, a: builder.list(items), b: Int32(members.count))
      return builder.add(node, span)
    case .conditional(let test, let value, let otherwise):
      let frame = frame.soft()
      let node = Node(
        operation: .conditional, a: try self.expression(test, frame),
        b: try self.expression(value, frame),
        c: try otherwise.map { e throws(PlacedFailure) in try self.expression(e, frame) } ?? -1)
      return builder.add(node, span)
    case .or(let left, let right): return try pair(.or, left, right, span, frame)
    case .and(let left, let right): return try pair(.and, left, right, span, frame)
    case .binary(let operation, let left, let right):
      return try pair(.binary, left, right, span, frame, small: UInt16(operation.rawValue))
    case .not(let operand): return try unary(.not, operand, span, frame)
    case .negative(let operand): return try unary(.negative, operand, span, frame)
    case .positive(let operand): return try unary(.positive, operand, span, frame)
    case .comparison(let first, let others): return try comparison(first, others, span, frame)
    case .attribute(let subject, let name):
      let node = Node(
        operation: .attribute, a: try self.expression(subject, frame), b: builder.nameIndex(name))
      return builder.add(node, span)
    case .item(let subject, let key): return try item(subject, key, span, frame)
    case .slice: throw PlacedFailure("a slice stands alone in brackets", span)
    case .call(let callee, let arguments): return try call(callee, arguments, span, frame)
    case .filter(let subject, let name, let arguments):
      return try filter(subject, name, arguments, span, frame)
    case .test(let subject, let name, let arguments):
      return try test(subject, name, arguments, span, frame)
    }
  }

  private func constant(_ literal: Literal, _ span: SourceSpan) -> Int32 {
    switch literal {
    case .none: return builder.constant(.none)
    case .bool(let value): return builder.constant(.bool(value))
    case .integer(let value):
      return builder.constant(.integer(value))
    case .float(let value): return builder.constant(.double(value, .none))
    case .string(let bytes):
      let origin = Origin(literal: builder.literal(span))
      return builder.constant(.string(Text(bytes, origin: origin)))
    }
  }

  private mutating func collection(
    _ operation: Node.Operation, _ items: [Expression], _ span: SourceSpan,
    _ frame: CompilationFrame
  ) throws(PlacedFailure) -> Int32 {
    var nodes: [Int32] = []
    for item in items { nodes.append(try expression(item, frame)) }
    let start = builder.list(nodes)
    return builder.add(Node(operation: operation, a: start, b: Int32(nodes.count)), span)
  }

  private mutating func concatenation(
    _ items: [Expression], _ span: SourceSpan, _ frame: CompilationFrame
  ) throws(PlacedFailure) -> Int32 {
    let node = try collection(.concatenation, items, span, frame)
    if frame.escaping == .on { builder.nodes[Int(node)].flag = 1 }
    return node
  }

  private mutating func pair(
    _ operation: Node.Operation, _ left: Expression, _ right: Expression, _ span: SourceSpan,
    _ frame: CompilationFrame, small: UInt16 = 0
  ) throws(PlacedFailure) -> Int32 {
    let node = Node(
      operation: operation, small: small, a: try expression(left, frame),
      b: try expression(right, frame))
    return builder.add(node, span)
  }

  private mutating func unary(
    _ operation: Node.Operation, _ operand: Expression, _ span: SourceSpan,
    _ frame: CompilationFrame
  ) throws(PlacedFailure) -> Int32 {
    builder.add(Node(operation: operation, a: try expression(operand, frame)), span)
  }

  private mutating func comparison(
    _ first: Expression, _ others: [(ComparisonOperator, Expression)], _ span: SourceSpan,
    _ frame: CompilationFrame
  ) throws(PlacedFailure) -> Int32 {
    let left = try expression(first, frame)
    if others.count == 1 {
      let (comparison, right) = others[0]
      if comparison == .contained || comparison == .notContained,
        case .literal(.string(let bytes)) = first.form,
        let name = String(validating: bytes, as: UTF8.self)
      {
        let node = Node(
          operation: .containsConstant, small: comparison == .contained ? 0 : 1,
          a: try expression(right, frame), b: builder.nameIndex(name))
        return builder.add(node, span)
      }
      if let node = specialComparison(left, comparison, right) { return builder.add(node, span) }
      let node = Node(
        operation: .compare, small: UInt16(comparison.rawValue), a: left,
        b: try expression(right, frame))
      return builder.add(node, span)
    }
    var items: [Int32] = []
    for (comparison, right) in others {
      items += [Int32(comparison.rawValue), try expression(right, frame)]
    }
    let node = Node(
      operation: .compareChain, a: left, b: builder.list(items), c: Int32(others.count))
    return builder.add(node, span)
  }

  /// Comparisons with strings of the source, and membership in lists of constants.
  private func specialComparison(
    _ left: Int32, _ comparison: ComparisonOperator, _ right: Expression
  ) -> Node? {
    switch (comparison, right.form) {
    case (.equal, .literal(.string)), (.notEqual, .literal(.string)):
      guard case .literal(let literal) = right.form else { return nil }
      return Node(
        operation: .compareConstant, small: comparison == .notEqual ? 1 : 0, a: left,
        b: constant(literal, right.span))
    case (.contained, .list(let items)), (.contained, .tuple(let items)),
      (.notContained, .list(let items)), (.notContained, .tuple(let items)):
      var constants: [Int32] = []
      for item in items {
        guard case .literal(let literal) = item.form else { return nil }
        constants.append(constant(literal, item.span))
      }
      return Node(
        operation: .containedInConstants, small: comparison == .notContained ? 1 : 0, a: left,
        b: builder.list(constants), c: Int32(constants.count))
    default: return nil
    }
  }

  private mutating func item(
    _ subject: Expression, _ key: Expression, _ span: SourceSpan, _ frame: CompilationFrame
  ) throws(PlacedFailure) -> Int32 {
    let subjectNode = try expression(subject, frame)
    switch key.form {
    case .slice(let start, let stop, let step):
      var parts: [Int32] = []
      for part in [start, stop, step] {
        parts.append(try part.map { e throws(PlacedFailure) in try expression(e, frame) } ?? -1)
      }
      // Jinja folds an output that is constant as a whole, with a look-up that turns a wrong
      // type into an undefined value.
      let node = Node(
        operation: .slice, flag: isInConstantOutput ? 1 : 0, a: subjectNode, b: builder.list(parts))
      return builder.add(node, span)
    case .literal(.string(let bytes)):
      if let name = String(validating: bytes, as: UTF8.self) {
        let node = Node(operation: .constantItem, a: subjectNode, b: builder.nameIndex(name))
        return builder.add(node, span)
      }
    default: break
    }
    let node = Node(operation: .item, a: subjectNode, b: try expression(key, frame))
    return builder.add(node, span)
  }

  private mutating func arguments(
    _ arguments: CallArguments, _ frame: CompilationFrame
  ) throws(PlacedFailure) -> Int32 {
    if arguments.isEmpty { return -1 }
    var positional: [Int32] = []
    for value in arguments.positional { positional.append(try expression(value, frame)) }
    var keywords: [(name: String, value: Int32)] = []
    for keyword in arguments.keywords {
      keywords.append((keyword.name, try expression(keyword.value, frame)))
    }
    let compiled = ProgramArguments(
      positional: positional, keywords: keywords,
      unpackedList: try arguments.unpackedList.map { e throws(PlacedFailure) in
        try expression(e, frame)
      } ?? -1,
      unpackedMapping: try arguments.unpackedMapping.map { e throws(PlacedFailure) in
        try expression(e, frame)
      } ?? -1)
    builder.arguments.append(compiled)
    return Int32(builder.arguments.count - 1)
  }

  private mutating func call(
    _ callee: Expression, _ arguments: CallArguments, _ span: SourceSpan,
    _ frame: CompilationFrame
  ) throws(PlacedFailure) -> Int32 {
    if case .attribute(let subject, let name) = callee.form {
      let node = Node(
        operation: .methodCall, a: try expression(subject, frame), b: builder.nameIndex(name),
        c: try self.arguments(arguments, frame))
      return builder.add(node, span)
    }
    let node = Node(
      operation: .call, a: try expression(callee, frame), c: try self.arguments(arguments, frame))
    return builder.add(node, span)
  }

  private mutating func filter(
    _ subject: Expression?, _ name: String, _ arguments: CallArguments, _ span: SourceSpan,
    _ frame: CompilationFrame
  ) throws(PlacedFailure) -> Int32 {
    let subjectNode =
      try subject.map { e throws(PlacedFailure) in try expression(e, frame) } ?? -1
    let argumentList = try self.arguments(arguments, frame)
    guard let filter = BuiltinFilter(name: name) else {
      guard frame.isSoft else {
        throw PlacedFailure(
          "no filter named '\(name)'", span,
          hint: Suggestion.nearest(to: name, among: BuiltinFilter.allNames), kind: .assertion)
      }
      let node = Node(operation: .unknownFilter, a: subjectNode, b: builder.nameIndex(name))
      return builder.add(node, span)
    }
    var node = Node(operation: .filter, small: UInt16(filter.rawValue), a: subjectNode)
    node.b = argumentList
    // What a filter does may depend on whether escaping is known to be on.
    node.flag = frame.escaping == .off ? 0 : 1
    return builder.add(node, span)
  }

  private mutating func test(
    _ subject: Expression, _ name: String, _ arguments: CallArguments, _ span: SourceSpan,
    _ frame: CompilationFrame
  ) throws(PlacedFailure) -> Int32 {
    let subjectNode = try expression(subject, frame)
    let argumentList = try self.arguments(arguments, frame)
    guard let test = BuiltinTest(name: name) else {
      guard frame.isSoft else {
        throw PlacedFailure(
          "no test named '\(name)'", span,
          hint: Suggestion.nearest(to: name, among: BuiltinTest.allNames), kind: .assertion)
      }
      let node = Node(operation: .unknownTest, a: subjectNode, b: builder.nameIndex(name))
      return builder.add(node, span)
    }
    if argumentList < 0, test == .defined || test == .undefined {
      let node = Node(
        operation: .isDefined, small: test == .defined ? 0 : 1, a: subjectNode)
      return builder.add(node, span)
    }
    let node = Node(
      operation: .test, small: UInt16(test.rawValue), a: subjectNode, b: argumentList)
    return builder.add(node, span)
  }
}

extension Expression {
  /// True for literals and what is made of them alone.
  var isConstant: Bool {
    switch form {
    case .literal: return true
    case .tuple, .list, .mapping, .binary, .negative, .positive, .not, .concatenation,
      .conditional, .or, .and, .comparison, .test, .attribute, .item, .slice:
      var isConstant = true
      forEachChild { if !$0.isConstant { isConstant = false } }
      return isConstant
    case .filter(let subject?, let name, let arguments):
      let readContext = ["map", "select", "reject", "selectattr", "rejectattr", "random"]
      guard subject.isConstant, !readContext.contains(name) else { return false }
      var isConstant = true
      arguments.forEach { if !$0.isConstant { isConstant = false } }
      return isConstant
    default: return false
    }
  }
}
