// SPDX-License-Identifier: Apache-2.0

extension MergeGraph {
  /// Adds the graph's tables to a file.
  func write(to writer: inout TableArchiveWriter) {
    writer.add(.graphTokens, tokens)
    writer.add(.graphOrders, orders)
    writer.add(.graphSingles, singles)
    writer.add(.graphBytePairs, bytePairs)
    writer.add(.graphRules, rules)
    writer.add(.graphSplits, splits)
    writer.add(.graphShorter, shorter)
    writer.add(.graphExceptions, exceptionTokens)
    writer.add(.trieEdges, trie.edges)
    writer.add(.trieRoots, trie.roots)
    writer.add(.trieTokens, trie.tokens)
  }

  /// The graph of a file's tables, which are used where they lie.
  ///
  /// - Returns: nil where a table is missing, or refers to what is not there.
  convenience init?(
    _ tables: MappedTables, baseCount: UInt32, trieShift: UInt64, _ vocabulary: Vocabulary
  ) {
    let identifierBound = TokenID(vocabulary.identifierBound)
    guard let tokens = tables.table(.graphTokens, of: UInt32.self),
      let orders = tables.table(.graphOrders, of: UInt32.self),
      let singles = tables.table(.graphSingles, of: UInt32.self),
      let bytePairs = tables.table(.graphBytePairs, of: UInt32.self),
      let rules = tables.table(.graphRules, of: UInt64.self),
      let splits = tables.table(.graphSplits, of: UInt64.self),
      let shorter = tables.table(.graphShorter, of: UInt32.self),
      let exceptionTokens = tables.table(.graphExceptions, of: UInt32.self),
      let edges = tables.table(.trieEdges, of: UInt64.self),
      let roots = tables.table(.trieRoots, of: UInt32.self),
      let trieTokens = tables.table(.trieTokens, of: UInt32.self)
    else { return nil }
    let trie = TokenTrie(edges: edges, roots: roots, tokens: trieTokens, shift: trieShift)
    self.init(
      tokens: tokens, orders: orders, singles: singles, bytePairs: bytePairs, rules: rules,
      splits: splits, trie: trie, shorter: shorter, baseCount: baseCount,
      exceptionTokens: exceptionTokens, vocabulary)
    guard hasSoundTables(identifierBound), hasSoundLengths(vocabulary),
      hasSoundBytes(vocabulary), trie.isSound(orderCount: UInt32(tokens.count))
    else { return nil }
  }

  /// Whether all tables have their sizes, and what they refer to is there.
  private func hasSoundTables(_ identifierBound: TokenID) -> Bool {
    let count = UInt32(truncatingIfNeeded: tokens.count)
    func isOrder(_ order: UInt32) -> Bool { order < count || order == Self.none }
    guard exceptionTokens.allSatisfy({ $0 < identifierBound }) else { return false }
    guard tokens.count < PackedToken.identifierLimit, splits.count == tokens.count,
      shorter.count == tokens.count, orders.count == Int(identifierBound), singles.count == 256,
      bytePairs.count == 0 || bytePairs.count == 1 << 16,
      rules.count.nonzeroBitCount == 1, rules.count > 1, baseCount <= count
    else { return false }
    guard tokens.allSatisfy({ $0 & PackedToken.identifierMask < identifierBound }),
      orders.allSatisfy(isOrder), singles.allSatisfy(isOrder), bytePairs.allSatisfy(isOrder),
      shorter.allSatisfy(isOrder)
    else { return false }
    // A search for a rule that is not there ends at a free slot.
    let limit = UInt64(count)
    let mask: UInt64 = 0x1F_FFFF
    guard rules.contains(where: { $0 == 0 }),
      rules.allSatisfy({ max($0 >> 42, $0 >> 21 & mask, $0 & mask) < max(limit, 1) })
    else { return false }
    // Undoing merges ends, since parts come before what they make.
    let splits = splits.view
    var failures = 0
    for order in Int(baseCount)..<tokens.count {
      let (left, right) = (splits[order] >> 32, splits[order] & 0xFFFF_FFFF)
      failures &+= max(left, right) < UInt64(order) ? 0 : 1
    }
    return failures == 0
  }
}

extension MergeGraph {
  /// Whether backtracking ends: every token has a length, and the shorter one is shorter.
  private func hasSoundLengths(_ vocabulary: Vocabulary) -> Bool {
    let (tokens, splits, shorter) = (tokens.view, splits.view, shorter.view)
    func length(_ order: UInt32) -> Int {
      let packed = tokens[Int(order)]
      let length = Int(packed >> PackedToken.lengthShift)
      return length > 0 ? length : vocabulary.length(of: packed & PackedToken.identifierMask)
    }
    for order in 0..<UInt32(self.tokens.count) {
      let own = length(order)
      if tokens[Int(order)] >> PackedToken.lengthShift == 0 {
        // A length of 256 bytes or more is that of the parts.
        let split = splits[Int(order)]
        guard own >= 256, order >= baseCount,
          length(UInt32(truncatingIfNeeded: split >> 32))
            + length(UInt32(truncatingIfNeeded: split)) == own
        else { return false }
      }
      let other = shorter[Int(order)]
      guard other == Self.none || length(other) < own else { return false }
    }
    return true
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
  fileprivate func isSound(orderCount: UInt32) -> Bool {
    let nodeCount = UInt64(tokens.count)
    guard edges.count.nonzeroBitCount == 1, edges.count > 1,
      shift == UInt64(64 - edges.count.trailingZeroBitCount), roots.count == 256,
      nodeCount > 0, nodeCount < 1 << 24
    else { return false }
    return roots.allSatisfy { UInt64($0) < nodeCount }
      && tokens.allSatisfy { $0 < orderCount || $0 == Self.none }
      && edges.contains { $0 == 0 }
      && edges.allSatisfy { $0 >> 1 & 0x7FFF_FFFF < nodeCount }
  }
}
