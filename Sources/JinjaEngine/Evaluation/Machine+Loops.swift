// SPDX-License-Identifier: Apache-2.0

/// `loop`: what a body can ask about its iteration.
///
/// Knows one item ahead, and asks for it only when the template does.
final class LoopObject: JinjaObject {
  enum Attribute: String, Sendable {
    case index0, index, first, last, length, revindex, revindex0, previtem, nextitem, depth, depth0
    case cycle, changed
  }

  var cursor: LoopCursor
  let source: Value
  var index0 = -1
  private var peeked: Value?
  private var isExhausted = false
  /// Whether the template asks for the previous item somewhere.
  private let keepsPrevious: Bool
  private var current: Value = .missing
  private var previous: Value = .missing
  private var knownLength: Int?
  private var lastChanged: [Value]?
  /// For recursive loops.
  let recursion: (loop: Int32, activation: Activation)?
  let depth0: Int

  init(
    _ cursor: LoopCursor, source: Value, depth0: Int, keepsPrevious: Bool,
    recursion: (loop: Int32, activation: Activation)?
  ) {
    self.cursor = cursor
    self.keepsPrevious = keepsPrevious
    self.source = source
    self.depth0 = depth0
    self.recursion = recursion
  }

  override var typeName: String { "LoopContext" }
  override var typeWords: String { "jinja2.runtime.LoopContext object" }
  override var isCallable: Bool { true }

  func advance(_ machine: inout Machine) throws(JinjaError) -> Value? {
    let next: Value?
    if let value = peeked {
      peeked = nil
      next = value
    } else {
      next = isExhausted ? nil : try step(&machine)
    }
    guard let next else { return nil }
    index0 += 1
    if keepsPrevious {
      previous = current
      current = next
    }
    return next
  }

  private func peek(_ machine: inout Machine) throws(JinjaError) -> Value? {
    if peeked == nil, !isExhausted {
      peeked = try step(&machine)
      isExhausted = peeked == nil
    }
    return peeked
  }

  /// The next item, by a cursor of its own: what runs meanwhile may ask this loop.
  @inline(__always)
  private func step(_ machine: inout Machine) throws(JinjaError) -> Value? {
    var ahead = cursor
    let item = try ahead.next(&machine)
    cursor = ahead
    return item
  }

  private func length(_ machine: inout Machine) throws(JinjaError) -> Int {
    if let knownLength { return knownLength }
    if cursor.filterLoop < 0, let length = try? source.length() {
      knownLength = length
      return length
    }
    var rest: [Value] = []
    while !isExhausted, let item = try step(&machine) { rest.append(item) }
    cursor = LoopCursor(.list(ListBox(rest), 0))
    let length = rest.count + index0 + 1 + (peeked == nil ? 0 : 1)
    knownLength = length
    return length
  }

  override func attribute(
    _ name: ProgramName, _ machine: inout Machine
  ) throws(JinjaError) -> Value? {
    switch name.loopAttribute {
    case .index0: return .int(index0)
    case .index: return .int(index0 + 1)
    case .first: return .bool(index0 == 0)
    case .last: return .bool(try peek(&machine) == nil)
    case .length: return .int(try length(&machine))
    case .revindex: return .int(try length(&machine) - index0)
    case .revindex0: return .int(try length(&machine) - index0 - 1)
    case .previtem:
      return index0 == 0 ? .undefined(hint: "there is no previous item") : previous
    case .nextitem: return try peek(&machine) ?? .undefined(hint: "there is no next item")
    case .depth: return .int(depth0 + 1)
    case .depth0: return .int(depth0)
    case .cycle, .changed: return name.method.map { .object(BoundMethod(.object(self), $0)) }
    case nil: return nil
    }
  }

  func cycle(_ items: [Value]) throws(JinjaError) -> Value {
    guard !items.isEmpty else { throw JinjaError(.type, "no items for cycling given") }
    return items[index0 % items.count]
  }

  func changed(_ values: [Value]) throws(JinjaError) -> Bool {
    if let last = lastChanged,
      try Value.tuple(last).isEqual(to: .tuple(values))
    {
      return false
    }
    lastChanged = values
    return true
  }

  override func call(_ arguments: CallValues, _ machine: inout Machine) throws(JinjaError) -> Value
  {
    guard let recursion else {
      throw JinjaError(
        .type, "The loop must have the 'recursive' marker to be called recursively.")
    }
    guard arguments.positional.count == 1, arguments.keywords.isEmpty else {
      throw JinjaError(.type, "loop() takes one argument")
    }
    return try machine.runRecursive(
      recursion.loop, over: arguments.positional[0], in: recursion.activation, depth: depth0 + 1)
  }

  override func writeDescription(to output: inout [UInt8], level: Int) throws(JinjaError) -> Origin
  {
    let length = knownLength ?? (try? source.length()) ?? 0
    output += "<LoopContext \(index0 + 1)/\(length)>".utf8
    return .none
  }
}

/// The items of a loop, those that its `if` lets through.
struct LoopCursor {
  var items: Cursor
  /// The loop whose filter applies; negative for none.
  var filterLoop: Int32 = -1
  /// Where the filter's variables live.
  var activation: Activation?

