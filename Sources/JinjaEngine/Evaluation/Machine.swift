// SPDX-License-Identifier: Apache-2.0

import Glibc
import OrderedJSON
import TextPrimitives

/// One render: runs a ``Program`` over the variables of a context.
///
/// A struct whose methods are mutating, so that the compiler proves exclusive access to its state
/// instead of checking it while it runs.
struct Machine {
  let program: Program
  let options: JinjaOptions
  /// The variables of the context by their names' numbers in the program; missing where not set.
  private let variables: ArenaBuffer<Value>
  let tree: OriginTree
  var activation: Activation
  var output: TextBuilder
  /// The innermost running node that can fail, for errors.
  var position: Int32 = 0
  /// The running `generation` block; zero outside of any.
  var generation: Int32 = 0
  var generationParents = ArenaArray<Int32>()
  var generationOrder = ArenaArray<Int32>()
  var emptyGenerations = ArenaArray<(generation: Int32, offset: Int)>()
  var captureDepth = 0
  /// Where loops over the traced variable begin and end with an element; -1 is none.
  var elementStarts = ArenaArray<(offset: Int, element: Int)>()
  var autoescape = false
  /// What a filter block or set block has captured, for the first of its filters.
  var captured = Text.empty
  /// Variables that assignments at the top level have set, for blocks.
  var exported: [Int32: Value] = [:]
  var blockVariables: [[Int32: Value]] = []
  var remaining: Int
  var depth = 0
  /// A node whose undefined value is expected: the subject of `is defined`.
  var guardedNode: Int32 = -1
  var notedNodes: Set<Int32> = []
  var warnings: [JinjaOutput.Warning] = []
  private let arena: Arena
  private let stackBase: UInt
  private var deadline: UInt64?

  static let checkInterval = 1 << 14

  init(_ program: Program, _ context: JinjaContext, _ options: JinjaOptions, _ arena: Arena) {
    self.program = program
    self.arena = arena
    self.options = options
    output = TextBuilder(bytes: 4096, pieces: 64)
    tree = OriginTree(
      context, traced: options.tracedVariable, symbols: program.symbols, arena: arena)
    var values = ArenaArray<Value>(repeating: .missing, count: program.names.count)
    for place in 0..<context.variables.count {
      let symbol =
        context.variables[place].symbol ?? program.symbols.find(context.variables[place].name)
      if symbol >= 0 { values[Int(symbol)] = tree.variable(place) }
    }
    variables = values.elements
    activation = Activation(count: program.slotCount, parent: nil)
    remaining = options.budget.instructions
    stackBase = Self.stackPointer()
    deadline = options.budget.wallClockSeconds.map {
      Self.nanoseconds() &+ UInt64(max(0, min($0, 1e9)) * 1e9)
    }
  }

  // MARK: Budgets

  @inline(never)
  static func stackPointer() -> UInt {
    var marker = 0
    // SAFETY: only the address is taken.
    return unsafe withUnsafeMutablePointer(to: &marker) { UInt(bitPattern: $0) }
  }

