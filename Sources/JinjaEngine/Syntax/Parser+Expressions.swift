// SPDX-License-Identifier: Apache-2.0

extension Parser {
  mutating func parseExpression(
    withConditional: Bool = true
  ) throws(PlacedFailure) -> Expression {
    try nested { parser throws(PlacedFailure) in
      withConditional ? try parser.parseConditional() : try parser.parseOr()
    }
  }

  /// Makes a node, refusing chains that the evaluator could not walk.
  func node(
    _ form: Expression.Form, _ span: SourceSpan, over children: Int...
  ) throws(PlacedFailure) -> Expression {
    let depth = 1 + (children.max() ?? 0)
    guard depth <= Parser.chainLimit else {
      throw PlacedFailure(
        "an expression of more than \(Parser.chainLimit) levels", span, kind: .recursion)
    }
    return Expression(form, span, depth: depth)
  }

  private mutating func parseConditional() throws(PlacedFailure) -> Expression {
    var value = try parseOr()
    while skip(name: "if") {
      let test = try parseOr()
      var otherwise: Expression?
      if skip(name: "else") { otherwise = try parseExpression() }
      let span = value.span.joined(to: otherwise?.span ?? test.span)
      value = try node(
        .conditional(test: test, value: value, otherwise: otherwise), span, over: test.depth,
        value.depth, otherwise?.depth ?? 0)
    }
    return value
  }

  private mutating func parseOr() throws(PlacedFailure) -> Expression {
    var left = try parseAnd()
    while skip(name: "or") {
      let right = try parseAnd()
      left = try node(
        .or(left, right), left.span.joined(to: right.span), over: left.depth, right.depth)
    }
    return left
  }

  private mutating func parseAnd() throws(PlacedFailure) -> Expression {
    var left = try parseNot()
    while skip(name: "and") {
      let right = try parseNot()
      left = try node(
        .and(left, right), left.span.joined(to: right.span), over: left.depth, right.depth)
    }
    return left
  }

  private mutating func parseNot() throws(PlacedFailure) -> Expression {
    guard isAt(name: "not") else { return try parseComparison() }
    let token = advance()
    let operand = try nested { parser throws(PlacedFailure) in try parser.parseNot() }
    return try node(.not(operand), token.span.joined(to: operand.span), over: operand.depth)
  }

  private mutating func parseComparison() throws(PlacedFailure) -> Expression {
    let first = try parseSum()
    var comparisons: [(ComparisonOperator, Expression)] = []
    var depth = first.depth
    while let comparison = readComparisonOperator() {
      let operand = try parseSum()
      depth = max(depth, operand.depth)
      comparisons.append((comparison, operand))
    }
    guard let last = comparisons.last else { return first }
    return try node(
      .comparison(first, comparisons), first.span.joined(to: last.1.span), over: depth)
  }

  private mutating func readComparisonOperator() -> ComparisonOperator? {
    let found: ComparisonOperator
    switch current.kind {
    case .equal: found = .equal
    case .notEqual: found = .notEqual
    case .less: found = .less
    case .lessEqual: found = .lessEqual
    case .greater: found = .greater
    case .greaterEqual: found = .greaterEqual
    default:
      if skip(name: "in") { return .contained }
      if isAt(name: "not"), next.kind == .name, Parser.same(next.name, "in") {
        advance()
        advance()
        return .notContained
      }
      return nil
    }
    advance()
    return found
  }

  private mutating func parseSum() throws(PlacedFailure) -> Expression {
    var left = try parseConcatenation()
    while isAt(.add) || isAt(.subtract) {
      let operation: BinaryOperator = advance().kind == .add ? .add : .subtract
      let right = try parseConcatenation()
      left = try node(
        .binary(operation, left, right), left.span.joined(to: right.span), over: left.depth,
        right.depth)
    }
    return left
  }

  private mutating func parseConcatenation() throws(PlacedFailure) -> Expression {
    let first = try parseProduct()
    guard isAt(.tilde) else { return first }
    var operands = [first]
    var depth = first.depth
    var span = first.span
    while skip(.tilde) {
      let operand = try parseProduct()
      depth = max(depth, operand.depth)
      span = span.joined(to: operand.span)
      operands.append(operand)
    }
    return try node(.concatenation(operands), span, over: depth)
  }

  private mutating func parseProduct() throws(PlacedFailure) -> Expression {
    var left = try parsePower()
    while true {
      let operation: BinaryOperator
      switch current.kind {
      case .multiply: operation = .multiply
      case .divide: operation = .divide
      case .floorDivide: operation = .floorDivide
      case .modulo: operation = .modulo
      default: return left
      }
      advance()
      let right = try parsePower()
      left = try node(
        .binary(operation, left, right), left.span.joined(to: right.span), over: left.depth,
        right.depth)
    }
  }

  private mutating func parsePower() throws(PlacedFailure) -> Expression {
    var left = try parseUnary()
    while skip(.power) {
      let right = try parseUnary()
      left = try node(
        .binary(.power, left, right), left.span.joined(to: right.span), over: left.depth,
        right.depth)
    }
    return left
  }

