// SPDX-License-Identifier: Apache-2.0

/// Finds out which rules of a model can be applied, and numbers the tokens that they make.
///
/// Of all rules for a token one can be applied at most: the one whose parts the token's bytes are at
/// the time. The others are left out.
///
/// Training finds a rule after those that make its parts. A file made of ranks, such as Llama 3's,
/// may have it before them: such a rule waits for its parts and is applied as soon as a text has got
/// both, so it counts as if it stood right after the rule that makes the later one.
struct RuleOrder: ~Copyable {
  /// For each id its order, or ``MergeGraph/none``.
  private var orders: MutableTable<UInt32>
  /// The rules that can be applied.
  private var rules: RuleTable.Builder
  /// How many orders are not made by a rule.
  private var baseCount: UInt32 = 0
  /// The tokens of rules that have no place in any order.
  private var exceptions: Set<TokenID>

  private let merges: RuleList
  /// Where the tokens and their parts are written: first the tokens that no rule makes.
  private let sequence: TokenSequence
  private let splits: WorkBuffer<UInt64>.View
  /// How many tokens have an order.
  private var count = 0
  /// For each id one more than the last rule that waits for its token, and for each rule one more
  /// than the one before it; 0 where there is none.
  private var lastWaiting: MutableTable<UInt32>
  private var waitingBefore: MutableTable<UInt32>
  /// The rules that ``release(after:)`` looks at, the next one last.
  private var released: [Int] = []

  private static let none = MergeGraph.none

  /// An order without rules.
  private init(
    _ vocabulary: Vocabulary, _ merges: RuleList, exceptions: Set<TokenID>,
    into sequence: TokenSequence
  ) {
    self.merges = merges
    self.exceptions = exceptions
    self.sequence = sequence
    splits = sequence.splits.view
    let bound = vocabulary.identifierBound
    var isMade = MutableTable<Bool>(zeros: bound)
    var madeCount = 0
    for index in 0..<merges.count where !isMade[Int(merges.view[index].merged)] {
      isMade[Int(merges.view[index].merged)] = true
      madeCount += 1
    }
    rules = RuleTable.Builder(rules: madeCount)
    orders = MutableTable(repeating: Self.none, count: bound)
    lastWaiting = MutableTable(zeros: bound)
    waitingBefore = MutableTable(sparseZeros: merges.count)
    for id in 0..<bound where !isMade[id] && vocabulary.contains(TokenID(id)) {
      append(TokenID(id), split: 0)
    }
    baseCount = UInt32(count)
    sequence.beginRules(after: count)
  }

  /// The order of rules that are sorted by their ranks.
  ///
  /// Rules that make one of the `exceptions`, or have it as a part, are left out.
  ///
  /// - Returns: nil where a rule that can be applied is named twice. The sequence is closed in any
  ///   case.
  static func find(
    _ vocabulary: Vocabulary, _ merges: RuleList, exceptions: Set<TokenID>,
    into sequence: TokenSequence
  ) -> Result? {
    var order = RuleOrder(vocabulary, merges, exceptions: exceptions, into: sequence)
    let isWhole = order.addRules()
    sequence.close(order.count)
    return isWhole ? order.finish() : nil
  }

  /// The tables that become the graph's.
  struct Result: Sendable {
    let orders: ConstantTable<UInt32>
    let rules: RuleTable
    let splits: ConstantTable<UInt64>
    let baseCount: UInt32
    /// The tokens of rules that have no place in any order, sorted.
    let exceptions: [TokenID]
  }

  private mutating func addRules() -> Bool {
    for index in 0..<merges.count {
      prefetch(after: index)
      if !exceptions.isEmpty, exceptions.contains(merges.view[index].merged) { continue }
      guard add(index) else { return false }
    }
    return true
  }

  private consuming func finish() -> Result {
    let exceptions = exceptions.sorted()
    var splits = MutableTable<UInt64>(capacity: count)
    for index in 0..<count { splits.append(self.splits[index]) }
    return Result(
      orders: orders.finish(), rules: rules.finish(), splits: splits.finish(),
      baseCount: baseCount, exceptions: exceptions)
  }

  // MARK: Rules

  private enum Verdict {
    case applies(left: UInt32, right: UInt32)
    case waits(for: TokenID)
    case neverApplies
    /// Of a rule that is named twice the last rank counts.
    case isNamedTwice
  }

  private func verdict(on merge: Merge) -> Verdict {
    let (left, right) = (orders[Int(merge.left)], orders[Int(merge.right)])
    let made = orders[Int(merge.merged)]
    if made != Self.none {
      return splits[Int(made)] == UInt64(left) << 32 | UInt64(right) ? .isNamedTwice : .neverApplies
    }
    if left == Self.none { return .waits(for: merge.left) }
    if right == Self.none { return .waits(for: merge.right) }
    return isReached(left, right) ? .applies(left: left, right: right) : .neverApplies
  }

