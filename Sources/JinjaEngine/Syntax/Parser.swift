// SPDX-License-Identifier: Apache-2.0

/// Reads tokens into statements, after the grammar of `jinja2.parser`.
struct Parser {
  /// Jinja2 stands about 69 parentheses, 75 brackets and 98 statements inside each other before
  /// Python's recursion limit stops it; chains of filters may reach about 300.
  static let nestingLimit = 100
  static let chainLimit = 330

  let source: [UInt8]
  private let tokens: [Token]
  private var index = 0
  private var nesting = 0
  /// The tags that are open, for messages.
  private var openTags: [(name: String, span: SourceSpan)] = []

  private init(_ source: [UInt8], _ tokens: [Token]) {
    self.source = source
    self.tokens = tokens
  }

  static func parse(_ source: [UInt8]) throws(PlacedFailure) -> [Statement] {
    var parser = Parser(source, try Lexer.tokenize(source))
    return try parser.parseBody(until: [])
  }

  // MARK: Tokens

  var current: Token { tokens[index] }

  var next: Token { tokens[min(index + 1, tokens.count - 1)] }

  @discardableResult
  mutating func advance() -> Token {
    let token = tokens[index]
    if index + 1 < tokens.count { index += 1 }
    return token
  }

  func isAt(_ kind: Token.Kind) -> Bool { tokens[index].kind == kind }

  func isAt(name: String) -> Bool {
    tokens[index].kind == .name && Self.same(tokens[index].name, name)
  }

  /// Keywords are ASCII, for which canonical and exact comparison agree; the count check keeps
  /// combining marks out.
  static func same(_ left: String, _ right: String) -> Bool {
    left.utf8.count == right.utf8.count && left == right
  }

  mutating func skip(_ kind: Token.Kind) -> Bool {
    guard isAt(kind) else { return false }
    advance()
    return true
  }

  mutating func skip(name: String) -> Bool {
    guard isAt(name: name) else { return false }
    advance()
    return true
  }

  @discardableResult
  mutating func expect(_ kind: Token.Kind) throws(PlacedFailure) -> Token {
    guard isAt(kind) else {
      throw failure("expected \(kind.words), got \(words(current))")
    }
    return advance()
  }

  mutating func expect(name: String) throws(PlacedFailure) {
    guard skip(name: name) else {
      throw failure("expected '\(name)', got \(words(current))")
    }
  }

  func words(_ token: Token) -> String {
    token.kind == .name ? "'\(token.name)'" : token.kind.words
  }

  func failure(_ message: String, hint: String? = nil) -> PlacedFailure {
    PlacedFailure(message, current.span, hint: hint)
  }

  mutating func nested<T>(
    _ body: (inout Parser) throws(PlacedFailure) -> T
  ) throws(PlacedFailure) -> T {
    nesting += 1
    defer { nesting -= 1 }
    guard nesting <= Self.nestingLimit else {
      throw PlacedFailure(
        "more than \(Self.nestingLimit) levels of nesting", current.span, kind: .recursion)
    }
    return try body(&self)
  }

  // MARK: Bodies

  private static let endTags: Set<String> = [
    "endif", "else", "elif", "endfor", "endmacro", "endset", "endcall", "endfilter", "endwith",
    "endgeneration", "endblock", "endautoescape",
  ]

  /// Statements up to, and without, the tag that ends them.
  ///
  /// With no end tags: to the end.
  mutating func parseBody(until ends: [String]) throws(PlacedFailure) -> [Statement] {
    var body: [Statement] = []
    var output: [Expression] = []
    while true {
      let token = current
      switch token.kind {
      case .data:
        advance()
        Self.flush(&output, into: &body)
        body.append(Statement(form: .text(Array(source[token.span.range])), span: token.span))
      case .variableBegin:
        advance()
        let expression = try parseTuple()
        Self.flush(&output, into: &body)
        output.append(expression)
        try expect(.variableEnd)
      case .blockBegin:
        Self.flush(&output, into: &body)
        advance()
        if current.kind == .name, ends.contains(where: { Self.same($0, current.name) }) {
          return body
        }
        let statement = try nested { parser throws(PlacedFailure) in try parser.parseStatement(ends)
        }
        body.append(statement)
        try expect(.blockEnd)
      default:
        Self.flush(&output, into: &body)
        if ends.isEmpty { return body }
        throw unclosed(ends)
      }
    }
  }

  private static func flush(_ output: inout [Expression], into body: inout [Statement]) {
    guard let first = output.first, let last = output.last else { return }
    body.append(Statement(form: .output(output), span: first.span.joined(to: last.span)))
    output.removeAll()
  }

  private func unclosed(_ ends: [String]) -> PlacedFailure {
    let wanted = ends.map { "'\($0)'" }.joined(separator: " or ")
    guard let open = openTags.last else { return failure("unexpected end of template") }
    return PlacedFailure(
      "unexpected end of template: the '\(open.name)' that starts here is not closed", open.span,
      hint: "add \(wanted)")
  }

  /// The body of a tag, from the end of the tag on.
  mutating func parseStatements(until ends: String...) throws(PlacedFailure) -> [Statement] {
    _ = skip(.colon)
    try expect(.blockEnd)
    return try parseBody(until: ends)
  }

  private mutating func parseStatement(_ ends: [String]) throws(PlacedFailure) -> Statement {
    guard current.kind == .name else { throw failure("expected the name of a tag") }
    let tag = current
    openTags.append((tag.name, tag.span))
    let form = try parseForm(of: tag, ends)
    openTags.removeLast()
    return Statement(form: form, span: tag.span)
  }

  private mutating func parseForm(
    of tag: Token, _ ends: [String]
  ) throws(PlacedFailure) -> Statement.Form {
    switch tag.name {
    case "for": return try parseFor()
    case "if": return try parseIf()
    case "set": return try parseSet()
    case "macro": return try parseMacro()
    case "call": return try parseCallBlock()
    case "filter": return try parseFilterBlock()
    case "with": return try parseWith()
    case "autoescape": return try parseAutoescape()
    case "print": return try parsePrint()
    case "block": return try parseBlock()
    case "include", "import", "from", "extends": return try parseLoad()
    case "generation":
      advance()
      let body = try parseStatements(until: "endgeneration")
      advance()
      return .generation(body: body)
    case "break":
      advance()
      return .breakLoop
    case "continue":
      advance()
      return .continueLoop
    default: throw unknown(tag, ends)
    }
  }

  private static let tags = [
    "for", "if", "set", "macro", "call", "filter", "with", "autoescape", "print", "block", "raw",
    "generation", "break", "continue", "endfor", "endif", "endset", "endmacro", "endcall",
    "endfilter", "endwith", "endgeneration", "else", "elif",
  ]

  private func unknown(_ tag: Token, _ ends: [String]) -> PlacedFailure {
    let outer = openTags.dropLast().last
    if Self.endTags.contains(tag.name) {
      guard let outer, !ends.isEmpty else {
        return PlacedFailure("'\(tag.name)' closes nothing", tag.span)
      }
      let wanted = ends.map { "'\($0)'" }.joined(separator: " or ")
      return PlacedFailure(
        "'\(tag.name)' does not close the open '\(outer.name)'", tag.span,
        hint: "close it with \(wanted) first")
    }
    if Self.same(tag.name, "do") {
      return PlacedFailure(
        "unknown tag 'do'", tag.span, hint: "transformers does not enable it; use 'set'")
    }
    let suggestion = Suggestion.nearest(to: tag.name, among: Self.tags)
    return PlacedFailure("unknown tag '\(tag.name)'", tag.span, hint: suggestion)
  }
}
