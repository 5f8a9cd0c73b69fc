// SPDX-License-Identifier: Apache-2.0

/// Turns statements into a ``Program``, resolving every variable to a slot.
struct Compiler {
  let builder: ProgramBuilder
  var hasBlocks = false
  /// Inside of an output that is constant as a whole.
  var isInConstantOutput = false
  private var blockNames: Set<String> = []

  static func compile(source: [UInt8], name: String) throws(PlacedFailure) -> Program {
    let statements = try Parser.parse(source)
    let arena = Arena()
    return try arena.use { () throws(PlacedFailure) in
      var compiler = Compiler(builder: ProgramBuilder(source: source, name: name))
      return try compiler.compileRoot(statements, arena)
    }
  }

  private init(builder: ProgramBuilder) {
    self.builder = builder
  }

  private mutating func compileRoot(
    _ statements: [Statement], _ arena: Arena
  ) throws(PlacedFailure) -> Program {
    hasBlocks = Self.containsBlock(statements)
    let function = builder.function(parent: nil)
    let symbols = Symbols(function, parent: nil)
    var selfSlot: Int32 = -1
    if !UndeclaredNames.find(["self"], in: statements).isEmpty {
      selfSlot = symbols.declareParameter("self").index
    }
    symbols.analyze(statements)
    let frame = CompilationFrame(symbols: symbols, isTopLevel: true)
    let loads = self.loads(symbols)
    let body = try sequence(statements, frame)
    return Program(
      builder, body: body, loads: loads, slotCount: Int(function.count), selfSlot: selfSlot,
      arena: arena)
  }

  private static func containsBlock(_ statements: [Statement]) -> Bool {
    statements.contains { statement in
      if case .block = statement.form { return true }
      return statement.bodies.contains { containsBlock($0) }
    }
  }

  // MARK: Statements

  mutating func sequence(
    _ statements: [Statement], _ frame: CompilationFrame
  ) throws(PlacedFailure) -> Int32 {
    var children: [Int32] = []
    for statement in statements { children += try compile(statement, frame) }
    if children.count == 1 { return children[0] }
    let first = statements.first?.span ?? SourceSpan(0, 0)
    let start = builder.list(children)
    return builder.add(Node(operation: .sequence, a: start, b: Int32(children.count)), first)
  }

  private mutating func compile(
    _ statement: Statement, _ frame: CompilationFrame
  ) throws(PlacedFailure) -> [Int32] {
    let span = statement.span
    switch statement.form {
    case .text(let bytes): return [textNode(bytes, span)]
    case .output(let values):
      var nodes: [Int32] = []
      for value in values { nodes.append(try output(value, frame)) }
      return nodes
    case .assign(let target, let value):
      return [try assignment(target, value, span, frame)]
    case .assignBlock(let target, let filter, let body):
      return [try assignBlock(target, filter, body, span, frame)]
    case .loop(let loop): return [try compile(loop, span, frame)]
    case .branch(let branches, let otherwise):
      return [try branch(branches, otherwise, span, frame)]
    case .scope(let targets, let values, let body):
      return [try scope(targets, values, body, span, frame)]
    case .autoescape(let condition, let body):
      return [try autoescape(condition, body, span, frame)]
    case .macro(let name, let signature, let body):
      let target = target(AssignmentTarget(form: .name(name), span: span), frame)
      let macro = try self.macro(name, signature, body, span, frame, storedIn: target)
      return [add(macro, .macro, span)]
    case .callBlock(let signature, let call, let body):
      let macro = try self.macro(nil, signature, body, span, frame)
      let callNode = try expression(call, frame)
      builder.macros.append(macro)
      let node = Node(operation: .callBlock, a: Int32(builder.macros.count - 1), b: callNode)
      return [builder.add(node, span)]
    case .filterBlock(let filter, let body):
      return [try filterBlock(filter, body, span, frame)]
    case .generation(let body):
      let macro = try self.macro(nil, MacroSignature(), body, span, frame)
      return [add(macro, .generation, span)]
    case .block(let block): return [try compile(block, span, frame)]
    case .breakLoop, .continueLoop:
      guard frame.isInLoop else { throw PlacedFailure("this stands outside of a loop", span) }
      if case .breakLoop = statement.form {
        return [builder.add(Node(operation: .breakLoop), span)]
      }
      return [builder.add(Node(operation: .continueLoop), span)]
    case .load(let tag, let source, _, let ignoresMissing):
      let value = try expression(source, frame)
      let node = Node(
        operation: .load, flag: ignoresMissing ? 1 : 0, a: value, b: builder.nameIndex(tag))
      return [builder.add(node, span)]
    }
  }

