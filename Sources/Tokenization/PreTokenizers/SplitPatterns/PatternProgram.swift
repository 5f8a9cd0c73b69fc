// SPDX-License-Identifier: Apache-2.0

import TextNormalization

/// A compiled pattern.
struct PatternProgram: Sendable {
  enum Instruction: Sendable {
    /// Takes one scalar of a set.
    case one(set: Int)
    /// Takes scalars of a set, as many as greed says; what can be given back is remembered once
    /// for the whole run.
    case run(set: Int, minimum: Int, maximum: Int, PatternNode.Greed)
    /// Goes on at `first`, and at `second` if that fails.
    case split(first: Int, second: Int)
    case jump(Int)
    /// Matches the program at the next instruction without taking anything back in it; goes on
    /// at `next`.
    case atomic(next: Int)
    /// Looks at what follows, then goes on at `next` from where it stood.
    case lookAhead(next: Int, negative: Bool)
    /// Asks for the scalar before.
    case lookBehind(set: Int, negative: Bool)
    case textStart
    case textEnd
    case lineStart
    case lineEnd
    case accept
  }

  var code: [Instruction] = []
  var sets: [ScalarBits] = []
  /// Where each alternative at the top starts.
  var entries: [Int] = []
  /// For each first byte, the alternatives that can start with it, a bit each.
  var entriesByByte: [UInt64] = []
  /// The alternatives that can match the empty text.
  var emptyEntries: UInt64 = 0
}

/// Turns the tree of a pattern into a program.
struct PatternCompiler {
  private static let codeLimit = 20_000
  private let source: String
  private var program = PatternProgram()
  private var setIndices: [ScalarSet: Int] = [:]

  init(_ source: String) {
    self.source = source
  }

  mutating func compile(_ node: PatternNode) throws(SplitPatternError) -> PatternProgram {
    var branches = [node]
    if case .alternatives(let nodes) = node, nodes.count <= 64 { branches = nodes }
    program.entriesByByte = Array(repeating: 0, count: 256)
    for (index, branch) in branches.enumerated() {
      program.entries.append(program.code.count)
      try emit(branch)
      try append(.accept)
      let first = FirstBytes(branch)
      if first.canBeEmpty { program.emptyEntries |= 1 << UInt64(index) }
      for byte in 0..<256 where first.canBeEmpty || first.bytes[byte] {
        program.entriesByByte[byte] |= 1 << UInt64(index)
      }
    }
    return program
  }

  private mutating func append(_ instruction: PatternProgram.Instruction) throws(SplitPatternError)
  {
    guard program.code.count < Self.codeLimit else {
      throw SplitPatternError(kind: .tooLarge, pattern: source, scalarOffset: 0)
    }
    program.code.append(instruction)
  }

  private func unsupported(_ construct: String) -> SplitPatternError {
    SplitPatternError(kind: .unsupported(construct), pattern: source, scalarOffset: 0)
  }

  private mutating func index(of set: ScalarSet) -> Int {
    if let index = setIndices[set] { return index }
    program.sets.append(ScalarBits(set))
    setIndices[set] = program.sets.count - 1
    return program.sets.count - 1
  }

  private mutating func emit(_ node: PatternNode) throws(SplitPatternError) {
    switch node {
    case .empty: break
    case .set(let set): try append(.one(set: index(of: set)))
    case .sequence(let items): for item in items { try emit(item) }
    case .alternatives(let branches): try emitAlternatives(branches[...])
    case .repetition(.set(let set), let minimum, let maximum, let greed):
      try append(
        .run(set: index(of: set), minimum: minimum, maximum: maximum ?? .max, greed))
    case .repetition(let item, let minimum, let maximum, .possessive):
      try emit(.atomic(.repetition(item, minimum: minimum, maximum: maximum, .greedy)))
    case .repetition(let item, let minimum, let maximum, let greed):
      try emitRepetition(item, minimum, maximum, isLazy: greed == .lazy)
    case .atomic(let item):
      let start = program.code.count
      try append(.atomic(next: 0))
      try emit(item)
      try append(.accept)
      program.code[start] = .atomic(next: program.code.count)
    case .look(let item, ahead: true, let negative):
      let start = program.code.count
      try append(.lookAhead(next: 0, negative: negative))
      try emit(item)
      try append(.accept)
      program.code[start] = .lookAhead(next: program.code.count, negative: negative)
    case .look(let item, ahead: false, let negative):
      guard case .set(let set) = item else {
        throw unsupported("a look-behind of more than one character")
      }
      try append(.lookBehind(set: index(of: set), negative: negative))
    case .textStart: try append(.textStart)
    case .textEnd: try append(.textEnd)
    case .lineStart: try append(.lineStart)
    case .lineEnd: try append(.lineEnd)
    }
  }

  private mutating func emitAlternatives(_ branches: ArraySlice<PatternNode>)
    throws(SplitPatternError)
  {
    guard let first = branches.first else { return }
    guard branches.count > 1 else { return try emit(first) }
    let split = program.code.count
    try append(.split(first: split + 1, second: 0))
    try emit(first)
    let jump = program.code.count
    try append(.jump(0))
    program.code[split] = .split(first: split + 1, second: program.code.count)
    try emitAlternatives(branches.dropFirst())
    program.code[jump] = .jump(program.code.count)
  }

  private mutating func emitRepetition(
    _ item: PatternNode, _ minimum: Int, _ maximum: Int?, isLazy: Bool
  ) throws(SplitPatternError) {
    for _ in 0..<minimum { try emit(item) }
    if let maximum {
      var splits: [Int] = []
      for _ in minimum..<max(minimum, maximum) {
        splits.append(program.code.count)
        try append(.jump(0))
        try emit(item)
      }
      for split in splits { setSplit(split, exit: program.code.count, isLazy: isLazy) }
    } else {
      guard !FirstBytes(item).canBeEmpty else {
        throw unsupported("an endless repetition of what can be empty")
      }
      let split = program.code.count
      try append(.jump(0))
      try emit(item)
      try append(.jump(split))
      setSplit(split, exit: program.code.count, isLazy: isLazy)
    }
  }

  private mutating func setSplit(_ split: Int, exit: Int, isLazy: Bool) {
    program.code[split] =
      isLazy ? .split(first: exit, second: split + 1) : .split(first: split + 1, second: exit)
  }
}

/// Which bytes a match can start with, and whether it can be empty.
private struct FirstBytes {
  var bytes = [Bool](repeating: false, count: 256)
  var canBeEmpty = false

  init(_ node: PatternNode) {
    switch node {
    case .set(let set): bytes = set.firstBytes
    case .empty, .look, .textStart, .textEnd, .lineStart, .lineEnd: canBeEmpty = true
    case .atomic(let item): self = FirstBytes(item)
    case .alternatives(let branches):
      for branch in branches.map(FirstBytes.init) {
        add(branch)
        canBeEmpty = canBeEmpty || branch.canBeEmpty
      }
    case .repetition(let item, let minimum, _, _):
      self = FirstBytes(item)
      canBeEmpty = canBeEmpty || minimum == 0
    case .sequence(let items):
      canBeEmpty = true
      for item in items.map(FirstBytes.init) where canBeEmpty {
        add(item)
        canBeEmpty = item.canBeEmpty
      }
    }
  }

  private mutating func add(_ other: FirstBytes) {
    for byte in 0..<256 where other.bytes[byte] { bytes[byte] = true }
  }
}
