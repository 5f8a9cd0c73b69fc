// SPDX-License-Identifier: Apache-2.0

/// What a template uses, found in its syntax without running it.
public struct JinjaFeatures: Sendable {
  /// Attributes and string keys that are read from elements of `messages`, sorted.
  public internal(set) var messageAttributes: Set<String> = []
  /// Filters by name.
  public internal(set) var filters: Set<String> = []
  /// Tests by name.
  public internal(set) var tests: Set<String> = []
  /// Names that are called as methods, such as `split`.
  public internal(set) var methods: Set<String> = []
  /// Names that are called as functions and are no macros of the template.
  public internal(set) var functions: Set<String> = []
  /// The macros that the template defines.
  public internal(set) var macros: Set<String> = []
  /// The literal arguments of `raise_exception`.
  public internal(set) var raisedMessages: [String] = []
  /// Every string of the source: text outside of tags and string literals, in order.
  public internal(set) var literals: [String] = []
  /// Whether there is a `{% generation %}` block.
  public internal(set) var hasGenerationBlock = false
}

extension JinjaTemplate {
  /// The variables that the template reads from its context, sorted; functions of the engine are
  /// left out.
  ///
  /// As `jinja2.meta.find_undeclared_variables` finds them.
  public var referencedVariables: [String] {
    var names: Set<Int32> = []
    func collect(_ loads: [FrameLoad]) {
      for load in loads { if case .context(let name) = load.source { names.insert(name) } }
    }
    collect(program.loads)
    for loop in program.loops {
      collect(loop.loads)
      collect(loop.filterLoads)
      collect(loop.otherwiseLoads)
    }
    for macro in program.macros { collect(macro.loads) }
    for scope in program.scopes { collect(scope.loads) }
    for block in program.blocks { collect(block.loads) }
    return names.map { program.names[Int($0)] }.filter { $0.global == nil }.map(\.string).sorted()
  }

  /// What the template uses.
  ///
  /// - Complexity: Parses the source again.
  public var features: JinjaFeatures {
    // The source was parsed when the template was made, so it parses.
    guard let statements = try? Parser.parse(program.source) else { return JinjaFeatures() }
    return FeatureFinder.find(in: statements)
  }
}

/// Walks a syntax tree, following which variables hold messages.
private struct FeatureFinder {
  private var features = JinjaFeatures()
  /// Variables that hold lists of messages, and those that hold one message.
  private var lists: Set<String> = ["messages"]
  private var elements: Set<String> = []

  static func find(in statements: [Statement]) -> JinjaFeatures {
    var finder = FeatureFinder()
    // Variables may be read above the place where they are set.
    var known = -1
    while finder.lists.count + finder.elements.count != known {
      known = finder.lists.count + finder.elements.count
      finder.trace(statements)
    }
    finder.visit(statements)
    finder.features.functions.subtract(finder.features.macros)
    return finder.features
  }

  // MARK: Which variables hold messages

  private mutating func trace(_ statements: [Statement]) {
    for statement in statements {
      switch statement.form {
      case .assign(let target, let value): trace(target, value)
      case .loop(let loop):
        if case .name(let name) = loop.target.form, isList(loop.iterable) { elements.insert(name) }
      default: break
      }
      for body in statement.bodies { trace(body) }
    }
  }

  private mutating func trace(_ target: AssignmentTarget, _ value: Expression) {
    switch (target.form, value.form) {
    case (.name(let name), _):
      if isList(value) { lists.insert(name) }
      if isElement(value) { elements.insert(name) }
    case (.attribute(let namespace, let name), _):
      if isList(value) { lists.insert("\(namespace).\(name)") }
      if isElement(value) { elements.insert("\(namespace).\(name)") }
    case (.tuple(let targets), .tuple(let values)):
      for (target, value) in zip(targets, values) { trace(target, value) }
    default: break
    }
  }

