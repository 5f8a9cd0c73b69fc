// SPDX-License-Identifier: Apache-2.0

/// A place for a variable: a slot of one of the functions that a template is made of.
struct Slot: Hashable {
  let function: Int
  let index: Int32
}

/// A macro, a block, a recursive loop or the template itself: what has variables of its own.
final class FunctionScope {
  let identifier: Int
  let parent: FunctionScope?
  private(set) var slots: [String: Int32] = [:]

  init(_ identifier: Int, parent: FunctionScope?) {
    self.identifier = identifier
    self.parent = parent
  }

  var count: Int32 { Int32(slots.count) }

  func slot(_ key: String) -> Slot {
    let next = count
    let index = slots[key, default: next]
    slots[key] = index
    return Slot(function: identifier, index: index)
  }

  /// How many functions out another one is.
  func hops(to function: Int) -> Int32 {
    var hops: Int32 = 0
    var scope: FunctionScope? = self
    while let current = scope, current.identifier != function {
      hops += 1
      scope = current.parent
    }
    return hops
  }
}

/// The variables of one frame, found before code is made, after `jinja2.idtracking`.
///
/// A frame is the template, a macro, a loop's body, a `with`; an `if` has none. What a frame
/// assigns is its own: the outer variable of that name is copied when the frame is entered.
final class Symbols {
  enum Load {
    case parameter
    case resolve(String)
    case alias(Slot)
    case undefined
  }

  let function: FunctionScope
  let parent: Symbols?
  let level: Int
  /// Keeps the slots of a loop's filter apart from those of its body.
  let variant: String
  private(set) var references: [String: Slot] = [:]
  private(set) var order: [Slot] = []
  private(set) var loads: [Slot: Load] = [:]
  private(set) var stores: Set<String> = []

  init(_ function: FunctionScope, parent: Symbols?, variant: String = "") {
    self.function = function
    self.parent = parent
    self.variant = variant
    level = (parent?.level ?? -1) + 1
  }

  private init(copying other: Symbols) {
    function = other.function
    parent = other.parent
    level = other.level
    variant = other.variant
    references = other.references
    order = other.order
    loads = other.loads
    stores = other.stores
  }

  func copy() -> Symbols { Symbols(copying: self) }

  func find(_ name: String) -> Slot? {
    references[name] ?? parent?.find(name)
  }

  private func setLoad(_ slot: Slot, _ load: Load) {
    if loads.updateValue(load, forKey: slot) == nil { order.append(slot) }
  }

  @discardableResult
  private func define(_ name: String, _ load: Load) -> Slot {
    let slot = function.slot("\(level)\(variant) \(name)")
    references[name] = slot
    setLoad(slot, load)
    return slot
  }

  @discardableResult
  func declareParameter(_ name: String) -> Slot {
    stores.insert(name)
    return define(name, .parameter)
  }

  func store(_ name: String) {
    stores.insert(name)
    guard references[name] == nil else { return }
    if let outer = parent?.find(name) {
      define(name, .alias(outer))
    } else {
      define(name, .undefined)
    }
  }

  func load(_ name: String) {
    if find(name) == nil { define(name, .resolve(name)) }
  }

  /// Joins what the branches of an `if` did.
  func merge(_ branches: [Symbols]) {
    var added: Set<String> = []
    for branch in branches { added.formUnion(branch.stores) }
    added.subtract(stores)
    for branch in branches {
      references.merge(branch.references) { $1 }
      for slot in branch.order { if let load = branch.loads[slot] { setLoad(slot, load) } }
      stores.formUnion(branch.stores)
    }
    for name in added.sorted() {
      guard let slot = find(name) else { continue }
      if let outer = parent?.find(name) {
        setLoad(slot, .alias(outer))
      } else {
        setLoad(slot, .resolve(name))
      }
    }
  }
}

// MARK: - Analysis

extension Symbols {
  /// What the statements of a frame load and store; inner frames are left out.
  func analyze(_ statements: [Statement]) {
    for statement in statements { analyze(statement) }
  }

  func analyze(_ statement: Statement) {
    switch statement.form {
    case .text, .loop(_), .branch, .breakLoop, .continueLoop, .autoescape, .block, .generation:
      analyzeControl(statement)
    case .output(let values): for value in values { analyze(value) }
    case .assign(let target, let value):
      analyze(value)
      analyze(target)
    case .assignBlock(let target, _, _): analyze(target)
    case .scope(_, let values, _): for value in values { analyze(value) }
    case .macro(let name, _, _): store(name)
    case .callBlock(_, let call, _): analyze(call)
    case .filterBlock(let filter, _): analyze(filter)
    case .load(_, let source, let targets, _):
      analyze(source)
      for target in targets { store(target) }
    }
  }

  private func analyzeControl(_ statement: Statement) {
    switch statement.form {
    case .loop(let loop): analyze(loop.iterable)
    case .branch(let branches, let otherwise): analyzeBranches(branches[...], otherwise)
    default: break
    }
  }

