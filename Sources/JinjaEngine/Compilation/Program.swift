// SPDX-License-Identifier: Apache-2.0

/// One instruction of a compiled template: 16 bytes without references, so that reading it costs
/// no reference counting. What `a`, `b` and `c` mean is told by the operation.
struct Node: Sendable {
  enum Operation: UInt8, Sendable {
    // Expressions
    case constant, local, outer, tuple, list, mapping, conditional, or, and, not
    case compare, compareChain, compareConstant, containedInConstants
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
struct ProgramName: Sendable {
  let string: String
  let text: Text
  let hash: Int
  let method: Method?
  /// Starts with an underscore: the sandbox hides Python attributes of such names.
  let isPrivate: Bool
  let undefinedVariable: UndefinedValue
  let undefinedMember: UndefinedValue

  init(_ string: String, literal: Int?) {
    self.string = string
    text = Text(string, origin: literal.map { Origin(literal: $0) } ?? .none)
    hash = text.hash
    method = Method(rawValue: string)
    isPrivate = string.utf8.first == UInt8(ascii: "_")
    undefinedVariable = UndefinedValue(.variable(string))
    undefinedMember = UndefinedValue(.attribute(name: string, ofType: "dict object"))
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
indirect enum StoreTarget: Sendable {
  /// `exported` is the name, where a block may look it up in the context.
  case slot(Int32, exported: Int32)
  case attribute(namespace: Int32, name: Int32)
  case tuple([StoreTarget])
}

struct ProgramArguments: Sendable {
  var positional: [Int32] = []
  var keywords: [(name: String, value: Int32)] = []
  var unpackedList: Int32 = -1
  var unpackedMapping: Int32 = -1

  var isEmpty: Bool {
    positional.isEmpty && keywords.isEmpty && unpackedList < 0 && unpackedMapping < 0
  }
}

struct ProgramLoop: Sendable {
  var target: StoreTarget
  var iterable: Int32
  var filter: Int32
  var filterTarget: StoreTarget?
  var filterLoads: [FrameLoad]
  var loads: [FrameLoad]
  var otherwiseLoads: [FrameLoad]
  /// All slots of the loop's frame: they are unset after the loop.
  var cleared: [Int32]
  var body: Int32
  var otherwise: Int32
  /// The slot of `loop`, where the body uses it.
  var loopSlot: Int32
  var isRecursive: Bool
  /// For recursive loops, whose body is a function of its own.
  var slotCount: Int32
  var description: String
  /// Variables that hold the caller's element, for error messages.
  var span: SourceSpan
}

struct ProgramMacro: Sendable {
  var name: String?
  var parameters: [String]
  var parameterSlots: [Int32]
  var defaults: [Int32]
  var callerSlot: Int32
  var keywordsSlot: Int32
  var positionalsSlot: Int32
  var loads: [FrameLoad]
  var slotCount: Int32
  var body: Int32
  /// Where the macro itself is stored.
  var target: StoreTarget?
  var span: SourceSpan
}

struct ProgramScope: Sendable {
  var loads: [FrameLoad]
  var cleared: [Int32]
  var targets: [StoreTarget]
  var values: [Int32]
  var body: Int32
  /// For set blocks and filter blocks.
  var filter: Int32
}

struct ProgramBlock: Sendable {
  var name: String
  var loads: [FrameLoad]
  var selfSlot: Int32
  var superSlot: Int32
  var slotCount: Int32
  var body: Int32
}

/// A compiled template. Immutable, shared by all renders.
final class Program: Sendable {
  let source: [UInt8]
  let name: String
  let nodes: [Node]
  let spans: [SourceSpan]
  let lists: [Int32]
  let constants: [Constant]
  let names: [ProgramName]
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

  init(_ builder: ProgramBuilder, body: Int32, loads: [FrameLoad], slotCount: Int, selfSlot: Int32)
  {
    source = builder.source
    name = builder.name
    nodes = builder.nodes
    spans = builder.spans
    lists = builder.lists
    constants = builder.constants
    names = builder.names
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

/// A value that a compiled template can hold.
enum Constant: Sendable {
  case none
  case bool(Bool)
  case int(Int)
  case big(BigInteger)
  case double(Double)
  case string(Text)

  var value: Value {
    switch self {
    case .none: .none(.none)
    case .bool(let value): .bool(value, .none)
    case .int(let value): .int(value, .none)
    case .big(let value): .bigInteger(BigIntegerBox(value, .none))
    case .double(let value): .double(value, .none)
    case .string(let text): .string(text)
    }
  }
}
