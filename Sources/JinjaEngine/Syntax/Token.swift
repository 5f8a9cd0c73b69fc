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

extension Token.Kind {
  init?(_ first: UInt8, _ second: UInt8) {
    switch (first, second) {
    case (0x2F, 0x2F): self = .floorDivide
    case (0x2A, 0x2A): self = .power
    case (0x3D, 0x3D): self = .equal
    case (0x21, 0x3D): self = .notEqual
    case (0x3E, 0x3D): self = .greaterEqual
    case (0x3C, 0x3D): self = .lessEqual
    default: return nil
    }
  }

  init?(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "+"): self = .add
    case UInt8(ascii: "-"): self = .subtract
    case UInt8(ascii: "/"): self = .divide
    case UInt8(ascii: "*"): self = .multiply
    case UInt8(ascii: "%"): self = .modulo
    case UInt8(ascii: "~"): self = .tilde
    case UInt8(ascii: "["): self = .leftBracket
    case UInt8(ascii: "]"): self = .rightBracket
    case UInt8(ascii: "("): self = .leftParenthesis
    case UInt8(ascii: ")"): self = .rightParenthesis
    case UInt8(ascii: "{"): self = .leftBrace
    case UInt8(ascii: "}"): self = .rightBrace
    case UInt8(ascii: ">"): self = .greater
    case UInt8(ascii: "<"): self = .less
    case UInt8(ascii: "="): self = .assign
    case UInt8(ascii: "."): self = .dot
    case UInt8(ascii: ":"): self = .colon
    case UInt8(ascii: "|"): self = .pipe
    case UInt8(ascii: ","): self = .comma
    case UInt8(ascii: ";"): self = .semicolon
    default: return nil
    }
  }
}