  private mutating func parseUnary(withFilters: Bool = true) throws(PlacedFailure) -> Expression {
    let token = current
    var expression: Expression
    if token.kind == .subtract || token.kind == .add {
      advance()
      let operand = try nested { parser throws(PlacedFailure) in
        try parser.parseUnary(withFilters: false)
      }
      let form: Expression.Form = token.kind == .add ? .positive(operand) : .negative(operand)
      expression = try node(form, token.span.joined(to: operand.span), over: operand.depth)
    } else {
      expression = try parsePrimary()
    }
    expression = try parsePostfix(expression)
    return withFilters ? try parseFilterExpression(expression) : expression
  }

  // MARK: Primaries

  func parsePrimaryIsNext() -> Bool {
    switch current.kind {
    case .name, .string, .integer, .float, .leftParenthesis, .leftBracket, .leftBrace: true
    default: false
    }
  }

  mutating func parsePrimary() throws(PlacedFailure) -> Expression {
    let token = current
    switch token.kind {
    case .name:
      advance()
      switch token.name {
      case "true", "True": return Expression(.literal(.bool(true)), token.span, depth: 1)
      case "false", "False": return Expression(.literal(.bool(false)), token.span, depth: 1)
      case "none", "None": return Expression(.literal(.none), token.span, depth: 1)
      default: return Expression(.name(token.name), token.span, depth: 1)
      }
    case .string: return try parseString()
    case .integer, .float:
      advance()
      return Expression(.literal(number(token)), token.span, depth: 1)
    case .leftParenthesis:
      advance()
      var inner = try parseTuple(isParenthesized: true)
      let end = try expect(.rightParenthesis)
      inner.span = token.span.joined(to: end.span)
      return inner
    case .leftBracket: return try parseList()
    case .leftBrace: return try parseMapping()
    default: throw failure("expected an expression, got \(words(token))")
    }
  }

  func number(_ token: Token) -> Literal {
    let digits = source[token.span.range].filter { $0 != UInt8(ascii: "_") }
    let text = String(decoding: digits, as: UTF8.self)
    if token.kind == .float { return .float(Double(text) ?? .infinity) }
    let radix: Int
    switch digits.count > 1 ? digits[1] | 0x20 : 0 {
    case UInt8(ascii: "x"): radix = 16
    case UInt8(ascii: "o"): radix = 8
    case UInt8(ascii: "b"): radix = 2
    default: radix = 10
    }
    let significant = radix == 10 ? digits[...] : digits.dropFirst(2)
    return .integer(BigInteger(digits: significant, radix: radix) ?? BigInteger(0))
  }

  private mutating func parseString() throws(PlacedFailure) -> Expression {
    var bytes: [UInt8] = []
    var span = current.span
    while isAt(.string) {
      let token = advance()
      let range = token.span.range
      do throws(StringLiteral.Failure) {
        bytes += try StringLiteral.decode(source[(range.lowerBound + 1)..<(range.upperBound - 1)])
      } catch {
        throw PlacedFailure(error.message, token.span)
      }
      span = span.joined(to: token.span)
    }
    return Expression(.literal(.string(bytes)), span, depth: 1)
  }

  private mutating func parseList() throws(PlacedFailure) -> Expression {
    let start = advance().span
    var items: [Expression] = []
    var depth = 0
    while !isAt(.rightBracket) {
      if !items.isEmpty { try expect(.comma) }
      if isAt(.rightBracket) { break }
      let item = try parseExpression()
      depth = max(depth, item.depth)
      items.append(item)
    }
    let end = try expect(.rightBracket)
    return try node(.list(items), start.joined(to: end.span), over: depth)
  }

  private mutating func parseMapping() throws(PlacedFailure) -> Expression {
    let start = advance().span
    var members: [(key: Expression, value: Expression)] = []
    var depth = 0
    while !isAt(.rightBrace) {
      if !members.isEmpty { try expect(.comma) }
      if isAt(.rightBrace) { break }
      let key = try parseExpression()
      try expect(.colon)
      let value = try parseExpression()
      depth = max(depth, key.depth, value.depth)
      members.append((key, value))
    }
    let end = try expect(.rightBrace)
    return try node(.mapping(members), start.joined(to: end.span), over: depth)
  }

  /// Expressions with commas between them make a tuple; one alone stands for itself.
  mutating func parseTuple(
    withConditional: Bool = true, end: String? = nil, isParenthesized: Bool = false
  ) throws(PlacedFailure) -> Expression {
    let start = current.span
    var items: [Expression] = []
    var isTuple = false
    var depth = 0
    while true {
      if !items.isEmpty { try expect(.comma) }
      if isAt(.variableEnd) || isAt(.blockEnd) || isAt(.rightParenthesis) { break }
      if let end, isAt(name: end) { break }
      let item = try parseExpression(withConditional: withConditional)
      depth = max(depth, item.depth)
      items.append(item)
      guard isAt(.comma) else { break }
      isTuple = true
    }
    if !isTuple {
      if let only = items.first { return only }
      guard isParenthesized else {
        throw failure("expected an expression, got \(words(current))")
      }
    }
    let span = items.last.map { start.joined(to: $0.span) } ?? start
    return try node(.tuple(items), span, over: depth)
  }
}