  private func textNode(_ bytes: [UInt8], _ span: SourceSpan) -> Int32 {
    let origin = Origin(literal: builder.literal(span))
    let constant = builder.constant(.string(Text(bytes, origin: origin)))
    return builder.add(Node(operation: .text, a: constant), span)
  }

  private mutating func output(
    _ value: Expression, _ frame: CompilationFrame
  ) throws(PlacedFailure) -> Int32 {
    let literal = Int32(builder.literal(value.span))
    isInConstantOutput = value.isConstant
    defer { isInConstantOutput = false }
    if frame.escaping == .off {
      if case .literal(.string(let bytes)) = value.form { return textNode(bytes, value.span) }
      if case .binary(.add, _, _) = value.form {
        let operands = Self.operands(ofSum: value)
        var nodes: [Int32] = []
        for operand in operands { nodes.append(try expression(operand, frame)) }
        let node = Node(
          operation: .outputSum, a: builder.list(nodes), b: Int32(nodes.count), c: literal)
        return builder.add(node, value.span)
      }
      if case .concatenation(let operands) = value.form {
        var nodes: [Int32] = []
        for operand in operands { nodes.append(try expression(operand, frame)) }
        let node = Node(
          operation: .outputConcatenation, a: builder.list(nodes), b: Int32(nodes.count),
          c: literal)
        return builder.add(node, value.span)
      }
    }
    let flag: UInt8 =
      switch frame.escaping {
      case .off: 0
      case .on: 1
      case .dynamic: 2
      }
    let node = Node(operation: .output, flag: flag, a: try expression(value, frame), c: literal)
    return builder.add(node, value.span)
  }

  /// `a + b + c` as its parts: they are written one after the other while they are strings.
  private static func operands(ofSum expression: Expression) -> [Expression] {
    var operands: [Expression] = []
    var rest = expression
    while case .binary(.add, let left, let right) = rest.form {
      operands.append(right)
      rest = left
    }
    operands.append(rest)
    return operands.reversed()
  }

  private mutating func assignment(
    _ target: AssignmentTarget, _ value: Expression, _ span: SourceSpan, _ frame: CompilationFrame
  ) throws(PlacedFailure) -> Int32 {
    let valueNode = try expression(value, frame)
    let store = self.target(target, frame)
    if case .slot(let slot, let exported) = store, exported < 0 {
      return builder.add(Node(operation: .assignLocal, a: slot, b: valueNode), span)
    }
    return builder.add(Node(operation: .assign, a: addTarget(store), b: valueNode), target.span)
  }

  private mutating func assignBlock(
    _ target: AssignmentTarget, _ filter: Expression?, _ body: [Statement], _ span: SourceSpan,
    _ frame: CompilationFrame
  ) throws(PlacedFailure) -> Int32 {
    let symbols = Symbols(frame.function, parent: frame.symbols)
    symbols.analyze(body)
    if let filter { symbols.analyze(filter) }
    let inner = frame.inner(symbols)
    let scope = ProgramScope(
      loads: loads(symbols), cleared: cleared(symbols), targets: [self.target(target, frame)],
      values: [], body: try sequence(body, inner),
      filter: try filter.map { f throws(PlacedFailure) in try expression(f, inner) } ?? -1)
    return add(scope, .assignBlock, span)
  }

  private func add(
    _ scope: ProgramScope, _ operation: Node.Operation, _ span: SourceSpan, flag: UInt8 = 0,
    b: Int32 = 0
  ) -> Int32 {
    builder.scopes.append(scope)
    let node = Node(
      operation: operation, flag: flag, a: Int32(builder.scopes.count - 1), b: b)
    return builder.add(node, span)
  }

  private func add(
    _ macro: ProgramMacro, _ operation: Node.Operation, _ span: SourceSpan
  ) -> Int32 {
    builder.macros.append(macro)
    return builder.add(Node(operation: operation, a: Int32(builder.macros.count - 1)), span)
  }

