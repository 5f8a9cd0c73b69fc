// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// The values of a context that a render has looked into, numbered.
///
/// A container gets numbers for all its children at once, when it is first opened, so a path
/// costs nothing until somebody asks for it.
@safe final class OriginTree {
  struct Block: BitwiseCopyable, Sendable {
    /// The first child's number.
    var first: Int32
    /// The number of the container itself; 0 where the children are the variables.
    var parent: Int32
    var isList: Bool
    /// Where the children lie in an element of the traced variable: the element, the place of its
    /// member, and the index in that member's list; -1 where they do not lie so deep.
    var element: Int32 = -1
    var member: Int32 = -1
    var part: Int32 = -1
  }

  /// The numbers of an object's keys among the template's names.
  private struct KeySymbols: BitwiseCopyable {
    var identity: ObjectIdentifier?
    var symbols = ArenaBuffer<Int32>()
  }

  // SAFETY: no access to these re-enters another; unchecked, since they are used all the time.
  @exclusivity(unchecked) private var blocks: [Block]
  @exclusivity(unchecked) private var next: Int32
  /// What is known of the keys of the objects that were opened, by the keys' identity.
  @exclusivity(unchecked) private var known: ArenaArray<KeySymbols>
  /// The nodes of the traced variable's elements, once it is opened.
  @exclusivity(unchecked) private var tracedElements: Range<Int32> = 0..<0
  private let arena: Arena
  private let symbols: SymbolTable
  let context: JinjaContext
  /// The node of the variable whose elements are traced; 0 for none.
  private let traced: Int32

  private static let knownCount = 8

  /// Numbers the variables themselves, from 1 on.
  init(_ context: JinjaContext, traced: String?, symbols: SymbolTable, arena: Arena) {
    self.symbols = symbols
    self.arena = arena
    self.context = context
    var place = 0
    if let traced {
      let name = ExactString(traced)
      place = (context.variables.firstIndex { ExactString($0.name) == name } ?? -1) + 1
    }
    self.traced = Int32(place)
    unsafe known = ArenaArray(repeating: KeySymbols(), count: Self.knownCount)
    unsafe blocks = []
    unsafe blocks.reserveCapacity((unsafe context.objects?.list.objects.count ?? 0) + 8)
    unsafe blocks.append(Block(first: 1, parent: 0, isList: false))
    unsafe next = Int32(context.values.count) + 1
  }

  /// The containers that were opened, in the order of their children's numbers.
  var openedBlocks: [Block] { unsafe blocks }

  /// The index of the traced variable's element that an origin is; nil where it is none.
  @inline(__always)
  func element(of origin: Origin) -> Int? {
    let elements = unsafe tracedElements
    return elements.contains(origin.node) ? Int(origin.node &- elements.lowerBound) : nil
  }

  /// The value of a variable of the context.
  func variable(_ place: Int) -> Value {
    let origin = Origin(node: Int32(place + 1))
    if let objects = context.objects, objects.place == place {
      let objects = unsafe objects.list.objects
      guard let start = objects.baseAddress else { return .list(ListBox([])) }
      return unsafe .list(
        ListBox(
          count: objects.count, origin: origin, tree: self, source: .objects(start), in: arena))
    }
    return unsafe context.values.withUnsafeBufferPointer { values in
      precondition(place >= 0 && place < values.count, "a variable of the context")
      guard let start = values.baseAddress else { return .missing }
      return unsafe value(start + place, origin)
    }
  }

  /// Numbers the children of a container; returns the first child's number.
  private func open(_ parent: Int32, count: Int, isList: Bool) -> Int32 {
    let first = unsafe next
    // Past 2³⁰ values numbers run out; what comes then shares the mixed origin.
    guard Int(first) + count < 1 << 30 else { return Origin.mixed.node }
    unsafe next &+= Int32(truncatingIfNeeded: count)
    var block = Block(first: first, parent: parent, isList: isList)
    if parent == traced, isList {
      unsafe tracedElements = first..<next
    } else if unsafe tracedElements.contains(parent) {
      block.element = unsafe parent &- tracedElements.lowerBound
    } else if unsafe parent > tracedElements.upperBound {
      unsafe place(&block, in: blocks[blocks.index(of: parent) ?? 0])
    }
    unsafe blocks.append(block)
    return first
  }

  // SAFETY, for all that follows: the context holds the caller's values as long as the render
  // lasts. Nobody changes them, so the memory of its arrays, their elements and their strings
  // stays where it is.

  /// Where a container of the caller's lies.
  @unsafe enum Source: BitwiseCopyable {
    case value(UnsafePointer<JSONValue>)
    case object(UnsafePointer<JSONObject>)
    /// The first of a list of objects.
    case objects(UnsafePointer<JSONObject>)
  }