  /// Adds a rule and those that waited for its token; false where one is named twice.
  private mutating func add(_ index: Int) -> Bool {
    let merge = merges.view[index]
    switch verdict(on: merge) {
    case .applies(let left, let right):
      append(merge.merged, left, right)
      return lastWaiting[Int(merge.merged)] == 0 || release(after: merge)
    case .waits(let part): wait(index, for: part)
    case .neverApplies: break
    case .isNamedTwice: return false
    }
    return true
  }

  /// Whether merging the bytes of both gives both, by the rules so far.
  private func isReached(_ left: UInt32, _ right: UInt32) -> Bool {
    var (left, right, limit) = (left, right, Self.none)
    while true {
      if left > right {
        if left < baseCount { return true }
        limit = left
        left = UInt32(truncatingIfNeeded: splits[Int(left)])
      } else {
        if right < baseCount { return true }
        limit = right + 1
        right = UInt32(truncatingIfNeeded: splits[Int(right)] >> 32)
      }
      if rules.view.merged(left, right) < limit { return false }
    }
  }

  private mutating func append(_ id: TokenID, _ left: UInt32, _ right: UInt32) {
    rules.add(left, right, UInt32(count))
    append(id, split: UInt64(left) << 32 | UInt64(right))
  }

  private mutating func append(_ id: TokenID, split: UInt64) {
    orders[Int(id)] = UInt32(count)
    sequence.ids.view[count] = id
    splits[count] = split
    count += 1
    sequence.publish(count)
  }

  /// Asks for what the rules that come next will read, each time for what is known by then of where
  /// it is: the tables are larger than the fast memories, and reading them is most of the work.
  @inline(__always)
  private func prefetch(after index: Int) {
    let merges = merges.view
    guard index + 24 < merges.count else { return }
    let far = merges[index + 24]
    orders.prefetch(Int(far.left))
    orders.prefetch(Int(far.right))
    orders.prefetch(Int(far.merged))
    let middle = merges[index + 12]
    let (first, second) = (orders[Int(middle.left)], orders[Int(middle.right)])
    guard first != Self.none, second != Self.none, orders[Int(middle.merged)] == Self.none
    else { return }
    splits.prefetch(Int(max(first, second)))
    rules.view.prefetch(first, second)
    let near = merges[index + 6]
    var (left, right) = (orders[Int(near.left)], orders[Int(near.right)])
    guard left != Self.none, right != Self.none, orders[Int(near.merged)] == Self.none
    else { return }
    if left > right {
      left = UInt32(truncatingIfNeeded: splits[Int(left)])
    } else {
      right = UInt32(truncatingIfNeeded: splits[Int(right)] >> 32)
    }
    rules.view.prefetch(left, right)
  }

  // MARK: Rules that wait

  private mutating func wait(_ index: Int, for part: TokenID) {
    waitingBefore[index] = lastWaiting[Int(part)]
    lastWaiting[Int(part)] = UInt32(index) + 1
  }

  /// Moves the rules that wait for a token to the end of those released, the first one last.
  private mutating func takeWaiting(for part: TokenID) {
    let start = released.count
    var next = lastWaiting[Int(part)]
    lastWaiting[Int(part)] = 0
    while next != 0 {
      released.append(Int(next) - 1)
      next = waitingBefore[Int(next) - 1]
    }
    if released.count > start + 1 { released[start...].sort(by: >) }
  }

  /// Adds the rules that waited for the token of one that was just added, and those that waited for
  /// theirs; false where one is named twice.
  private mutating func release(after root: Merge) -> Bool {
    var cascade: Cascade?
    takeWaiting(for: root.merged)
    while let index = released.popLast() {
      let merge = merges.view[index]
      switch verdict(on: merge) {
      case .applies(let left, let right):
        if cascade == nil { cascade = Cascade(root) }
        guard cascade?.takes(merge) == true else {
          exceptions.insert(merge.merged)
          continue
        }
        append(merge.merged, left, right)
        takeWaiting(for: merge.merged)
      case .waits(let part): wait(index, for: part)
      case .neverApplies: break
      case .isNamedTwice: return false
      }
    }
    return true
  }
}

/// The rules that are applied at once when a rule, the root, has been.
///
/// By the definition the root is applied at one place of a text after the other, and each time what
/// follows from it. An order has them one after the other everywhere. Both are the same unless two
/// places could want one token: a rule for which that cannot be excluded is not taken.
private struct Cascade {
  private let root: Merge
  /// What the root and the rules make.
  private var made: Set<TokenID>
  /// What they take from the left and from the right of it.
  private var lefts: Set<TokenID> = []
  private var rights: Set<TokenID> = []

  init(_ root: Merge) {
    self.root = root
    made = [root.merged]
  }

  mutating func takes(_ merge: Merge) -> Bool {
    guard root.left != root.right, made.contains(merge.left) != made.contains(merge.right) else {
      return false
    }
    if made.contains(merge.left) {
      guard merge.right != root.left, !lefts.contains(merge.right) else { return false }
      rights.insert(merge.right)
    } else {
      guard !rights.contains(merge.left) else { return false }
      lefts.insert(merge.left)
    }
    made.insert(merge.merged)
    return true
  }
}
