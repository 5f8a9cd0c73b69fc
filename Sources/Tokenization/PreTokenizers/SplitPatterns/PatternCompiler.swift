// SPDX-License-Identifier: Apache-2.0

import TextNormalization

/// Turns the tree of a pattern into a program.
///
/// It is written back to front, so that every part knows what follows: a run after which nothing can
/// fail, or whose scalars what follows cannot start with, need not be able to give anything back.
struct PatternCompiler {
  /// What the rest of a pattern asks of the text.
  struct Rest {
    /// The scalars that it can start with.
    var first: ScalarSet
    /// Whether it can match without taking a scalar.
    var canBeEmpty: Bool
    /// Whether it matches whatever the text is.
    var cannotFail: Bool

    static let accept = Rest(first: ScalarSet(), canBeEmpty: true, cannotFail: true)
  }

  /// Why a pattern has no program; ICU may have one for it.
  struct Inexpressible: Error {}

  private static let codeLimit = 20_000

  /// Instructions, last first; a target counts from the end.
  private var code: [PatternProgram.Instruction] = []
  private var sets: [ScalarSet] = []

  static func compile(_ node: PatternNode) throws(Inexpressible) -> PatternProgram {
    var compiler = PatternCompiler()
    var branches = [node]
    if case .alternatives(let nodes) = node, nodes.count <= 64 { branches = nodes }
    var ends: [Int] = []
    var byByte = [UInt64](repeating: 0, count: 256)
    var endEntries: UInt64 = 0
    var shapes: [PatternShape] = []
    for (index, branch) in branches.enumerated() {
      compiler.code.append(.init(operation: .accept))
      let (shape, rest) = try compiler.emitAlternative(branch)
      shapes.append(shape)
      ends.append(compiler.code.count)
      let bit = UInt64(1) << UInt64(index)
      if rest.canBeEmpty { endEntries |= bit }
      let bytes = rest.canBeEmpty ? [Bool](repeating: true, count: 256) : firstBytes(rest.first)
      for byte in 0..<256 where bytes[byte] { byByte[byte] |= bit }
    }
    let count = compiler.code.count
    var code = Array(compiler.code.reversed())
    for index in code.indices { code[index].target = Int32(count) - code[index].target }
    for index in shapes.indices { shapes[index].rest = Int32(count) - shapes[index].rest }
    return PatternProgram(
      code: code, masks: ScalarMasks(compiler.sets), entries: ends.map { count - $0 },
      shapes: shapes, entriesByByte: byByte, endEntries: endEntries,
      rules: RunRules(branches))
  }

  private mutating func append(_ instruction: PatternProgram.Instruction) throws(Inexpressible) {
    guard code.count < Self.codeLimit else { throw Inexpressible() }
    code.append(instruction)
  }

  /// The mask of a set.
  private mutating func mask(_ set: ScalarSet) throws(Inexpressible) -> UInt64 {
    if let index = sets.firstIndex(of: set) { return 1 << UInt64(index) }
    guard sets.count < ScalarMasks.capacity else { throw Inexpressible() }
    sets.append(set)
    return 1 << UInt64(sets.count - 1)
  }

  /// The mask that a rest's first scalar must have, or 0 where it may be any, or where asking is
  /// not worth a set of its own.
  private mutating func needed(_ rest: Rest) throws(Inexpressible) -> UInt64 {
    rest.canBeEmpty ? 0 : try mask(rest.first)
  }

  /// An alternative at the top, as a program and, where it has one, as a shape.
  private mutating func emitAlternative(
    _ node: PatternNode
  ) throws(Inexpressible) -> (PatternShape, Rest) {
    guard case .sequence(let items) = node, let described = ShapeDescription(items) else {
      let described = ShapeDescription([node])
      let rest = try emit(node, before: .accept)
      return (
        try described.map { (it) throws(Inexpressible) in try makeShape(it) } ?? .init(), rest
      )
    }
    let tail = try emit(.sequence(Array(items[described.length...])), before: .accept)
    let target = here
    let rest = try emit(.sequence(Array(items[..<described.length])), before: tail)
    guard tail.cannotFail, sets.count < 48 else { return (.init(), rest) }
    // What follows a run must not be able to make it give something back, which it need not: it
    // cannot fail.
    var shape = try makeShape(described)
    if described.length < items.count {
      shape.rest = target
      shape.restFirst = try mask(tail.first)
    }
    return (shape, rest)
  }