  /// Opens an array: its values, which know where they lie.
  func openList(_ source: Source, count: Int, _ parent: Int32) -> ArenaBuffer<Value> {
    switch unsafe source {
    case .object: return ArenaBuffer()
    case .value(let value):
      guard let items = unsafe JSONValue.elements(ofArray: value) else { return ArenaBuffer() }
      return unsafe open(items, parent, isList: true).values.elements
    case .objects(let start):
      let first = open(parent, count: count, isList: true)
      let step: Int32 = first == Origin.mixed.node ? 0 : 1
      let values = unsafe arena.allocate(Value.self, count: count)
      for place in 0..<count {
        let origin = Origin(node: first &+ Int32(truncatingIfNeeded: place) &* step)
        unsafe (values + place).initialize(to: dictionary(.object(start + place), origin))
      }
      return unsafe ArenaBuffer(values, count: count)
    }
  }

  /// Opens an object: its values, and its keys' numbers among the template's names.
  func openObject(_ source: Source, _ parent: Int32) -> (
    first: Int32, values: ArenaArray<Value>, symbols: ArenaBuffer<Int32>
  ) {
    guard let (children, keys) = unsafe contents(source) else {
      return (0, ArenaArray(), ArenaBuffer())
    }
    let (first, values) = unsafe open(children, parent, isList: false)
    return unsafe (first, values, symbols(keys, source))
  }

  @inline(__always)
  private func contents(
    _ source: Source
  ) -> (values: UnsafeBufferPointer<JSONValue>, keys: ObjectIdentifier?)? {
    switch unsafe source {
    case .value(let value): unsafe JSONValue.contents(ofObject: value)
    case .object(let object), .objects(let object): unsafe JSONObject.contents(of: object)
    }
  }

  private func dictionary(_ source: Source, _ origin: Origin) -> Value {
    let count = unsafe contents(source)?.values.count ?? 0
    return unsafe .dict(
      DictBox(count: count, origin: origin, tree: self, source: source, in: arena))
  }

  private func open(
    _ children: UnsafeBufferPointer<JSONValue>, _ parent: Int32, isList: Bool
  ) -> (first: Int32, values: ArenaArray<Value>) {
    let count = children.count
    guard let start = children.baseAddress, count > 0 else { return (0, ArenaArray()) }
    let first = open(parent, count: count, isList: isList)
    let step: Int32 = first == Origin.mixed.node ? 0 : 1
    let values = unsafe arena.allocate(Value.self, count: count)
    var node = first
    for place in 0..<count {
      unsafe (values + place).initialize(to: value(start + place, Origin(node: node)))
      node &+= step
    }
    return unsafe (first, ArenaArray(values, count: count))
  }

  /// A value of the caller's; containers are opened later.
  @inline(__always)
  private func value(_ json: UnsafePointer<JSONValue>, _ origin: Origin) -> Value {
    switch unsafe json.pointee {
    case .null: return .none(origin)
    case .bool(let value): return .bool(value, origin)
    case .integer(let value): return .int(value, origin)
    case .bigInteger(let digits):
      return .integer(BigInteger(digits: digits.string.utf8, radix: 10) ?? BigInteger(0), origin)
    case .double(let value): return .double(value, origin)
    case .string(let text): return .string(Text(caller: text.string, origin, in: arena))
    case .array(let items):
      let count = items.count
      return unsafe .list(
        ListBox(count: count, origin: origin, tree: self, source: .value(json), in: arena))
    case .object: return unsafe dictionary(.value(json), origin)
    }
  }

  /// The keys of an object.
  func keys(_ source: Source) -> [ExactString] {
    switch unsafe source {
    case .value(let value):
      guard case .object(let object) = unsafe value.pointee else { return [] }
      return object.keys
    case .object(let object), .objects(let object): return unsafe object.pointee.keys
    }
  }

  /// The numbers of an object's keys, looked up once for all objects that share them.
  private func symbols(_ identity: ObjectIdentifier?, _ source: Source) -> ArenaBuffer<Int32> {
    guard let identity else { return ArenaBuffer() }
    let slot = Int(bitPattern: identity) >> 4 & (Self.knownCount - 1)
    if unsafe known[slot].identity == identity { return unsafe known[slot].symbols }
    let keys = unsafe keys(source)
    let numbers = unsafe arena.allocate(Int32.self, count: keys.count)
    for place in keys.indices {
      unsafe (numbers + place).initialize(to: symbols.find(keys[place].string))
    }
    let symbols = unsafe ArenaBuffer(numbers, count: keys.count)
    unsafe known[slot] = KeySymbols(identity: identity, symbols: symbols)
    return symbols
  }

  /// Tells a block's place in the element that its parent's block lies in.
  private func place(_ block: inout Block, in parent: Block) {
    guard parent.element >= 0 else { return }
    let offset = block.parent - parent.first
    block.element = parent.element
    block.member = parent.member < 0 ? offset : parent.member
    block.part = parent.member >= 0 && parent.part < 0 && parent.isList ? offset : parent.part
  }
}

extension [OriginTree.Block] {
  /// The last block that starts at or before a node.
  func index(of node: Int32) -> Int? {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if self[middle].first <= node { low = middle + 1 } else { high = middle }
    }
    return low > 0 ? low - 1 : nil
  }

  func holds(_ node: Int32, at index: Int) -> Bool {
    self[index].first <= node && (index + 1 == count || self[index + 1].first > node)
  }
}
