// SPDX-License-Identifier: Apache-2.0

extension Parser {
  mutating func parseFor() throws(PlacedFailure) -> Statement.Form {
    advance()
    let target = try parseTarget(endsAtIn: true)
    try expect(name: "in")
    let iterable = try parseTuple(withConditional: false, end: "recursive")
    var filter: Expression?
    if skip(name: "if") { filter = try parseExpression() }
    let isRecursive = skip(name: "recursive")
    let body = try parseStatements(until: "endfor", "else")
    var otherwise: [Statement] = []
    if Parser.same(advance().name, "else") {
      otherwise = try parseStatements(until: "endfor")
      advance()
    }
    return .loop(
      Statement.Loop(
        target: target, iterable: iterable, filter: filter, isRecursive: isRecursive, body: body,
        otherwise: otherwise))
  }

  mutating func parseIf() throws(PlacedFailure) -> Statement.Form {
    advance()
    var branches: [(test: Expression, body: [Statement])] = []
    while true {
      let test = try parseTuple(withConditional: false)
      branches.append((test, try parseStatements(until: "elif", "else", "endif")))
      let end = advance()
      if Parser.same(end.name, "elif") { continue }
      var otherwise: [Statement] = []
      if Parser.same(end.name, "else") {
        otherwise = try parseStatements(until: "endif")
        advance()
      }
      return .branch(branches, otherwise: otherwise)
    }
  }

  mutating func parseSet() throws(PlacedFailure) -> Statement.Form {
    advance()
    let target = try parseTarget(allowsAttributes: true)
    if skip(.assign) { return .assign(target, try parseTuple()) }
    let filter = try parseFilters(of: nil)
    let body = try parseStatements(until: "endset")
    advance()
    return .assignBlock(target, filter: filter, body: body)
  }

  mutating func parseMacro() throws(PlacedFailure) -> Statement.Form {
    advance()
    let name = try parseNameTarget()
    let signature = try parseSignature()
    let body = try parseStatements(until: "endmacro")
    advance()
    return .macro(name: name, signature, body: body)
  }

  private mutating func parseSignature() throws(PlacedFailure) -> MacroSignature {
    var signature = MacroSignature()
    try expect(.leftParenthesis)
    while !isAt(.rightParenthesis) {
      if !signature.names.isEmpty { try expect(.comma) }
      signature.names.append(try parseNameTarget())
      if skip(.assign) {
        signature.defaults.append(try parseExpression())
      } else if !signature.defaults.isEmpty {
        throw failure("a parameter without default follows one with a default")
      }
    }
    try expect(.rightParenthesis)
    return signature
  }

  mutating func parseCallBlock() throws(PlacedFailure) -> Statement.Form {
    advance()
    let signature = isAt(.leftParenthesis) ? try parseSignature() : MacroSignature()
    let call = try parseExpression()
    guard case .call = call.form else {
      throw PlacedFailure("expected a call", call.span)
    }
    let body = try parseStatements(until: "endcall")
    advance()
    return .callBlock(signature, call: call, body: body)
  }

  mutating func parseFilterBlock() throws(PlacedFailure) -> Statement.Form {
    advance()
    guard let filter = try parseFilters(of: nil, startsInline: true) else {
      throw failure("expected a filter")
    }
    let body = try parseStatements(until: "endfilter")
    advance()
    return .filterBlock(filter, body: body)
  }

  mutating func parseWith() throws(PlacedFailure) -> Statement.Form {
    advance()
    var targets: [AssignmentTarget] = []
    var values: [Expression] = []
    while !isAt(.blockEnd) {
      if !targets.isEmpty { try expect(.comma) }
      targets.append(try parseTarget())
      try expect(.assign)
      values.append(try parseExpression())
    }
    let body = try parseStatements(until: "endwith")
    advance()
    return .scope(targets: targets, values: values, body: body)
  }

  mutating func parseAutoescape() throws(PlacedFailure) -> Statement.Form {
    advance()
    let condition = try parseExpression()
    let body = try parseStatements(until: "endautoescape")
    advance()
    return .autoescape(condition, body: body)
  }

  mutating func parsePrint() throws(PlacedFailure) -> Statement.Form {
    advance()
    var values: [Expression] = []
    while !isAt(.blockEnd) {
      if !values.isEmpty { try expect(.comma) }
      values.append(try parseExpression())
    }
    return .output(values)
  }