  init(_ items: Cursor, filterLoop: Int32 = -1, activation: Activation? = nil) {
    self.items = items
    self.filterLoop = filterLoop
    self.activation = activation
  }

  @inline(__always)
  mutating func next(_ machine: inout Machine) throws(JinjaError) -> Value? {
    guard filterLoop >= 0 else { return try items.next(&machine) }
    return try nextFiltered(&machine)
  }

  private mutating func nextFiltered(_ machine: inout Machine) throws(JinjaError) -> Value? {
    let loop = machine.program.loops[Int(filterLoop)]
    while let item = try items.next(&machine) {
      guard let target = loop.filterTarget, let activation else { return item }
      let outer = machine.activation
      machine.activation = activation
      try machine.store(item, to: target)
      let isWanted = try machine.isTrue(loop.filter)
      machine.activation = outer
      if isWanted { return item }
    }
    return nil
  }
}

extension Machine {
  mutating func executeLoop(_ node: Node, _ index: Int32) throws(JinjaError) {
    let loop = program.loops[Int(node.a)]
    let source = try evaluate(loop.iterable)
    position = index
    if loop.isRecursive {
      let value = try runRecursive(node.a, over: source, in: activation, depth: 0)
      try emit(value, literal: 0)
    } else {
      try iterate(node.a, loop, over: source, depth: 0, recursion: nil)
    }
  }

  mutating func runRecursive(
    _ index: Int32, over source: Value, in outer: Activation, depth loopDepth: Int
  ) throws(JinjaError) -> Value {
    try enter()
    let loop = program.loops[Int(index)]
    let saved = activation
    activation = Activation(count: Int(loop.slotCount), parent: outer)
    var builder = TextBuilder()
    swap(&builder, &output)
    let outerGeneration = generation
    generation = 0
    captureDepth += 1
    try iterate(index, loop, over: source, depth: loopDepth, recursion: (index, outer))
    captureDepth -= 1
    generation = outerGeneration
    swap(&builder, &output)
    activation = saved
    depth -= 1
    return autoescape ? .markup(builder.text) : .string(builder.text)
  }

  private mutating func iterate(
    _ index: Int32, _ loop: ProgramLoop, over source: Value, depth loopDepth: Int,
    recursion: (loop: Int32, activation: Activation)?
  ) throws(JinjaError) {
    try checkStack()
    var cursor = LoopCursor(try source.iterate())
    if loop.filter >= 0 {
      cursor.filterLoop = index
      cursor.activation = activation
      enter(loop.filterLoads)
    }
    var count = 0
    var current: Value?
    // As in Jinja, an iteration that `break` or `continue` ends does not keep `else` away.
    var hasCompleted = false
    let outerElement = elementStarts.last?.element ?? -1
    defer { endElement(outerElement) }
    do throws(JinjaError) {
      if loop.loopSlot >= 0 {
        let object = LoopObject(
          cursor, source: source, depth0: loopDepth, keepsPrevious: program.readsPreviousItem,
          recursion: recursion)
        while let item = try object.advance(&self) {
          current = item
          beginElement(item)
          try store(item, to: loop.target)
          activation[loop.loopSlot] = .object(object)
          if !loop.loads.isEmpty { enter(loop.loads) }
          count += 1
          try spend()
          let flow = try execute(loop.body)
          if flow == .breaks { break }
          if flow == .normal { hasCompleted = true }
        }
      } else {
        while let item = try cursor.next(&self) {
          current = item
          beginElement(item)
          try store(item, to: loop.target)
          if !loop.loads.isEmpty { enter(loop.loads) }
          count += 1
          try spend()
          let flow = try execute(loop.body)
          if flow == .breaks { break }
          if flow == .normal { hasCompleted = true }
        }
      }
    } catch {
      throw error.adding(frame(of: loop, iteration: count, item: current))
    }
    for slot in loop.cleared { activation[slot] = .missing }
    if !hasCompleted, loop.otherwise >= 0 {
      enter(loop.otherwiseLoads)
      _ = try execute(loop.otherwise)
    }
  }

  /// Notes that the output of an element of the traced variable begins.
  @inline(__always)
  private mutating func beginElement(_ item: Value) {
    guard captureDepth == 0, let element = tree.element(of: item.origin) else { return }
    elementStarts.append((output.count, element))
  }

  private mutating func endElement(_ outer: Int) {
    guard captureDepth == 0, let last = elementStarts.last, last.element != outer else { return }
    elementStarts.append((output.count, outer))
  }

  private func frame(
    of loop: ProgramLoop, iteration: Int, item: Value?
  ) -> JinjaError.Frame {
    var path: InputPath?
    if let origin = item?.origin, origin.isInput {
      path = OriginPaths(tree).path(of: origin).path
    }
    return JinjaError.Frame(
      name: "iteration \(max(iteration, 1)) of 'for \(loop.description)'",
      range: loop.span.range, iteration: max(iteration - 1, 0), element: path)
  }
}
