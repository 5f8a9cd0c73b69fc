// SPDX-License-Identifier: Apache-2.0

/// A lexical unit of a template.
struct Token: Sendable {
  enum Kind: UInt8, Sendable {
    case data, variableBegin, variableEnd, blockBegin, blockEnd
    case name, string, integer, float
    case add, assign, colon, comma, divide, dot, equal, floorDivide, greater, greaterEqual
    case leftBrace, leftBracket, leftParenthesis, less, lessEqual, modulo, multiply, notEqual
    case pipe, power, rightBrace, rightBracket, rightParenthesis, semicolon, subtract, tilde
    case end
  }

  var kind: Kind
  var span: SourceSpan
  /// The text of a name; empty for other kinds.
  var name = ""
}

extension Token.Kind {
  /// How messages call it.
  var words: String {
    switch self {
    case .data: "template text"
    case .variableBegin: "'{{'"
    case .variableEnd: "'}}'"
    case .blockBegin: "'{%'"
    case .blockEnd: "'%}'"
    case .name: "a name"
    case .string: "a string"
    case .integer: "an integer"
    case .float: "a number"
    case .end: "the end of the template"
    default: "'\(symbol)'"
    }
  }

  private var symbol: String {
    switch self {
    case .add: "+"
    case .assign: "="
    case .colon: ":"
    case .comma: ","
    case .divide: "/"
    case .dot: "."
    case .equal: "=="
    case .floorDivide: "//"
    case .greater: ">"
    case .greaterEqual: ">="
    case .leftBrace: "{"
    case .leftBracket: "["
    case .leftParenthesis: "("
    case .less: "<"
    case .lessEqual: "<="
    case .modulo: "%"
    case .multiply: "*"
    case .notEqual: "!="
    case .pipe: "|"
    case .power: "**"
    case .rightBrace: "}"
    case .rightBracket: "]"
    case .rightParenthesis: ")"
    case .semicolon: ";"
    case .subtract: "-"
    case .tilde: "~"
    default: ""
    }
  }
}
