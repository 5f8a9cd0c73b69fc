// SPDX-License-Identifier: Apache-2.0

import TextNormalization

/// A pattern of the usual kind: what its pieces are made of among the ASCII bytes.
///
/// Nearly all byte-level tokenizers cut into runs of letters, numbers, marks and white space, with one
/// of the scalar before taken along:
///
/// ```
/// 's|'t|…              contractions, before the letters or after them
/// O?L+  or  O?U*l+|O?U+l*    letters; O is a space, or all that is no letter, number or line end
/// N{1,n}  or   ?N+     numbers
///  ?P+T*               marks, with line ends (and some marks between them) after them
/// \s*[\r\n]+           white space up to the last line end
/// \s+(?!\S)|\s+        white space, without the last that the next piece may want
/// ```
///
/// SentencePiece-style text is cut by another such pattern (``SpacePlan``), of letters and numbers that
/// may be any scalars: `[ ▁]*L+|[ ▁]*N+|[ ▁]+|[^ ▁LN]`.
///
/// Then where pieces start follows from what stands beside each byte, in all 64 at once: see
/// ``RunWindow``. Any other pattern has no rules.
struct RunRules: Sendable {
  /// The classes in the order of their masks.
  enum Class: Int, CaseIterable {
    case letters, numbers, spaces, lineEnds, whitespace, apostrophe, lowercase, tailMarks
  }

  enum Prefix: BitwiseCopyable, Sendable {
    case none, space
    /// All that is no letter, number or line end.
    case any
  }

  enum Contraction: BitwiseCopyable, Sendable {
    /// `'s` is a piece of its own, or the end of the letters before.
    case before, after
  }

  /// What a pattern is like, beside its classes.
  struct Traits: BitwiseCopyable, Sendable {
    /// Whether only letters, numbers and spaces make runs, and the first two take all spaces along.
    var isSpaced = false
    /// What letters take along.
    var prefix = Prefix.none
    /// Whether lower case ends with upper case.
    var isCased = false
    /// How many numbers a piece has at most.
    var numberLimit = Int.max
    var numbersTakeSpace = false
    var marksTakeSpace = false
    /// Whether line ends after marks belong to them, and whether marks among those do.
    var hasTail = false
    var hasTailMarks = false
    /// Whether white space ends with its last line end.
    var hasLineEnds = false
    var contraction: Contraction?
  }

  let traits: Traits
  let classes: ByteClasses
  /// For the two letters after an apostrophe, seven bits each, how long the contraction is, or 0.
  let contractions: ConstantTable<UInt8>

  /// The rules of a pattern's alternatives, or nil.
  init?(_ branches: [PatternNode]) {
    guard let parts = Parts(branches),
      let table = Self.contractionTable(parts.contractions, letters: parts[.letters])
    else { return nil }
    traits = parts.traits
    contractions = ConstantTable(table)
    classes = ByteClasses(parts.sets)
  }

  /// How long a contraction of two or three is for each two bytes after the apostrophe; nil for other
  /// words.
  private static func contractionTable(
    _ words: [[ScalarSet]], letters: [Bool]
  ) -> [UInt8]? {
    var table = [UInt8](repeating: 0, count: words.isEmpty ? 0 : 1 << 14)
    for word in words.reversed() {
      guard (2...3).contains(word.count), word[0] == ScalarSet(scalars: [0x27]) else { return nil }
      let members = word.dropFirst().map { set in (0..<128).map { set.contains(UInt32($0)) } }
      for first in 0..<128 where members[0][first] {
        guard letters[first] else { return nil }
        for second in 0..<128 where word.count == 2 || members[1][second] {
          guard word.count == 2 || letters[second] else { return nil }
          table[first << 7 | second] = UInt8(word.count)
        }
      }
    }
    return table
  }
}

// MARK: - Taking a pattern apart

/// The alternatives of a pattern as the rules name them.
private struct Parts {
  var sets = [[Bool]](
    repeating: [Bool](repeating: false, count: 128), count: RunRules.Class.allCases.count)
  var traits = RunRules.Traits()
  var contractions: [[ScalarSet]] = []
  private var rest: ArraySlice<PatternNode>

