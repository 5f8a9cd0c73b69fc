// SPDX-License-Identifier: Apache-2.0

/// Rules in the order of their file, in eight bytes each where ids have 21 bits and each rank is the
/// rule's place in the list, as in nearly all files.
package struct RuleList: Sendable {
  private enum Storage {
    /// Left, right and merged, 21 bits each.
    case packed(ConstantTable<UInt64>)
    case whole(ConstantTable<Merge>)
  }

  private static let identifierBits: UInt64 = 21
  private static let identifierMask: UInt64 = 1 << identifierBits - 1

  private let storage: Storage
  /// Whether each merged token's bytes are known to be those of its parts.
  let joinsBytes: Bool

  /// The rules of a list.
  init(_ rules: [Merge]) {
    var builder = Builder(capacity: rules.count)
    for rule in rules { builder.append(rule) }
    self = builder.finish()
  }

  /// The rules of a compiled file, which must be those of ids below a limit; nil where they are not.
  init?(_ tables: MappedTables, identifierBound: Int) {
    joinsBytes = false
    if let packed = tables.table(.merges, of: UInt64.self) {
      guard packed.areTriplesBelow(identifierBound) else { return nil }
      storage = .packed(packed)
    } else {
      guard let whole = tables.table(.merges, of: Merge.self), whole.isBelow(identifierBound)
      else { return nil }
      storage = .whole(whole)
    }
  }

  private init(_ storage: Storage, joinsBytes: Bool) {
    self.storage = storage
    self.joinsBytes = joinsBytes
  }

  /// Adds the rules to a compiled file.
  func write(to writer: inout TableArchiveWriter) {
    switch storage {
    case .packed(let table): writer.add(.merges, table)
    case .whole(let table): writer.add(.merges, table)
    }
  }

  /// How many rules there are.
  package var count: Int {
    switch storage {
    case .packed(let table): table.count
    case .whole(let table): table.count
    }
  }

  /// Whether the rules are known to be sorted by ranks, of which no two are the same.
  var hasOwnRanks: Bool {
    switch storage {
    case .packed: true
    case .whole: false
    }
  }

  /// All rules.
  var elements: [Merge] {
    let view = view
    return (0..<count).map { view[$0] }
  }

  var view: View {
    switch storage {
    case .packed(let table): .packed(table.view)
    case .whole(let table): .whole(table.view)
    }
  }

  /// The rules as inner loops read them; valid as long as the table.
  enum View {
    case packed(ConstantTable<UInt64>.View)
    case whole(ConstantTable<Merge>.View)

    var count: Int {
      switch self {
      case .packed(let rules): rules.count
      case .whole(let rules): rules.count
      }
    }

    @inline(__always)
    subscript(index: Int) -> Merge {
      switch self {
      case .packed(let rules): RuleList.unpack(rules[index], rank: index)
      case .whole(let rules): rules[index]
      }
    }
  }

  @inline(__always)
  private static func pack(_ rule: Merge) -> UInt64 {
    UInt64(rule.left) << (2 * identifierBits) | UInt64(rule.right) << identifierBits
      | UInt64(rule.merged)
  }

  @inline(__always)
  private static func unpack(_ rule: UInt64, rank: Int) -> Merge {
    Merge(
      left: TokenID(truncatingIfNeeded: rule &>> (2 &* identifierBits) & identifierMask),
      right: TokenID(truncatingIfNeeded: rule &>> identifierBits & identifierMask),
      merged: TokenID(truncatingIfNeeded: rule & identifierMask),
      rank: UInt32(truncatingIfNeeded: rank))
  }

  /// A list while rules are added one after the other.
  package struct Builder: ~Copyable {
    private var rules: MutableTable<Merge>
    private var fits = true

    /// Starts with room for so many rules, which costs nothing until it is used.
    package init(capacity: Int) {
      rules = MutableTable(capacity: capacity)
    }

    /// How many rules there are.
    package var count: Int { rules.count }

    package mutating func append(_ rule: Merge) {
      fits =
        fits && rule.rank == rules.count
        && max(rule.left, rule.right, rule.merged) < 1 << UInt32(RuleList.identifierBits)
      rules.append(rule)
    }

    /// The list of all rules added.
    package consuming func finish() -> RuleList {
      guard fits else { return RuleList(.whole(rules.finish()), joinsBytes: false) }
      var packed = MutableTable<UInt64>(capacity: rules.count)
      for index in 0..<rules.count { packed.append(RuleList.pack(rules[index])) }
      return RuleList(.packed(packed.finish()), joinsBytes: false)
    }
  }

  /// A table of so many rules while threads write it, each its own; a rule's rank is its place.
  struct Draft: Sendable {
    private let packed: WorkBuffer<UInt64>?
    private let whole: WorkBuffer<Merge>?

    init(count: Int, identifierBound: Int) {
      let fits = identifierBound <= 1 << Int(RuleList.identifierBits)
      packed = fits ? WorkBuffer(count: count) : nil
      whole = fits ? nil : WorkBuffer(count: count)
    }

    @inline(__always)
    func set(_ left: TokenID, _ right: TokenID, _ merged: TokenID, rank: Int) {
      let rule = Merge(
        left: left, right: right, merged: merged, rank: UInt32(truncatingIfNeeded: rank))
      packed?.view[rank] = RuleList.pack(rule)
      whole?.view[rank] = rule
    }

    /// The table, when all rules are written.
    func finish(joinsBytes: Bool) -> RuleList {
      let storage: Storage =
        if let packed { .packed(ConstantTable(packed)) } else {
          .whole(whole.map { ConstantTable($0) } ?? ConstantTable([]))
        }
      return RuleList(storage, joinsBytes: joinsBytes)
    }
  }
}
