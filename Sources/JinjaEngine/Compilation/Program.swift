// SPDX-License-Identifier: Apache-2.0

/// One instruction of a compiled template: 16 bytes without references, so that reading it costs
/// no reference counting.
///
/// What `a`, `b` and `c` mean is told by the operation.
struct Node: Sendable {
  enum Operation: UInt8, Sendable {
    // Expressions
    case constant, local, outer, tuple, list, mapping, conditional, or, and, not
    case compare, compareChain, compareConstant, containedInConstants, containsConstant
    case binary, concatenation, negative, positive
    case attribute, item, constantItem, slice
    case call, methodCall, filter, test, isDefined
    // Statements
    case text, output, outputSum, outputConcatenation
    case assignLocal, assign, assignBlock, loop, branch, scope, autoescape, macro, callBlock
    case filterBlock, generation, block, breakLoop, continueLoop, load, sequence
    case unknownFilter, unknownTest
  }

  var operation: Operation
  var flag: UInt8 = 0
  var small: UInt16 = 0
  var a: Int32 = 0
  var b: Int32 = 0
  var c: Int32 = 0
}

/// A name of the source with what look-ups need of it.
final class ProgramName: Sendable {
  let string: String
  let text: Text
  let hash: Int
  let method: Method?
  /// Starts with an underscore: the sandbox hides Python attributes of such names.
  let isPrivate: Bool
  let global: GlobalFunction.Kind?
  let loopAttribute: LoopObject.Attribute?

  init(_ string: String, literal: Int?) {
    self.string = string
    text = Text(string, origin: literal.map { Origin(literal: $0) } ?? .none)
    hash = text.hash
    method = Method(rawValue: string)
    global = GlobalFunction.Kind(rawValue: string)
    loopAttribute = LoopObject.Attribute(rawValue: string)
    isPrivate = string.utf8.first == UInt8(ascii: "_")
  }
}

/// How a variable gets its value when a frame is entered.
struct FrameLoad: Sendable {
  enum Source: Sendable {
    /// From the context, by name.
    case context(name: Int32)
    /// A copy of an outer variable.
    case alias(hops: Int32, slot: Int32)
    case undefined
  }

  var slot: Int32
  var source: Source
}

/// Where a value is stored.
enum StoreTarget: Sendable {
  /// `exported` is the name, where a block may look it up in the context.
  case slot(Int32, exported: Int32)
  case attribute(namespace: Int32, name: Int32)
  case tuple([StoreTarget])
}

final class ProgramArguments: Sendable {
  let positional: [Int32]
  let keywords: [(name: String, value: Int32)]
  let unpackedList: Int32
  let unpackedMapping: Int32

  var isEmpty: Bool {
    positional.isEmpty && keywords.isEmpty && unpackedList < 0 && unpackedMapping < 0
  }

  init(
    positional: [Int32] = [], keywords: [(name: String, value: Int32)] = [],
    unpackedList: Int32 = -1, unpackedMapping: Int32 = -1
  ) {
    self.positional = positional
    self.keywords = keywords
    self.unpackedList = unpackedList
    self.unpackedMapping = unpackedMapping
  }
}

final class ProgramLoop: Sendable {
  let target: StoreTarget
  let iterable: Int32
  let filter: Int32
  let filterTarget: StoreTarget?
  let filterLoads: [FrameLoad]
  let loads: [FrameLoad]
  let otherwiseLoads: [FrameLoad]
  /// All slots of the loop's frame: they are unset after the loop.
  let cleared: [Int32]
  let body: Int32
  let otherwise: Int32
  /// The slot of `loop`, where the body uses it.
  let loopSlot: Int32
  let isRecursive: Bool
  /// For recursive loops, whose body is a function of its own.
  let slotCount: Int32
  let description: String
  /// Variables that hold the caller's element, for error messages.
  let span: SourceSpan

  init(
    target: StoreTarget, iterable: Int32, filter: Int32, filterTarget: StoreTarget?,
    filterLoads: [FrameLoad], loads: [FrameLoad], otherwiseLoads: [FrameLoad], cleared: [Int32],
    body: Int32, otherwise: Int32, loopSlot: Int32, isRecursive: Bool, slotCount: Int32,
    description: String, span: SourceSpan
  ) {
    self.target = target
    self.iterable = iterable
    self.filter = filter
    self.filterTarget = filterTarget
    self.filterLoads = filterLoads
    self.loads = loads
    self.otherwiseLoads = otherwiseLoads
    self.cleared = cleared
    self.body = body
    self.otherwise = otherwise
    self.loopSlot = loopSlot
    self.isRecursive = isRecursive
    self.slotCount = slotCount
    self.description = description
    self.span = span
  }
}

final class ProgramMacro: Sendable {
  let name: String?
  let parameters: [String]
  let parameterSlots: [Int32]
  let defaults: [Int32]
  let callerSlot: Int32
  let keywordsSlot: Int32
  let positionalsSlot: Int32
  let loads: [FrameLoad]
  let slotCount: Int32
  let body: Int32
  /// Where the macro itself is stored.
  let target: StoreTarget?
  let span: SourceSpan

