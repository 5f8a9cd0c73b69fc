// SPDX-License-Identifier: Apache-2.0

extension MergeGraph {
  /// Adds the graph's tables to a file.
  func write(to writer: inout TableArchiveWriter) {
    writer.add(.graphTokens, tokens)
    writer.add(.graphOrders, orders)
    writer.add(.graphSingles, singles)
    writer.add(.graphBytePairs, bytePairs)
    writer.add(.graphRules, rules.slots)
    writer.add(.graphRuleFilter, rules.filter)
    writer.add(.graphSplits, splits)
    writer.add(.graphShorter, shorter)
    writer.add(.graphExceptions, exceptionTokens)
    writer.add(.trieEdges, trie.edges)
    writer.add(.trieRoots, trie.roots)
    writer.add(.trieLateTokens, trie.lateTokens)
  }

  /// The graph of a file's tables, which are used where they lie.
  ///
  /// - Returns: nil where a table is missing, or refers to what is not there.
  convenience init?(
    _ tables: MappedTables, baseCount: UInt32, trieBound: UInt32, _ vocabulary: Vocabulary
  ) {
    guard let tokens = tables.table(.graphTokens, of: UInt32.self),
      let orders = tables.table(.graphOrders, of: UInt32.self),
      let singles = tables.table(.graphSingles, of: UInt32.self),
      let bytePairs = tables.table(.graphBytePairs, of: UInt32.self),
      let rules = tables.table(.graphRules, of: UInt64.self),
      let ruleFilter = tables.table(.graphRuleFilter, of: UInt64.self),
      let splits = tables.table(.graphSplits, of: UInt64.self),
      let shorter = tables.table(.graphShorter, of: UInt32.self),
      let exceptionTokens = tables.table(.graphExceptions, of: UInt32.self),
      let edges = tables.table(.trieEdges, of: UInt64.self),
      let roots = tables.table(.trieRoots, of: UInt32.self),
      let lateTokens = tables.table(.trieLateTokens, of: UInt64.self)
    else { return nil }
    let trie = TokenTrie(
      edges: edges, roots: roots, lateTokens: lateTokens, tokenBound: trieBound)
    self.init(
      tokens: tokens, orders: orders, singles: singles, bytePairs: bytePairs,
      rules: RuleTable(slots: rules, filter: ruleFilter), splits: splits, trie: trie,
      shorter: shorter, baseCount: baseCount,
      exceptionTokens: exceptionTokens, vocabulary)
    guard hasSoundTables(vocabulary.identifierBound), hasSoundLengths(vocabulary),
      hasSoundBytes(vocabulary), trie.isSound(orderCount: tokens.count)
    else { return nil }
  }

  /// Whether all tables have their sizes, and what they refer to is there.
  private func hasSoundTables(_ identifierBound: Int) -> Bool {
    let count = tokens.count
    guard exceptionTokens.isBelow(identifierBound), count < PackedToken.identifierLimit,
      splits.count == count, shorter.count == count, orders.count == identifierBound,
      singles.count == 256, bytePairs.count == 0 || bytePairs.count == 1 << 16,
      rules.slots.count.nonzeroBitCount == 1, rules.slots.count > 1,
      rules.filter.count == RuleTable.filterCount(rules.slots.count), baseCount <= count
    else { return false }
    guard tokens.isBelow(identifierBound, in: PackedToken.identifierMask),
      orders.isBelowOrNone(count), singles.isBelowOrNone(count), bytePairs.isBelowOrNone(count),
      shorter.isBelowOrNone(count)
    else { return false }
    // A search for a rule that is not there ends at a free slot; of such a slot all parts are 0.
    guard rules.slots.contains(where: { $0 == 0 }),
      rules.slots.areTriplesBelow(max(count, 1))
    else { return false }
    return hasSoundSplits
  }

