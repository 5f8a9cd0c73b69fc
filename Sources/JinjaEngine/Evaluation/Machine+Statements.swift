// SPDX-License-Identifier: Apache-2.0

import TextPrimitives

extension Machine {
  mutating func execute(_ index: Int32) throws(JinjaError) -> Flow {
    let node = program.nodes[Int(index)]
    switch node.operation {
    case .sequence:
      try spend()
      for place in node.a..<(node.a + node.b) {
        let flow = try execute(program.lists[Int(place)])
        if flow != .normal { return flow }
      }
    case .text:
      if case .string(let text) = program.constants[Int(node.a)] {
        if generation == 0 {
          output.append(text)
        } else {
          output.append(text, generation: generation)
        }
      }
    case .output: try executeOutput(node)
    case .outputSum: try executeOutputSum(node, index)
    case .outputConcatenation:
      for place in node.a..<(node.a + node.b) {
        try emit(try evaluate(program.lists[Int(place)]), literal: node.c)
      }
    case .assignLocal:
      let value = try evaluate(node.b)
      activation[node.a] = value
    case .assign: try executeAssignment(node, index)
    case .branch: return try executeBranch(node)
    case .loop: try executeLoop(node, index)
    case .breakLoop: return .breaks
    case .continueLoop: return .continues
    case .macro:
      let definition = program.macros[Int(node.a)]
      let macro = MacroObject(node.a, definition, activation)
      if let target = definition.target { try store(.object(macro), to: target) }
    case .assignBlock, .scope, .autoescape, .filterBlock: return try executeScope(node, index)
    case .generation: try executeGeneration(node)
    case .callBlock: try executeCallBlock(node, index)
    case .block: try executeBlock(node, index)
    case .load: try executeLoad(node, index)
    default: try emit(try evaluate(index), literal: 0)
    }
    return .normal
  }

  private mutating func executeOutput(_ node: Node) throws(JinjaError) {
    let value = try evaluate(node.a)
    if node.flag == 1 || node.flag == 2 && autoescape {
      try emit(try Escaping.escape(value), literal: node.c)
    } else {
      try emit(value, literal: node.c)
    }
  }

  /// Writes the parts of `a + b + c` one by one while all are plain strings.
  ///
  /// The first that is not turns what was written back into a value.
  private mutating func executeOutputSum(_ node: Node, _ index: Int32) throws(JinjaError) {
    let start = output.count
    var place = node.a
    let end = node.a + node.b
    let generation = self.generation
    var sum: Value?
    while place < end {
      let value = try evaluate(program.lists[Int(place)])
      place += 1
      if case .string(let text) = value {
        try emit(text, literal: node.c)
        continue
      }
      position = index
      if place == node.a + 1 {
        sum = value
      } else {
        let left = output.copy(from: start)
        output.removeAll(from: start)
        sum = try add(.string(left), value)
      }
      break
    }
    guard var sum else { return }
    while place < end {
      let value = try evaluate(program.lists[Int(place)])
      position = index
      sum = try add(sum, value)
      place += 1
    }
    self.generation = generation
    try emit(sum, literal: node.c)
  }

  private mutating func executeAssignment(_ node: Node, _ index: Int32) throws(JinjaError) {
    let target = program.targets[Int(node.a)]
    try checkNamespaces(target, index)
    let value = try evaluate(node.b)
    position = index
    try store(value, to: target)
  }

  /// Jinja refuses assignments to other things than namespaces before it evaluates the value.
  private mutating func checkNamespaces(
    _ target: StoreTarget, _ index: Int32
  ) throws(JinjaError) {
    switch target {
    case .slot: break
    case .attribute(let namespace, _):
      let value = try evaluate(namespace)
      position = index
      if case .object(let object) = value, object.target is NamespaceObject { return }
      throw JinjaError(
        .runtime, "cannot assign attribute on non-namespace object",
        hint: "make it with namespace(…)")
    case .tuple(let items): for item in items { try checkNamespaces(item, index) }
    }
  }

  private mutating func executeBranch(_ node: Node) throws(JinjaError) -> Flow {
    var place = Int(node.a)
    for _ in 0..<node.b {
      if try isTrue(program.lists[place]) { return try execute(program.lists[place + 1]) }
      place += 2
    }
    return node.c >= 0 ? try execute(node.c) : .normal
  }