  static func nanoseconds() -> UInt64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
  }

  @inline(__always)
  mutating func spend(_ count: Int = 1) throws(JinjaError) {
    let before = remaining
    remaining = before &- count
    if (before ^ remaining) & ~(Self.checkInterval - 1) != 0 { try checkLimits() }
  }

  @inline(never)
  private mutating func checkLimits() throws(JinjaError) {
    guard remaining > 0 else {
      throw JinjaError(
        .budget(.instructions),
        "the render took more than \(options.budget.instructions) steps")
    }
    try checkMemory()
    if let deadline, Self.nanoseconds() > deadline {
      throw JinjaError(
        .budget(.wallClock),
        "the render took more than \(options.budget.wallClockSeconds ?? 0) seconds")
    }
  }

  mutating func checkStack() throws(JinjaError) {
    let used = stackBase &- Self.stackPointer()
    guard Int(bitPattern: used) < options.budget.stackBytes else {
      throw JinjaError(.recursion, "the evaluation is nested too deeply for the thread's stack")
    }
  }

  mutating func enter() throws(JinjaError) {
    guard depth < options.budget.recursionDepth else {
      throw JinjaError(
        .budget(.recursionDepth),
        "more than \(options.budget.recursionDepth) macros or recursive loops in each other")
    }
    try checkStack()
    depth += 1
  }

  mutating func check(collection count: Int) throws(JinjaError) {
    guard count <= options.budget.collectionSize else {
      throw JinjaError(
        .budget(.collectionSize),
        "a collection of more than \(options.budget.collectionSize) items")
    }
    try checkMemory(adding: count &* MemoryLayout<Value>.stride)
  }

  mutating func check(bytes count: Int) throws(JinjaError) {
    guard count <= options.budget.outputBytes else {
      throw JinjaError(
        .budget(.outputBytes), "a text of more than \(options.budget.outputBytes) bytes")
    }
    try checkMemory(adding: count)
  }

  @inline(__always)
  mutating func checkMemory(adding count: Int = 0) throws(JinjaError) {
    if arena.byteCount &+ count > options.budget.memoryBytes { throw memoryError }
  }

  private var memoryError: JinjaError {
    JinjaError(
      .budget(.memory),
      "the values of the render take more than \(options.budget.memoryBytes) bytes")
  }

  // MARK: Running

  mutating func run() throws(JinjaError) {
    if program.selfSlot >= 0 {
      activation[program.selfSlot] = .object(TemplateReference())
    }
    enter(program.loads)
    _ = try execute(program.body)
  }

  func finish() -> JinjaOutput {
    JinjaOutput(
      bytes: output.bytes.array, pieces: output.pieces.array,
      generationSpans: generationOrder.isEmpty ? [] : generationSpans(),
      elementStarts: elementStarts.elements.array, warnings: warnings,
      paths: OriginPaths(tree), literals: program.literals)
  }

  private func generationSpans() -> [Range<Int>] {
    var spans: [Int32: Range<Int>] = [:]
    var start = 0
    for piece in output.pieces {
      let end = Int(piece.end)
      var generation = piece.generation
      while generation > 0 {
        spans[generation] = (spans[generation]?.lowerBound ?? start)..<end
        generation = generationParents[Int(generation) - 1]
      }
      start = end
    }
    for (generation, offset) in emptyGenerations.elements where spans[generation] == nil {
      spans[generation] = offset..<offset
    }
    return generationOrder.elements.compactMap { spans[$0] }
  }

  // MARK: Variables

  mutating func enter(_ loads: [FrameLoad]) {
    for load in loads {
      let value: Value
      switch load.source {
      case .context(let name): value = resolve(name)
      case .alias(let hops, let slot): value = activation.ancestor(hops)[slot]
      case .undefined: value = .missing
      }
      activation[load.slot] = value
    }
  }

  mutating func resolve(_ index: Int32) -> Value {
    if let variables = blockVariables.last, let value = variables[index] { return value }
    if !exported.isEmpty, let value = exported[index] { return value }
    let value = variables[Int(index)]
    guard case .missing = value else { return value }
    return program.globals[Int(index)]
  }

  mutating func store(_ value: Value, to target: StoreTarget) throws(JinjaError) {
    switch target {
    case .slot(let slot, let exported):
      activation[slot] = value
      if exported >= 0 { self.exported[exported] = value }
    case .attribute(let namespace, let name):
      guard case .object(let object) = try evaluate(namespace),
        let namespace = object.target as? NamespaceObject
      else { throw JinjaError(.runtime, "cannot assign attribute on non-namespace object") }
      let text = program.names[Int(name)].text
      try NamespaceObject.check(text)
      try namespace.members.set(.string(text), to: value)
    case .tuple(let items):
      let values = try unpack(value, count: items.count)
      for (item, value) in zip(items, values) { try store(value, to: item) }
    }
  }

  mutating func unpack(_ value: Value, count: Int) throws(JinjaError) -> [Value] {
    guard var cursor = value.cursor else {
      throw JinjaError(.type, "cannot unpack non-iterable \(value.typeName) object")
    }
    var values: [Value] = []
    while let item = try cursor.next(&self) {
      if values.count == count {
        throw JinjaError(.value, "too many values to unpack (expected \(count))")
      }
      values.append(item)
    }
    guard values.count == count else {
      throw JinjaError(
        .value, "not enough values to unpack (expected \(count), got \(values.count))")
    }
    return values
  }

  /// All items of a value.
  mutating func items(of value: Value) throws(JinjaError) -> [Value] {
    switch value {
    case .list(let box), .tuple(let box): return box.array
    case .dict(let box): return Array(box.keys)
    default: break
    }
    var cursor = try value.iterate()
    var items: [Value] = []
    while let item = try cursor.next(&self) {
      try spend()
      items.append(item)
      if items.count & 0xFFF == 0 { try check(collection: items.count) }
    }
    return items
  }

  // MARK: Output

  mutating func emit(_ text: Text, literal: Int32) throws(JinjaError) {
    if text.isEmpty { return }
    let storage = text.storage
    let fallback = Origin(literal: Int(literal))
    if storage.pieces.isEmpty {
      output.append(
        storage.bytes, text.range,
        origin: storage.origin == .none ? fallback : storage.origin,
        generation: storage.generation != 0 ? storage.generation : generation)
    } else {
      emitPieces(text, fallback)
    }
    if output.count > options.budget.outputBytes { try check(bytes: output.count) }
    try checkMemory()
  }

  private mutating func emitPieces(_ text: Text, _ fallback: Origin) {
    text.forEachPiece { from, to, piece in
      output.append(
        text.storage.bytes, from..<to,
        origin: piece.origin == .none ? fallback : piece.origin,
        generation: piece.generation != 0 ? piece.generation : generation)
    }
  }

  mutating func emit(_ value: Value, literal: Int32) throws(JinjaError) {
    switch value {
    case .string(let text), .markup(let text): try emit(text, literal: literal)
    default: try emit(try PythonText.str(value), literal: literal)
    }
  }

  /// Runs a body and returns what it wrote instead of writing it.
  mutating func capture(_ body: Int32) throws(JinjaError) -> (text: Text, flow: Flow) {
    var outer = TextBuilder()
    swap(&outer, &output)
    let outerGeneration = generation
    generation = 0
    captureDepth += 1
    let flow = try execute(body)
    captureDepth -= 1
    generation = outerGeneration
    swap(&outer, &output)
    return (outer.text, flow)
  }
}

/// How a statement ended.
enum Flow {
  case normal, breaks, continues
}
