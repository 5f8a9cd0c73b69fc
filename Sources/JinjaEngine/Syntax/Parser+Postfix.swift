// SPDX-License-Identifier: Apache-2.0

extension Parser {
  mutating func parsePostfix(_ subject: Expression) throws(PlacedFailure) -> Expression {
    var expression = subject
    while true {
      switch current.kind {
      case .dot, .leftBracket: expression = try parseSubscript(expression)
      case .leftParenthesis: expression = try parseCall(expression)
      default: return expression
      }
    }
  }

  mutating func parseFilterExpression(
    _ subject: Expression
  ) throws(PlacedFailure) -> Expression {
    var expression = subject
    while true {
      if isAt(.pipe) {
        expression = try parseFilters(of: expression) ?? expression
      } else if isAt(name: "is") {
        expression = try parseTest(expression)
      } else if isAt(.leftParenthesis) {
        expression = try parseCall(expression)
      } else {
        return expression
      }
    }
  }

  private mutating func parseSubscript(_ subject: Expression) throws(PlacedFailure) -> Expression {
    if advance().kind == .dot {
      let token = current
      let span = subject.span.joined(to: token.span)
      if token.kind == .name {
        advance()
        return try node(.attribute(subject, token.name), span, over: subject.depth)
      }
      guard token.kind == .integer else { throw failure("expected a name or a number") }
      advance()
      let index = Expression(.literal(number(token)), token.span, depth: 1)
      return try node(.item(subject, index), span, over: subject.depth)
    }
    var arguments: [Expression] = []
    var depth = subject.depth
    let start = current.span
    while !isAt(.rightBracket) {
      if !arguments.isEmpty { try expect(.comma) }
      let argument = try parseSubscripted()
      depth = max(depth, argument.depth)
      arguments.append(argument)
    }
    let end = try expect(.rightBracket)
    let key =
      arguments.count == 1
      ? arguments[0] : try node(.tuple(arguments), start.joined(to: end.span), over: depth)
    return try node(.item(subject, key), subject.span.joined(to: end.span), over: depth)
  }

  private mutating func parseSubscripted() throws(PlacedFailure) -> Expression {
    let start = current.span
    var parts: [Expression?] = [nil, nil, nil]
    if !isAt(.colon) {
      let first = try parseExpression()
      guard isAt(.colon) else { return first }
      parts[0] = first
    }
    advance()
    if !isAt(.colon), !isAt(.rightBracket), !isAt(.comma) { parts[1] = try parseExpression() }
    if skip(.colon), !isAt(.rightBracket), !isAt(.comma) { parts[2] = try parseExpression() }
    return try node(
      .slice(start: parts[0], stop: parts[1], step: parts[2]), start.joined(to: current.span),
      over: parts[0]?.depth ?? 0, parts[1]?.depth ?? 0, parts[2]?.depth ?? 0)
  }

  private mutating func parseCall(_ subject: Expression) throws(PlacedFailure) -> Expression {
    let (arguments, depth, end) = try parseArguments()
    return try node(
      .call(subject, arguments), subject.span.joined(to: end), over: subject.depth, depth)
  }

  mutating func parseArguments() throws(PlacedFailure) -> (CallArguments, Int, SourceSpan) {
    let open = try expect(.leftParenthesis)
    var arguments = CallArguments()
    var depth = 0
    var needsComma = false
    while !isAt(.rightParenthesis) {
      if needsComma {
        try expect(.comma)
        if isAt(.rightParenthesis) { break }
      }
      needsComma = true
      let isValid: Bool
      if skip(.multiply) {
        isValid = arguments.unpackedList == nil && arguments.unpackedMapping == nil
        arguments.unpackedList = try parseExpression()
      } else if skip(.power) {
        isValid = arguments.unpackedMapping == nil
        arguments.unpackedMapping = try parseExpression()
      } else if isAt(.name), next.kind == .assign {
        isValid = arguments.unpackedMapping == nil
        let name = advance().name
        advance()
        arguments.keywords.append((name, try parseExpression()))
      } else {
        isValid =
          arguments.unpackedList == nil && arguments.unpackedMapping == nil
          && arguments.keywords.isEmpty
        arguments.positional.append(try parseExpression())
      }
      guard isValid else {
        throw PlacedFailure("the arguments of this call are out of order", open.span)
      }
    }
    for expression in arguments.positional { depth = max(depth, expression.depth) }
    for keyword in arguments.keywords { depth = max(depth, keyword.value.depth) }
    depth = max(depth, arguments.unpackedList?.depth ?? 0, arguments.unpackedMapping?.depth ?? 0)
    try Self.checkForRepeats(arguments.keywords.map(\.name), open.span)
    return (arguments, depth, try expect(.rightParenthesis).span)
  }

  /// Python refuses a repeated keyword when it compiles what Jinja wrote.
  private static func checkForRepeats(
    _ names: [String], _ span: SourceSpan
  ) throws(PlacedFailure) {
    var seen: Set<String> = []
    for name in names where !seen.insert(name).inserted {
      throw PlacedFailure("keyword argument '\(name)' is repeated", span)
    }
  }

  private mutating func parseDottedName() throws(PlacedFailure) -> Token {
    var token = try expect(.name)
    while skip(.dot) {
      let part = try expect(.name)
      token.name += "." + part.name
      token.span = token.span.joined(to: part.span)
    }
    return token
  }

  /// A chain of filters.
  ///
  /// The subject is nil at the head of filter blocks and set blocks.
  mutating func parseFilters(
    of subject: Expression?, startsInline: Bool = false
  ) throws(PlacedFailure) -> Expression? {
    var expression = subject
    var isInline = startsInline
    while isInline || isAt(.pipe) {
      if !isInline { advance() }
      isInline = false
      let name = try parseDottedName()
      var arguments = CallArguments()
      var depth = expression?.depth ?? 0
      if isAt(.leftParenthesis) {
        let (parsed, argumentDepth, _) = try parseArguments()
        arguments = parsed
        depth = max(depth, argumentDepth)
      }
      expression = try node(.filter(expression, name.name, arguments), name.span, over: depth)
    }
    return expression
  }

  private mutating func parseTest(_ subject: Expression) throws(PlacedFailure) -> Expression {
    advance()
    let isNegated = skip(name: "not")
    let name = try parseDottedName()
    var arguments = CallArguments()
    var depth = subject.depth
    if isAt(.leftParenthesis) {
      let (parsed, argumentDepth, _) = try parseArguments()
      arguments = parsed
      depth = max(depth, argumentDepth)
    } else if parsePrimaryIsNext(), !isAt(name: "else"), !isAt(name: "or"), !isAt(name: "and") {
      if isAt(name: "is") { throw failure("tests cannot be chained with 'is'") }
      let argument = try parsePostfix(try parsePrimary())
      depth = max(depth, argument.depth)
      arguments.positional = [argument]
    }
    let test = try node(.test(subject, name.name, arguments), name.span, over: depth)
    return isNegated ? try node(.not(test), name.span, over: test.depth) : test
  }
}