  /// In Jinja's tree each `elif` is an `if` of its own inside the list of `elif`s, all visited
  /// with one copy of the symbols.
  private func analyzeBranches(
    _ branches: ArraySlice<(test: Expression, body: [Statement])>, _ otherwise: [Statement]
  ) {
    guard let first = branches.first else { return }
    analyze(first.test)
    let body = copy()
    body.analyze(first.body)
    let alternatives = copy()
    for branch in branches.dropFirst() {
      alternatives.analyzeBranches([branch], [])
    }
    let last = copy()
    last.analyze(otherwise)
    merge([body, alternatives, last])
  }

  func analyze(_ target: AssignmentTarget, asParameter: Bool = false) {
    switch target.form {
    case .name(let name): if asParameter { declareParameter(name) } else { store(name) }
    case .attribute(let namespace, _): load(namespace)
    case .tuple(let items): for item in items { analyze(item, asParameter: asParameter) }
    }
  }

  func analyze(_ expression: Expression) {
    expression.forEachName { load($0) }
  }
}

extension Expression {
  /// Calls for every variable that is read.
  func forEachName(_ body: (String) -> Void) {
    if case .name(let name) = form { body(name) }
    if case .namespaceReference(let name, _) = form { body(name) }
    forEachChild { $0.forEachName(body) }
  }

  /// Calls for the expressions directly below, in Jinja's order of fields.
  func forEachChild(_ body: (Expression) -> Void) {
    switch form {
    case .literal, .name, .namespaceReference: break
    case .tuple(let items), .list(let items), .concatenation(let items): items.forEach(body)
    case .mapping(let members):
      for member in members {
        body(member.key)
        body(member.value)
      }
    case .conditional(let test, let value, let otherwise):
      body(test)
      body(value)
      if let otherwise { body(otherwise) }
    case .or(let left, let right), .and(let left, let right), .binary(_, let left, let right),
      .item(let left, let right):
      body(left)
      body(right)
    case .not(let operand), .negative(let operand), .positive(let operand),
      .attribute(let operand, _):
      body(operand)
    case .comparison(let first, let others):
      body(first)
      for other in others { body(other.1) }
    case .slice(let start, let stop, let step):
      for part in [start, stop, step] { if let part { body(part) } }
    case .call(let callee, let arguments):
      body(callee)
      arguments.forEach(body)
    case .filter(let subject, _, let arguments):
      if let subject { body(subject) }
      arguments.forEach(body)
    case .test(let subject, _, let arguments):
      body(subject)
      arguments.forEach(body)
    }
  }
}

extension CallArguments {
  func forEach(_ body: (Expression) -> Void) {
    positional.forEach(body)
    for keyword in keywords { body(keyword.value) }
    if let unpackedList { body(unpackedList) }
    if let unpackedMapping { body(unpackedMapping) }
  }
}

/// Names that statements read before they set them, after `jinja2.compiler.find_undeclared`.
struct UndeclaredNames {
  private var wanted: Set<String>
  private(set) var found: Set<String> = []

  static func find(_ names: Set<String>, in statements: [Statement]) -> Set<String> {
    var finder = UndeclaredNames(wanted: names)
    finder.visit(statements)
    return finder.found
  }

  private init(wanted: Set<String>) { self.wanted = wanted }

  private mutating func visit(_ expression: Expression?) {
    expression?.forEachName { if wanted.contains($0) { found.insert($0) } }
  }

  private mutating func visit(_ target: AssignmentTarget) {
    switch target.form {
    case .name(let name): wanted.remove(name)
    case .attribute: break
    case .tuple(let items): for item in items { visit(item) }
    }
  }

  private mutating func visit(_ signature: MacroSignature) {
    for name in signature.names { wanted.remove(name) }
    for value in signature.defaults { visit(value) }
  }

  private mutating func visit(_ statements: [Statement]) {
    for statement in statements { visit(statement) }
  }

  private mutating func visit(_ statement: Statement) {
    switch statement.form {
    case .text, .breakLoop, .continueLoop, .block: break
    case .output(let values): for value in values { visit(value) }
    case .assign(let target, let value):
      visit(target)
      visit(value)
    case .assignBlock(let target, let filter, let body):
      visit(target)
      visit(filter)
      visit(body)
    case .loop(let loop):
      visit(loop.target)
      visit(loop.iterable)
      visit(loop.body)
      visit(loop.otherwise)
      visit(loop.filter)
    case .branch(let branches, let otherwise):
      visit(branches.first?.test)
      visit(branches.first?.body ?? [])
      for branch in branches.dropFirst() {
        visit(branch.test)
        visit(branch.body)
      }
      visit(otherwise)
    case .scope(let targets, let values, let body):
      for target in targets { visit(target) }
      for value in values { visit(value) }
      visit(body)
    case .autoescape(let condition, let body):
      visit(condition)
      visit(body)
    case .macro(_, let signature, let body):
      visit(signature)
      visit(body)
    case .callBlock(let signature, let call, let body):
      visit(call)
      visit(signature)
      visit(body)
    case .filterBlock(let filter, let body):
      visit(body)
      visit(filter)
    case .generation(let body): visit(body)
    case .load(_, let source, _, _): visit(source)
    }
  }
}