  private mutating func executeScope(_ node: Node, _ index: Int32) throws(JinjaError) -> Flow {
    let scope = program.scopes[Int(node.a)]
    var flow = Flow.normal
    switch node.operation {
    case .scope:
      var values: [Value] = []
      for value in scope.values { values.append(try evaluate(value)) }
      enter(scope.loads)
      for (target, value) in zip(scope.targets, values) { try store(value, to: target) }
      flow = try execute(scope.body)
    case .autoescape:
      enter(scope.loads)
      let outer = autoescape
      autoescape = try evaluate(scope.values[0]).isTrue
      flow = try execute(scope.body)
      autoescape = outer
    case .assignBlock:
      enter(scope.loads)
      let (text, _) = try capture(scope.body)
      var value: Value = .string(text)
      if scope.filter >= 0 {
        captured = text
        value = try evaluate(scope.filter)
      }
      if autoescape { value = try Escaping.markup(value) }
      position = index
      for target in scope.targets { try store(value, to: target) }
    default:
      enter(scope.loads)
      let (text, _) = try capture(scope.body)
      captured = text
      let value = try evaluate(scope.filter)
      let escapes = node.flag == 1 || node.flag == 2 && autoescape
      try emit(escapes ? try Escaping.escape(value) : value, literal: node.b)
    }
    for slot in scope.cleared { activation[slot] = .missing }
    return flow
  }

  private mutating func executeGeneration(_ node: Node) throws(JinjaError) {
    let definition = program.macros[Int(node.a)]
    let outer = activation
    let outerGeneration = generation
    activation = Activation(count: Int(definition.slotCount), parent: outer)
    generationParents.append(outerGeneration)
    generation = Int32(generationParents.count)
    let start = output.count
    enter(definition.loads)
    _ = try execute(definition.body)
    if output.count == start, captureDepth == 0 {
      emptyGenerations.append((generation, start))
    }
    generationOrder.append(generation)
    generation = outerGeneration
    activation = outer
  }

  private mutating func executeCallBlock(_ node: Node, _ index: Int32) throws(JinjaError) {
    let caller = MacroObject(node.a, program.macros[Int(node.a)], activation)
    let value = try evaluateCall(node.b, caller: .object(caller))
    try emit(autoescape ? try Escaping.escape(value) : value, literal: 0)
  }

  private mutating func executeLoad(_ node: Node, _ index: Int32) throws(JinjaError) {
    let value = try evaluate(node.a)
    position = index
    let tag = program.names[Int(node.b)].string
    if case .undefined(let undefined) = value { throw undefined.error }
    throw JinjaError(
      .loader, "there is no loader for this environment",
      hint: "'\(tag)' cannot be used in chat templates")
  }

  // MARK: Blocks

  private mutating func executeBlock(_ node: Node, _ index: Int32) throws(JinjaError) {
    position = index
    if node.flag == 1 {
      throw JinjaError(
        .runtime, "required block '\(program.blocks[Int(node.a)].name)' not found")
    }
    var visible: [Int32: Value] = [:]
    var place = Int(node.b)
    while place < Int(node.b + node.c) {
      let name = program.lists[place]
      let value = try evaluate(program.lists[place + 1])
      if visible[name] == nil, !value.isUndefined { visible[name] = value }
      place += 2
    }
    try runBlock(Int(node.a), visible)
  }

  private mutating func runBlock(_ index: Int, _ visible: [Int32: Value]) throws(JinjaError) {
    let block = program.blocks[index]
    try enter()
    let outer = activation
    activation = Activation(count: Int(block.slotCount), parent: nil)
    blockVariables.append(visible)
    if block.selfSlot >= 0 {
      activation[block.selfSlot] = .object(TemplateReference())
    }
    if block.superSlot >= 0 {
      activation[block.superSlot] = .undefined(
        hint: "there is no parent block called '\(block.name)'.")
    }
    enter(block.loads)
    _ = try execute(block.body)
    blockVariables.removeLast()
    activation = outer
    depth -= 1
  }

  mutating func renderBlock(_ index: Int) throws(JinjaError) -> Value {
    var outer = TextBuilder()
    swap(&outer, &output)
    captureDepth += 1
    try runBlock(index, [:])
    captureDepth -= 1
    swap(&outer, &output)
    return autoescape ? .markup(outer.text) : .string(outer.text)
  }
}

extension Text {
  /// The pieces of a slice, for a storage of its own.
  var relativePieces: [RawPiece] {
    var pieces: [RawPiece] = []
    forEachPiece { _, to, piece in
      var piece = piece
      piece.end = Int32(truncatingIfNeeded: to) - start
      pieces.append(piece)
    }
    return pieces
  }
}