  private mutating func branch(
    _ branches: [(test: Expression, body: [Statement])], _ otherwise: [Statement],
    _ span: SourceSpan, _ frame: CompilationFrame
  ) throws(PlacedFailure) -> Int32 {
    let frame = frame.soft()
    var children: [Int32] = []
    for branch in branches {
      children.append(try expression(branch.test, frame))
      children.append(try sequence(branch.body, frame))
    }
    let last = otherwise.isEmpty ? -1 : try sequence(otherwise, frame)
    let start = builder.list(children)
    return builder.add(
      Node(operation: .branch, a: start, b: Int32(branches.count), c: last), span)
  }

  private mutating func scope(
    _ targets: [AssignmentTarget], _ values: [Expression], _ body: [Statement],
    _ span: SourceSpan, _ frame: CompilationFrame
  ) throws(PlacedFailure) -> Int32 {
    let symbols = Symbols(frame.function, parent: frame.symbols)
    for target in targets { symbols.analyze(target, asParameter: true) }
    symbols.analyze(body)
    let inner = frame.inner(symbols)
    var nodes: [Int32] = []
    for value in values { nodes.append(try expression(value, frame)) }
    let scope = ProgramScope(
      loads: loads(symbols), cleared: cleared(symbols), targets: targets.map { target($0, inner) },
      values: nodes, body: try sequence(body, inner), filter: -1)
    return add(scope, .scope, span)
  }

  private mutating func autoescape(
    _ condition: Expression, _ body: [Statement], _ span: SourceSpan, _ frame: CompilationFrame
  ) throws(PlacedFailure) -> Int32 {
    let symbols = Symbols(frame.function, parent: frame.symbols)
    symbols.analyze(condition)
    symbols.analyze(body)
    var inner = frame.inner(symbols)
    let value = try expression(condition, inner)
    if case .literal(let literal) = condition.form {
      inner.escaping = literal.isTrue ? .on : .off
    } else {
      inner.escaping = .dynamic
    }
    let scope = ProgramScope(
      loads: loads(symbols), cleared: cleared(symbols), targets: [], values: [value],
      body: try sequence(body, inner), filter: -1)
    return add(scope, .autoescape, span)
  }

  private mutating func filterBlock(
    _ filter: Expression, _ body: [Statement], _ span: SourceSpan, _ frame: CompilationFrame
  ) throws(PlacedFailure) -> Int32 {
    let symbols = Symbols(frame.function, parent: frame.symbols)
    symbols.analyze(body)
    symbols.analyze(filter)
    let inner = frame.inner(symbols)
    let scope = ProgramScope(
      loads: loads(symbols), cleared: cleared(symbols), targets: [], values: [],
      body: try sequence(body, inner), filter: try expression(filter, inner))
    let flag: UInt8 = frame.escaping == .off ? 0 : frame.escaping == .on ? 1 : 2
    return add(scope, .filterBlock, span, flag: flag, b: Int32(builder.literal(filter.span)))
  }

  private mutating func compile(
    _ loop: Statement.Loop, _ span: SourceSpan, _ frame: CompilationFrame
  ) throws(PlacedFailure) -> Int32 {
    if let place = Statement.placeOfStore(to: "loop", in: loop) {
      throw PlacedFailure(
        "cannot assign to 'loop' inside of a for loop", place, kind: .assertion)
    }
    let function = loop.isRecursive ? builder.function(parent: frame.function) : frame.function
    let symbols = Symbols(function, parent: frame.symbols)
    let isExtended =
      loop.isRecursive || !UndeclaredNames.find(["loop"], in: loop.body).isEmpty
    let loopSlot = isExtended ? symbols.declareParameter("loop").index : -1
    symbols.analyze(loop.target, asParameter: true)
    symbols.analyze(loop.body)
    let otherwiseSymbols = Symbols(function, parent: frame.symbols)
    otherwiseSymbols.analyze(loop.otherwise)
    let filterSymbols = Symbols(function, parent: frame.symbols, variant: " filter")
    filterSymbols.analyze(loop.target, asParameter: true)
    if let filter = loop.filter { filterSymbols.analyze(filter) }

    var inner = frame.inner(symbols)
    inner.isInLoop = true
    var outerOfOtherwise = frame.inner(otherwiseSymbols)
    outerOfOtherwise.isInLoop = loop.isRecursive ? false : frame.isInLoop
    let filterFrame = frame.inner(filterSymbols)
    let iterable = try expression(loop.iterable, frame)
    let filter =
      try loop.filter.map { f throws(PlacedFailure) in try expression(f, filterFrame) } ?? -1
    let compiled = ProgramLoop(
      target: target(loop.target, inner), iterable: iterable, filter: filter,
      filterTarget: loop.filter == nil ? nil : target(loop.target, filterFrame),
      filterLoads: loads(filterSymbols), loads: loads(symbols),
      otherwiseLoads: loads(otherwiseSymbols), cleared: cleared(symbols),
      body: try sequence(loop.body, inner),
      otherwise: loop.otherwise.isEmpty ? -1 : try sequence(loop.otherwise, outerOfOtherwise),
      loopSlot: loopSlot, isRecursive: loop.isRecursive,
      slotCount: loop.isRecursive ? function.count : 0, description: loop.target.words,
      span: span.joined(to: loop.iterable.span))
    builder.loops.append(compiled)
    return builder.add(Node(operation: .loop, a: Int32(builder.loops.count - 1)), span)
  }