  private static let space = Self.ascii(ScalarSet(scalars: [0x20]))

  init?(_ branches: [PatternNode]) {
    rest = branches[...]
    if takeSpaced(branches) { return }
    while let words = rest.first?.words {
      guard words.allSatisfy({ $0.first?.contains(0x27) ?? false }) else { break }
      contractions += words
      traits.contraction = .before
      rest.removeFirst()
    }
    guard let optional = takeLetters(), let (marks, tail) = takeNumbersAndMarks(), takeWhitespace()
    else { return nil }
    guard arePartition(marks), setTail(tail, marks), setPrefix(optional, marks) else { return nil }
    self[.spaces] = Self.space
    self[.apostrophe] = Self.ascii(ScalarSet(scalars: [0x27]))
    guard marks[0x27] else { return nil }
  }

  subscript(name: RunRules.Class) -> [Bool] {
    get { sets[name.rawValue] }
    set { sets[name.rawValue] = newValue }
  }

  private static func ascii(_ set: ScalarSet?) -> [Bool] {
    (0..<128).map { byte in set?.contains(UInt32(byte)) ?? false }
  }

  /// Takes the alternatives of SentencePiece-style text.
  private mutating func takeSpaced(_ branches: [PatternNode]) -> Bool {
    guard branches.count > 2, case (let alone, nil)? = branches[branches.count - 2].runs,
      alone.form == .runs, alone.optional == nil, alone.b == nil
    else { return false }
    var taken = alone.a
    var kinds: [[Bool]] = []
    for branch in branches.dropLast(2) {
      guard case (let words, nil)? = branch.runs, words.form == .overlapping,
        words.optional == nil, words.a == alone.a, let letters = words.b,
        taken.intersection(letters).isEmpty
      else { return false }
      taken = taken.union(letters)
      let members = Self.ascii(letters)
      if members.contains(true) { kinds.append(members) }
    }
    guard kinds.count <= 2, branches.last == .set(taken.inverted) else { return false }
    traits.isSpaced = true
    if let first = kinds.first { self[.letters] = first }
    if kinds.count == 2 { self[.numbers] = kinds[1] }
    self[.spaces] = Self.ascii(alone.a)
    return true
  }

  /// Takes the alternatives for letters; gives what they take along.
  private mutating func takeLetters() -> ScalarSet?? {
    guard let (first, tail) = rest.popFirst()?.runs else { return nil }
    self[.letters] = Self.ascii(first.b.map { first.a.union($0) } ?? first.a)
    switch first.form {
    case .runs where first.b == nil: break
    case .overlapping:
      guard let (second, secondTail) = rest.popFirst()?.runs, second.form == .runs,
        second.a == first.a, second.b == first.b, second.optional == first.optional,
        secondTail == tail
      else { return nil }
      traits.isCased = true
      let upper = Self.ascii(first.a)
      self[.lowercase] = Self.ascii(first.b)
      guard (0..<128).allSatisfy({ !upper[$0] || !self[.lowercase][$0] }) else { return nil }
    default: return nil
    }
    if let tail {
      guard traits.contraction == nil, case .repetition(let group, 0, 1, .greedy) = tail,
        let words = group.words
      else { return nil }
      contractions = words
      traits.contraction = .after
    }
    return .some(first.optional)
  }

  /// Takes the alternatives for numbers and marks; gives the marks and what may follow them.
  private mutating func takeNumbersAndMarks() -> (marks: [Bool], tail: [Bool])? {
    var result: (marks: [Bool], tail: [Bool])?
    var hasNumbers = false
    while result == nil || !hasNumbers {
      guard let branch = rest.popFirst() else { return nil }
      if case .set(let set) = branch, set.contains(0x30), !hasNumbers {
        hasNumbers = true
        traits.numberLimit = 1
        self[.numbers] = Self.ascii(set)
        continue
      }
      guard let (shape, tail) = branch.runs, tail == nil else { return nil }
      let takesSpace = shape.optional.map { Self.ascii($0) == Self.space }
      if shape.a.contains(0x30), !hasNumbers, shape.b == nil, shape.form != .toTextEnd,
        shape.form != .allButLast
      {
        hasNumbers = true
        traits.numberLimit = shape.maximum
        traits.numbersTakeSpace = takesSpace ?? false
        guard takesSpace ?? true, !traits.numbersTakeSpace || traits.numberLimit == .max else {
          return nil
        }
        self[.numbers] = Self.ascii(shape.a)
      } else if shape.a.contains(0x2C), result == nil, shape.form == .runs, takesSpace ?? true {
        traits.marksTakeSpace = takesSpace ?? false
        result = (Self.ascii(shape.a), Self.ascii(shape.b))
      } else {
        return nil
      }
    }
    return result
  }