  mutating func parseBlock() throws(PlacedFailure) -> Statement.Form {
    advance()
    let name = try expect(.name).name
    let isScoped = skip(name: "scoped")
    let isRequired = skip(name: "required")
    if isAt(.subtract) { throw failure("block names cannot contain hyphens", hint: "use '_'") }
    let body = try parseStatements(until: "endblock")
    advance()
    if isRequired, !body.allSatisfy(\.isBlankText) {
      throw failure("required blocks can contain only comments or whitespace")
    }
    _ = skip(name: name)
    return .block(
      Statement.Block(name: name, isScoped: isScoped, isRequired: isRequired, body: body))
  }

  mutating func parseLoad() throws(PlacedFailure) -> Statement.Form {
    let tag = advance().name
    let source = try parseExpression()
    var targets: [String] = []
    var ignoresMissing = false
    if Parser.same(tag, "include"), isAt(name: "ignore"), next.kind == .name,
      Parser.same(next.name, "missing")
    {
      advance()
      advance()
      ignoresMissing = true
    }
    if Parser.same(tag, "import") {
      try expect(name: "as")
      targets.append(try parseNameTarget())
    }
    if Parser.same(tag, "from") { targets = try parseImportedNames() }
    if !Parser.same(tag, "extends") { skipContextClause() }
    return .load(tag: tag, source: source, targets: targets, ignoresMissing: ignoresMissing)
  }

  private mutating func skipContextClause() {
    guard isAt(name: "with") || isAt(name: "without"), next.kind == .name,
      Parser.same(next.name, "context")
    else { return }
    advance()
    advance()
  }

  private mutating func parseImportedNames() throws(PlacedFailure) -> [String] {
    try expect(name: "import")
    var names: [String] = []
    while true {
      if !names.isEmpty { try expect(.comma) }
      let before = current.span
      skipContextClause()
      if current.span != before { return names }
      let span = current.span
      let name = try parseNameTarget()
      if name.utf8.first == UInt8(ascii: "_") {
        throw PlacedFailure(
          "names that start with an underscore cannot be imported", span, kind: .assertion)
      }
      names.append(skip(name: "as") ? try parseNameTarget() : name)
      if !isAt(.comma) { return names }
    }
  }

  // MARK: Targets

  private mutating func parseNameTarget() throws(PlacedFailure) -> String {
    let token = try expect(.name)
    guard !Self.constants.contains(token.name) else {
      throw PlacedFailure("cannot assign to '\(token.name)'", token.span)
    }
    return token.name
  }

  static let constants: Set<String> = ["true", "false", "True", "False", "none", "None"]

  mutating func parseTarget(
    allowsAttributes: Bool = false, endsAtIn: Bool = false
  ) throws(PlacedFailure) -> AssignmentTarget {
    let start = current.span
    var items: [AssignmentTarget] = []
    var isTuple = false
    while true {
      if !items.isEmpty { try expect(.comma) }
      if isAt(.variableEnd) || isAt(.blockEnd) || isAt(.rightParenthesis)
        || endsAtIn && isAt(name: "in")
      {
        break
      }
      items.append(try parseTargetItem(allowsAttributes: allowsAttributes))
      guard isAt(.comma) else { break }
      isTuple = true
    }
    if !isTuple {
      guard let only = items.first else {
        throw failure("expected a name to assign to, got \(words(current))")
      }
      return only
    }
    return AssignmentTarget(form: .tuple(items), span: start.joined(to: current.span))
  }

  private mutating func parseTargetItem(
    allowsAttributes: Bool
  ) throws(PlacedFailure) -> AssignmentTarget {
    let token = current
    switch token.kind {
    case .name:
      let name = try parseNameTarget()
      guard allowsAttributes, isAt(.dot) else {
        return AssignmentTarget(form: .name(name), span: token.span)
      }
      advance()
      let attribute = try expect(.name)
      return AssignmentTarget(
        form: .attribute(namespace: name, name: attribute.name),
        span: token.span.joined(to: attribute.span))
    case .leftParenthesis:
      advance()
      let inner = try nested { parser throws(PlacedFailure) in
        try parser.parseParenthesizedTarget(token.span)
      }
      try expect(.rightParenthesis)
      return inner
    default:
      throw failure("cannot assign to \(words(token))")
    }
  }

  /// Inside parentheses Jinja reads a full expression, which must turn out to be assignable.
  private mutating func parseParenthesizedTarget(
    _ start: SourceSpan
  ) throws(PlacedFailure) -> AssignmentTarget {
    if isAt(.rightParenthesis) {
      return AssignmentTarget(form: .tuple([]), span: start.joined(to: current.span))
    }
    return try parseTarget()
  }
}

extension Statement {
  fileprivate var isBlankText: Bool {
    guard case .text(let bytes) = form else { return false }
    return PythonWhitespace.strippedEnd(of: bytes, from: 0, to: bytes.count) == 0
  }
}