  /// Whether undoing merges ends, since parts come before what they make.
  private var hasSoundSplits: Bool {
    let splits = splits.view
    var signs: Int64 = 0
    for order in Int(baseCount)..<self.splits.count {
      let (left, right) = (Int64(splits[order] &>> 32), Int64(splits[order] & 0xFFFF_FFFF))
      signs |= (Int64(order) &- 1 &- left) | (Int64(order) &- 1 &- right)
    }
    return signs >= 0
  }
}

extension MergeGraph {
  /// Whether backtracking ends: every token has a length, and the shorter one is shorter.
  private func hasSoundLengths(_ vocabulary: Vocabulary) -> Bool {
    let (tokens, shorter) = (tokens.view, shorter.view)
    for order in 0..<self.tokens.count {
      let own = tokens[order] &>> PackedToken.lengthShift
      let other = shorter[order]
      let isShort = own > 0 && other != Self.none
      let length = isShort ? tokens[Int(other)] &>> PackedToken.lengthShift : 0
      if isShort && length > 0 {
        guard length < own else { return false }
      } else {
        guard hasSoundLength(order, vocabulary) else { return false }
      }
    }
    return true
  }

  /// The same of one token, which may be long.
  private func hasSoundLength(_ order: Int, _ vocabulary: Vocabulary) -> Bool {
    func length(_ order: UInt32) -> Int {
      let packed = tokens.view[Int(order)]
      let length = Int(packed >> PackedToken.lengthShift)
      return length > 0 ? length : vocabulary.length(of: packed & PackedToken.identifierMask)
    }
    let own = length(UInt32(order))
    if tokens.view[order] >> PackedToken.lengthShift == 0 {
      // A length of 256 bytes or more is that of the parts.
      let split = splits.view[order]
      guard own >= 256, order >= Int(baseCount),
        length(UInt32(truncatingIfNeeded: split >> 32))
          + length(UInt32(truncatingIfNeeded: split)) == own
      else { return false }
    }
    let other = shorter.view[order]
    return other == Self.none || length(other) < own
  }

  /// Whether the bytes of a byte-level vocabulary can be merged.
  private func hasSoundBytes(_ vocabulary: Vocabulary) -> Bool {
    guard vocabulary.spelling == .byteLevel else { return true }
    return bytePairs.count == 1 << 16
      && (0...UInt8.max).allSatisfy { byte in
        vocabulary.identifier(of: [byte]) == nil || singles[Int(byte)] != Self.none
      }
  }
}

extension TokenTrie {
  /// Whether all tables have their sizes, and what they refer to is there.
  fileprivate func isSound(orderCount: Int) -> Bool {
    guard edges.count.nonzeroBitCount == 1, edges.count > 1,
      Unit.rootCounts.contains(roots.count),
      UInt64(tokenBound) + UInt64(lateTokens.count) < UInt64(Self.root)
    else { return false }
    let last = min(UInt64(orderCount), UInt64(tokenBound))
    let (bound, lateCount) = (UInt64(tokenBound), UInt64(lateTokens.count))
    // The sign bit of a step to what is no node is set; nodes without a token of their number come
    // after all tokens.
    func sign(_ step: UInt64) -> UInt64 {
      let node = step &>> 2 & UInt64(Self.root)
      let past = node &- bound
      return ~((node &- last) | (~past & (past &- lateCount)))
    }
    guard edges.contains(where: { $0 == 0 }),
      lateTokens.allSatisfy({
        let nearest = Late(bits: $0).nearest
        return nearest < UInt32(orderCount) || nearest == Self.none
      }),
      roots.allSatisfy({ $0 == 0 || sign(UInt64($0)) >> 63 == 0 })
    else { return false }
    // A free slot reads as a step to the first node, which is there in all but empty tries.
    return last > 0
      ? edges.bits(sign) >> 63 == 0 : edges.allSatisfy { $0 == 0 || sign($0) >> 63 == 0 }
  }
}
