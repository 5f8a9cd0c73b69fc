// SPDX-License-Identifier: Apache-2.0

/// A literal of the source.
enum Literal: Sendable {
  case none
  case bool(Bool)
  case integer(BigInteger)
  case float(Double)
  case string([UInt8])
}

enum BinaryOperator: UInt8, Sendable {
  case add, subtract, multiply, divide, floorDivide, modulo, power

  var symbol: String {
    switch self {
    case .add: "+"
    case .subtract: "-"
    case .multiply: "*"
    case .divide: "/"
    case .floorDivide: "//"
    case .modulo: "%"
    case .power: "** or pow()"
    }
  }
}

enum ComparisonOperator: UInt8, Sendable {
  case equal, notEqual, less, lessEqual, greater, greaterEqual, contained, notContained

  var symbol: String {
    switch self {
    case .equal: "=="
    case .notEqual: "!="
    case .less: "<"
    case .lessEqual: "<="
    case .greater: ">"
    case .greaterEqual: ">="
    case .contained: "in"
    case .notContained: "not in"
    }
  }
}

/// The arguments of a call, a filter or a test.
struct CallArguments: Sendable {
  var positional: [Expression] = []
  var keywords: [(name: String, value: Expression)] = []
  var unpackedList: Expression?
  var unpackedMapping: Expression?

  var isEmpty: Bool {
    positional.isEmpty && keywords.isEmpty && unpackedList == nil && unpackedMapping == nil
  }
}

/// An expression with the place it was read at.
struct Expression: Sendable {
  indirect enum Form: Sendable {
    case literal(Literal)
    case name(String)
    case tuple([Expression])
    case list([Expression])
    case mapping([(key: Expression, value: Expression)])
    case conditional(test: Expression, value: Expression, otherwise: Expression?)
    case or(Expression, Expression)
    case and(Expression, Expression)
    case not(Expression)
    case comparison(Expression, [(ComparisonOperator, Expression)])
    case binary(BinaryOperator, Expression, Expression)
    case concatenation([Expression])
    case negative(Expression)
    case positive(Expression)
    case attribute(Expression, String)
    case item(Expression, Expression)
    case slice(start: Expression?, stop: Expression?, step: Expression?)
    case call(Expression, CallArguments)
    /// The subject is nil in filter blocks.
    case filter(Expression?, String, CallArguments)
    case test(Expression, String, CallArguments)
    /// `name.attribute` as the target of an assignment.
    case namespaceReference(String, String)
  }

  var form: Form
  var span: SourceSpan
  /// Levels of expressions below this one, plus one.
  var depth: Int

  init(_ form: Form, _ span: SourceSpan, depth: Int) {
    self.form = form
    self.span = span
    self.depth = depth
  }
}

/// What can be assigned to.
struct AssignmentTarget: Sendable {
  indirect enum Form: Sendable {
    case name(String)
    case attribute(namespace: String, name: String)
    case tuple([AssignmentTarget])
  }

  var form: Form
  var span: SourceSpan
}

/// The parameters of a macro or a call block.
struct MacroSignature: Sendable {
  var names: [String] = []
  /// The defaults of the last parameters.
  var defaults: [Expression] = []
}

/// A statement with the place of its tag.
struct Statement: Sendable {
  indirect enum Form: Sendable {
    case text([UInt8])
    case output([Expression])
    case assign(AssignmentTarget, Expression)
    case assignBlock(AssignmentTarget, filter: Expression?, body: [Statement])
    case loop(Loop)
    case branch([(test: Expression, body: [Statement])], otherwise: [Statement])
    case scope(targets: [AssignmentTarget], values: [Expression], body: [Statement])
    case autoescape(Expression, body: [Statement])
    case macro(name: String, MacroSignature, body: [Statement])
    case callBlock(MacroSignature, call: Expression, body: [Statement])
    case filterBlock(Expression, body: [Statement])
    case generation(body: [Statement])
    case block(Block)
    case breakLoop
    case continueLoop
    /// `include`, `import`, `from` and `extends`, which have no loader here.
    case load(tag: String, source: Expression, targets: [String], ignoresMissing: Bool)
  }

  struct Loop: Sendable {
    var target: AssignmentTarget
    var iterable: Expression
    var filter: Expression?
    var isRecursive: Bool
    var body: [Statement]
    var otherwise: [Statement]
  }

  struct Block: Sendable {
    var name: String
    var isScoped: Bool
    var isRequired: Bool
    var body: [Statement]
  }

  var form: Form
  var span: SourceSpan
}