  init(
    name: String?, parameters: [String], parameterSlots: [Int32], defaults: [Int32],
    callerSlot: Int32, keywordsSlot: Int32, positionalsSlot: Int32, loads: [FrameLoad],
    slotCount: Int32, body: Int32, target: StoreTarget?, span: SourceSpan
  ) {
    self.name = name
    self.parameters = parameters
    self.parameterSlots = parameterSlots
    self.defaults = defaults
    self.callerSlot = callerSlot
    self.keywordsSlot = keywordsSlot
    self.positionalsSlot = positionalsSlot
    self.loads = loads
    self.slotCount = slotCount
    self.body = body
    self.target = target
    self.span = span
  }
}

final class ProgramScope: Sendable {
  let loads: [FrameLoad]
  let cleared: [Int32]
  let targets: [StoreTarget]
  let values: [Int32]
  let body: Int32
  /// For set blocks and filter blocks.
  let filter: Int32

  init(
    loads: [FrameLoad], cleared: [Int32], targets: [StoreTarget], values: [Int32], body: Int32,
    filter: Int32
  ) {
    self.loads = loads
    self.cleared = cleared
    self.targets = targets
    self.values = values
    self.body = body
    self.filter = filter
  }
}

final class ProgramBlock: Sendable {
  let name: String
  let loads: [FrameLoad]
  let selfSlot: Int32
  let superSlot: Int32
  let slotCount: Int32
  let body: Int32

  init(
    name: String, loads: [FrameLoad], selfSlot: Int32, superSlot: Int32, slotCount: Int32,
    body: Int32
  ) {
    self.name = name
    self.loads = loads
    self.selfSlot = selfSlot
    self.superSlot = superSlot
    self.slotCount = slotCount
    self.body = body
  }
}

/// A compiled template.
///
/// Immutable, shared by all renders.
final class Program: Sendable {
  let source: [UInt8]
  let name: String
  let nodes: ArenaBuffer<Node>
  let spans: [SourceSpan]
  let lists: ArenaBuffer<Int32>
  let constants: ArenaBuffer<Value>
  let names: [ProgramName]
  /// For each name, whether an object's own key is found under it without more ado.
  let isPlainName: ArenaBuffer<Bool>
  /// For each name, the function that the environment has under it; missing where it has none.
  let globals: ArenaBuffer<Value>
  /// For each name, what reading it gives where it is not there.
  let undefinedVariables: ArenaBuffer<Value>
  let undefinedMembers: ArenaBuffer<Value>
  /// Whether a loop may be asked for its previous item.
  let readsPreviousItem: Bool
  let symbols: SymbolTable
  let arguments: [ProgramArguments]
  let targets: [StoreTarget]
  let loops: [ProgramLoop]
  let macros: [ProgramMacro]
  let scopes: [ProgramScope]
  let blocks: [ProgramBlock]
  /// Where the literals stand, by the numbers that origins carry.
  let literals: [SourceSpan]
  let loads: [FrameLoad]
  let slotCount: Int
  let selfSlot: Int32
  let body: Int32
  /// Where the tables and the constants' texts lie.
  private let arena: Arena

  init(
    _ builder: ProgramBuilder, body: Int32, loads: [FrameLoad], slotCount: Int, selfSlot: Int32,
    arena: Arena
  ) {
    self.arena = arena
    source = builder.source
    name = builder.name
    nodes = ArenaBuffer(builder.nodes)
    spans = builder.spans
    lists = ArenaBuffer(builder.lists)
    constants = ArenaBuffer(builder.constants)
    names = builder.names
    isPlainName = ArenaBuffer(builder.names.map { $0.method == nil && !$0.isPrivate })
    globals = ArenaBuffer(
      builder.names.map { $0.global.map { .object(GlobalFunction($0)) } ?? .missing })
    undefinedVariables = ArenaBuffer(
      builder.names.map { .undefined(UndefinedValue(.variable($0.string))) })
    undefinedMembers = ArenaBuffer(
      builder.names.map {
        .undefined(UndefinedValue(.attribute(name: $0.string, ofType: "dict object")))
      })
    readsPreviousItem = Self.readsPreviousItem(builder.nodes, builder.names)
    symbols = SymbolTable(builder.names)
    arguments = builder.arguments
    targets = builder.targets
    loops = builder.loops
    macros = builder.macros
    scopes = builder.scopes
    blocks = builder.blocks
    literals = builder.literals
    self.loads = loads
    self.slotCount = slotCount
    self.selfSlot = selfSlot
    self.body = body
  }
}

extension Program {
  /// True where the name occurs, and where `loop` is used other than by its attributes' names.
  private static func readsPreviousItem(_ nodes: [Node], _ names: [ProgramName]) -> Bool {
    if names.contains(where: { $0.loopAttribute == .previtem }) { return true }
    var loops: Set<Int32> = []
    for (index, node) in nodes.enumerated()
    where node.operation == .local || node.operation == .outer {
      if names[Int(node.b)].text.isEqual("loop") { loops.insert(Int32(index)) }
    }
    for node in nodes {
      switch node.operation {
      case .attribute, .constantItem, .methodCall: loops.remove(node.a)
      default: break
      }
    }
    return !loops.isEmpty
  }
}