  private mutating func makeShape(_ described: ShapeDescription) throws(Inexpressible)
    -> PatternShape
  {
    var shape = PatternShape(form: described.form, a: try mask(described.a))
    if let optional = described.optional {
      shape.optional = try mask(optional)
      let first =
        described.form == .overlapping ? described.a.union(described.b ?? .init()) : described.a
      shape.optionalOverlaps = !optional.intersection(first).isEmpty
    }
    if let b = described.b { shape.b = try mask(b) }
    shape.maximum = Int32(clamping: described.maximum)
    return shape
  }

  private var here: Int32 { Int32(code.count) }

  // MARK: Nodes

  private mutating func emit(
    _ node: PatternNode, before rest: Rest
  ) throws(Inexpressible) -> Rest {
    switch node {
    case .empty: return rest
    case .set(let set):
      try append(.init(operation: .one, mask: try mask(set)))
      return Rest(first: set, canBeEmpty: false, cannotFail: false)
    case .sequence(let items):
      var rest = rest
      for item in items.reversed() { rest = try emit(item, before: rest) }
      return rest
    case .alternatives(let branches): return try emitAlternatives(branches, before: rest)
    case .repetition(.set(let set), let minimum, let maximum, let greed):
      return try emitRun(set, minimum, maximum, greed, before: rest)
    case .repetition(let item, let minimum, let maximum, .possessive):
      let greedy = PatternNode.repetition(item, minimum: minimum, maximum: maximum, .greedy)
      return try emit(.atomic(greedy), before: rest)
    case .repetition(let item, let minimum, let maximum, let greed):
      return try emitRepetition(item, minimum, maximum, isLazy: greed == .lazy, before: rest)
    case .atomic(let item):
      let target = here
      try append(.init(operation: .accept))
      let inner = try emit(item, before: .accept)
      try append(.init(operation: .atomic, target: target))
      return Rest(
        first: inner.canBeEmpty ? inner.first.union(rest.first) : inner.first,
        canBeEmpty: inner.canBeEmpty && rest.canBeEmpty,
        cannotFail: inner.cannotFail && rest.cannotFail)
    case .look(.set(let set), let isAhead, let isNegative):
      try append(
        .init(
          operation: isAhead ? .lookAheadSet : .lookBehindSet, isNegative: isNegative,
          mask: try mask(set)))
      return asked(rest)
    case .look(let item, isAhead: true, let isNegative):
      let target = here
      try append(.init(operation: .accept))
      _ = try emit(item, before: .accept)
      try append(.init(operation: .lookAhead, isNegative: isNegative, target: target))
      return asked(rest)
    case .look: throw Inexpressible()
    case .textStart: try append(.init(operation: .textStart))
    case .textEnd: try append(.init(operation: .textEnd))
    case .lineStart(let isOniguruma):
      try append(.init(operation: .lineStart, isNegative: isOniguruma))
    case .lineEnd: try append(.init(operation: .lineEnd))
    }
    return asked(rest)
  }

  /// A condition before a rest takes nothing itself, and may fail.
  private func asked(_ rest: Rest) -> Rest {
    Rest(first: rest.first, canBeEmpty: rest.canBeEmpty, cannotFail: false)
  }