  /// Takes the alternatives for white space, which must be the last.
  private mutating func takeWhitespace() -> Bool {
    var hasAllButLast = false
    while let branch = rest.popFirst() {
      if case .set(let set) = branch {
        return hasAllButLast && rest.isEmpty && Self.ascii(set) == self[.whitespace]
      }
      guard let (shape, tail) = branch.runs, tail == nil, shape.optional == nil else {
        return false
      }
      if !self[.whitespace].contains(true) { self[.whitespace] = Self.ascii(shape.a) }
      guard Self.ascii(shape.a) == self[.whitespace] else { return false }
      switch shape.form {
      case .toTextEnd where !hasAllButLast: break
      case .lastOf where !hasAllButLast && !traits.hasLineEnds:
        traits.hasLineEnds = true
        self[.lineEnds] = Self.ascii(shape.b)
      case .allButLast where !hasAllButLast: hasAllButLast = true
      case .runs: return hasAllButLast && rest.isEmpty && shape.b == nil
      default: return false
      }
    }
    return false
  }

  /// Whether every byte is a letter, a number, a mark or white space.
  private func arePartition(_ marks: [Bool]) -> Bool {
    (0..<128).allSatisfy { byte in
      [self[.letters], self[.numbers], self[.whitespace], marks].count { $0[byte] } == 1
        && (!self[.lineEnds][byte] || self[.whitespace][byte])
    }
  }

  private mutating func setTail(_ tail: [Bool], _ marks: [Bool]) -> Bool {
    traits.hasTail = tail.contains(true)
    guard traits.hasTail else { return true }
    self[.tailMarks] = (0..<128).map { tail[$0] && marks[$0] }
    traits.hasTailMarks = self[.tailMarks].contains(true)
    return (0..<128).allSatisfy { tail[$0] == (self[.lineEnds][$0] || self[.tailMarks][$0]) }
  }

  private mutating func setPrefix(_ optional: ScalarSet?, _ marks: [Bool]) -> Bool {
    let members = Self.ascii(optional)
    if !members.contains(true) {
      traits.prefix = .none
    } else if members == Self.space {
      traits.prefix = .space
    } else {
      traits.prefix = .any
      return (0..<128).allSatisfy { byte in
        members[byte] == (marks[byte] || (self[.whitespace][byte] && !self[.lineEnds][byte]))
      }
    }
    return true
  }
}

extension PatternNode {
  /// The shape of an alternative, and what follows it in there.
  fileprivate var runs: (shape: ShapeDescription, tail: PatternNode?)? {
    var items = [self]
    if case .sequence(let nodes) = self { items = nodes }
    guard let shape = ShapeDescription(items), items.count <= shape.length + 1 else { return nil }
    return (shape, items.count > shape.length ? items[shape.length] : nil)
  }

  /// What the node matches, where that is a few words of given length.
  fileprivate var words: [[ScalarSet]]? {
    switch self {
    case .set(let set): return [[set]]
    case .alternatives(let nodes):
      var words: [[ScalarSet]] = []
      for node in nodes {
        guard let more = node.words else { return nil }
        words += more
      }
      return words
    case .sequence(let nodes):
      var words: [[ScalarSet]] = [[]]
      for node in nodes {
        guard let more = node.words, words.count * more.count <= 64 else { return nil }
        words = words.flatMap { start in more.map { start + $0 } }
      }
      return words
    default: return nil
    }
  }
}