  private mutating func macro(
    _ name: String?, _ signature: MacroSignature, _ body: [Statement], _ span: SourceSpan,
    _ frame: CompilationFrame, storedIn target: StoreTarget? = nil
  ) throws(PlacedFailure) -> ProgramMacro {
    let function = builder.function(parent: frame.function)
    let symbols = Symbols(function, parent: frame.symbols)
    let parameters = signature.names.map { symbols.declareParameter($0).index }
    for value in signature.defaults { symbols.analyze(value) }
    symbols.analyze(body)
    let undeclared = UndeclaredNames.find(["caller", "kwargs", "varargs"], in: body)
    func special(_ name: String) -> Int32 {
      guard undeclared.contains(name), !signature.names.contains(name) else { return -1 }
      return symbols.declareParameter(name).index
    }
    if undeclared.contains("caller"), let place = signature.names.firstIndex(of: "caller"),
      place < signature.names.count - signature.defaults.count
    {
      throw PlacedFailure(
        "the parameter 'caller' must be left out or have a default", span, kind: .assertion)
    }
    let caller = special("caller")
    let keywords = special("kwargs")
    let positionals = special("varargs")
    var inner = frame.inner(symbols)
    inner.isInLoop = false
    var defaults: [Int32] = []
    for value in signature.defaults { defaults.append(try expression(value, inner)) }
    let compiled = try sequence(body, inner)
    return ProgramMacro(
      name: name, parameters: signature.names, parameterSlots: parameters, defaults: defaults,
      callerSlot: caller, keywordsSlot: keywords, positionalsSlot: positionals,
      loads: loads(symbols), slotCount: function.count, body: compiled, target: target, span: span)
  }

  private mutating func compile(
    _ block: Statement.Block, _ span: SourceSpan, _ frame: CompilationFrame
  ) throws(PlacedFailure) -> Int32 {
    guard blockNames.insert(block.name).inserted else {
      throw PlacedFailure("block '\(block.name)' is defined twice", span, kind: .assertion)
    }
    var visible: [Int32] = []
    if block.isScoped {
      var symbols: Symbols? = frame.symbols
      while let current = symbols {
        for name in current.stores.sorted() {
          visible += [builder.nameIndex(name), variable(name, span, frame)]
        }
        symbols = current.parent
      }
    }
    let function = builder.function(parent: nil)
    let symbols = Symbols(function, parent: nil)
    let special = UndeclaredNames.find(["self", "super"], in: block.body)
    let selfSlot = special.contains("self") ? symbols.declareParameter("self").index : -1
    let superSlot = special.contains("super") ? symbols.declareParameter("super").index : -1
    symbols.analyze(block.body)
    var inner = CompilationFrame(symbols: symbols, escaping: frame.escaping)
    inner.isInLoop = false
    let body = try sequence(block.body, inner)
    builder.blocks.append(
      ProgramBlock(
        name: block.name, loads: loads(symbols), selfSlot: selfSlot, superSlot: superSlot,
        slotCount: function.count, body: body))
    let node = Node(
      operation: .block, flag: block.isRequired ? 1 : 0, a: Int32(builder.blocks.count - 1),
      b: builder.list(visible), c: Int32(visible.count))
    return builder.add(node, span)
  }
}