  private mutating func emitRun(
    _ set: ScalarSet, _ minimum: Int, _ maximum: Int?, _ greed: PatternNode.Greed,
    before rest: Rest
  ) throws(Inexpressible) -> Rest {
    let isDisjoint = !rest.canBeEmpty && rest.first.intersection(set).isEmpty
    var instruction = PatternProgram.Instruction(
      operation: .possessiveRun, minimum: Int32(minimum),
      maximum: maximum.map(Int32.init) ?? .max, mask: try mask(set))
    switch greed {
    case .possessive: break
    case .greedy:
      // Where scalars were given back, one of the set stands next.
      if !rest.cannotFail, !isDisjoint {
        instruction.operation = .greedyRun
        instruction.needed = try needed(rest)
      }
    case .lazy: instruction.operation = .lazyRun
    }
    if minimum == 1, maximum == 1 { instruction.operation = .one }
    try append(instruction)
    return Rest(
      first: minimum == 0 ? set.union(rest.first) : set,
      canBeEmpty: minimum == 0 && rest.canBeEmpty,
      cannotFail: minimum == 0 && rest.cannotFail)
  }

  private mutating func emitAlternatives(
    _ branches: [PatternNode], before rest: Rest
  ) throws(Inexpressible) -> Rest {
    let end = here
    guard let last = branches.last else { return rest }
    var all = try emit(last, before: rest)
    for branch in branches.dropLast().reversed() {
      let second = here
      try append(.init(operation: .jump, target: end))
      let first = try emit(branch, before: rest)
      try append(
        .init(
          operation: .split, target: second, mask: try needed(first), needed: try needed(all)))
      all = Self.either(first, all)
    }
    return all
  }

  private static func either(_ first: Rest, _ second: Rest) -> Rest {
    Rest(
      first: first.first.union(second.first), canBeEmpty: first.canBeEmpty || second.canBeEmpty,
      cannotFail: first.cannotFail || second.cannotFail)
  }

  private mutating func emitRepetition(
    _ item: PatternNode, _ minimum: Int, _ maximum: Int?, isLazy: Bool, before rest: Rest
  ) throws(Inexpressible) -> Rest {
    var all = rest
    let exit = here
    if let maximum {
      for _ in minimum..<maximum {
        let first = try emit(item, before: all)
        try appendSplit(first, exit: exit, rest, isLazy: isLazy)
        all = Self.either(first, rest)
      }
    } else {
      // The loop's own start is not written yet: what follows an item is either.
      var probe = PatternCompiler()
      let alone = try probe.emit(item, before: .accept)
      guard !alone.canBeEmpty else { throw Inexpressible() }
      let loop = Rest(
        first: alone.first.union(rest.first), canBeEmpty: rest.canBeEmpty,
        cannotFail: rest.cannotFail)
      let back = code.count
      try append(.init(operation: .jump))
      let first = try emit(item, before: loop)
      try appendSplit(first, exit: exit, rest, isLazy: isLazy)
      code[back].target = here
      all = Self.either(first, rest)
    }
    for _ in 0..<minimum { all = try emit(item, before: all) }
    return all
  }

  private mutating func appendSplit(
    _ first: Rest, exit: Int32, _ rest: Rest, isLazy: Bool
  ) throws(Inexpressible) {
    try append(
      .init(
        operation: isLazy ? .lazySplit : .split, target: exit, mask: try needed(first),
        needed: try needed(rest)))
  }

  // MARK: First bytes

  /// The bytes that can start the UTF-8 of a member; bytes that start none count as unassigned.
  private static func firstBytes(_ set: ScalarSet) -> [Bool] {
    var result = [Bool](repeating: false, count: 256)
    for range in set.ranges {
      for lead in lead(range.lowerBound)...lead(range.upperBound) { result[lead] = true }
    }
    if set.contains(ScalarMasks.malformed) {
      for byte in 0x80..<0x100 { result[byte] = true }
    }
    return result
  }

  private static func lead(_ scalar: UInt32) -> Int {
    switch scalar {
    case 0..<0x80: Int(scalar)
    case 0x80..<0x800: Int(0xC0 | scalar >> 6)
    case 0x800..<0x1_0000: Int(0xE0 | scalar >> 12)
    default: Int(0xF0 | scalar >> 18)
    }
  }
}