  private func isList(_ expression: Expression) -> Bool {
    switch expression.form {
    case .name(let name): return lists.contains(name)
    case .item(let subject, let key):
      if case .slice = key.form { return isList(subject) }
      return false
    case .filter(let subject?, let name, _):
      let passes = ["list", "reverse", "selectattr", "rejectattr", "select", "reject", "sort"]
      return passes.contains(name) && isList(subject)
    case .conditional(_, let value, let otherwise):
      return isList(value) || otherwise.map(isList) ?? false
    case .binary(.add, let left, let right): return isList(left) || isList(right)
    case .attribute(let subject, let name):
      guard case .name(let namespace) = subject.form else { return false }
      return lists.contains("\(namespace).\(name)")
    default: return false
    }
  }

  private func isElement(_ expression: Expression) -> Bool {
    switch expression.form {
    case .name(let name): return elements.contains(name)
    case .item(let subject, let key):
      if case .slice = key.form { return false }
      return isList(subject)
    case .filter(let subject?, let name, _):
      return (name == "first" || name == "last") && isList(subject)
    case .attribute(let subject, let name):
      guard case .name(let variable) = subject.form else { return false }
      return elements.contains("\(variable).\(name)")
        || variable == "loop" && (name == "previtem" || name == "nextitem")
    default: return false
    }
  }

  // MARK: What is used

  private mutating func visit(_ statements: [Statement]) {
    for statement in statements {
      for expression in statement.expressions { visit(expression) }
      switch statement.form {
      case .text(let bytes): features.literals.append(String(decoding: bytes, as: UTF8.self))
      case .macro(let name, _, _): features.macros.insert(name)
      case .generation: features.hasGenerationBlock = true
      default: break
      }
      for body in statement.bodies { visit(body) }
    }
  }

  private mutating func visit(_ expression: Expression) {
    switch expression.form {
    case .literal(.string(let bytes)):
      features.literals.append(String(decoding: bytes, as: UTF8.self))
    case .attribute(let subject, let name):
      if isElement(subject) { features.messageAttributes.insert(name) }
    case .item(let subject, let key): noteRead(of: key, from: subject)
    case .comparison(let first, let others):
      for (comparison, container) in others
      where comparison == .contained || comparison == .notContained {
        noteRead(of: first, from: container)
      }
    case .filter(_, let name, _): features.filters.insert(name)
    case .test(_, let name, _): features.tests.insert(name)
    case .call(let callee, let arguments): noteCall(of: callee, arguments)
    default: break
    }
    var children: [Expression] = []
    expression.forEachChild { children.append($0) }
    for child in children { visit(child) }
  }

  private mutating func noteRead(of key: Expression, from subject: Expression) {
    guard isElement(subject), case .literal(.string(let bytes)) = key.form else { return }
    features.messageAttributes.insert(String(decoding: bytes, as: UTF8.self))
  }

  private mutating func noteCall(of callee: Expression, _ arguments: CallArguments) {
    switch callee.form {
    case .attribute(let subject, let name):
      features.methods.insert(name)
      if name == "get", let key = arguments.positional.first { noteRead(of: key, from: subject) }
    case .name(let name):
      features.functions.insert(name)
      if name == "raise_exception",
        case .literal(.string(let bytes))? = arguments.positional.first?.form
      {
        features.raisedMessages.append(String(decoding: bytes, as: UTF8.self))
      }
    default: break
    }
  }
}

extension Statement {
  /// The expressions of the statement itself, without those of its bodies.
  fileprivate var expressions: [Expression] {
    switch form {
    case .output(let values): values
    case .assign(_, let value): [value]
    case .assignBlock(_, let filter, _): filter.map { [$0] } ?? []
    case .loop(let loop): [loop.iterable] + (loop.filter.map { [$0] } ?? [])
    case .branch(let branches, _): branches.map(\.test)
    case .scope(_, let values, _): values
    case .autoescape(let condition, _): [condition]
    case .macro(_, let signature, _): signature.defaults
    case .callBlock(let signature, let call, _): signature.defaults + [call]
    case .filterBlock(let filter, _): [filter]
    case .load(_, let source, _, _): [source]
    default: []
    }
  }
}
