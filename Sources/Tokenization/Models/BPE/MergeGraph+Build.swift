// SPDX-License-Identifier: Apache-2.0

extension MergeGraph {
  /// The graph of a model, or nil where the model is not of the usual kind.
  ///
  /// Tokens that are `apart` must not merge, such as those that stand for bytes.
  ///
  /// - Complexity: O(total bytes of the tokens + rules · depth of merging).
  static func build(
    _ vocabulary: Vocabulary, _ merges: RuleList, apart: [TokenID]
  ) -> MergeGraph? {
    guard vocabulary.identifierBound <= PackedToken.identifierLimit else { return nil }
    let merges = reachable(merges, vocabulary)
    let tied = tokensOfEqualRanks(merges)
    guard tied.count <= exceptionLimit, joinsBytes(merges, vocabulary, apart) else { return nil }
    let sequence = TokenSequence(capacity: vocabulary.count)
    let (order, tables) = Parallel.both(
      {
        RuleOrder.find(vocabulary, merges, exceptions: tied, into: sequence)
          .map { (rules: $0, bytes: ByteOrders($0, vocabulary)) }
      },
      whileFirst: { TokenTables(of: sequence, in: vocabulary) })
    guard let order, let tables, order.rules.exceptions.count <= exceptionLimit else { return nil }
    return MergeGraph(order.rules, order.bytes, tables, vocabulary)
  }

  /// With more exceptions the graph is not worth asking.
  private static let exceptionLimit = 16

  /// The rules by their ranks, without those for what is in no text because it is spelt with a
  /// letter that stands for no byte.
  private static func reachable(
    _ merges: RuleList, _ vocabulary: Vocabulary
  ) -> RuleList {
    let view = merges.view
    let isSorted =
      merges.hasOwnRanks
      || (1..<max(merges.count, 1)).allSatisfy { view[$0 - 1].rank <= view[$0].rank }
    if isSorted, !vocabulary.hasUnreachable { return merges }
    var reachable = merges.elements
    if vocabulary.hasUnreachable {
      reachable.removeAll {
        vocabulary.isUnreachable($0.left) || vocabulary.isUnreachable($0.right)
      }
    }
    if !isSorted { reachable.sort { $0.rank < $1.rank } }
    return RuleList(reachable)
  }

  /// The tokens that have a rank in common with others, as SentencePiece's user-defined runs of
  /// spaces do: of these the leftmost place decides, and no order tells that.
  ///
  /// Not all of them where there are too many.
  private static func tokensOfEqualRanks(_ merges: RuleList) -> Set<TokenID> {
    guard !merges.hasOwnRanks else { return [] }
    let view = merges.view
    var tied: Set<TokenID> = []
    for index in 1..<max(merges.count, 1)
    where view[index - 1].rank == view[index].rank && view[index - 1].merged != view[index].merged {
      guard tied.count <= exceptionLimit else { return tied }
      tied.insert(view[index - 1].merged)
      tied.insert(view[index].merged)
    }
    return tied
  }

  /// Whether every merged token's bytes are those of its parts.
  private static func joinsBytes(
    _ merges: RuleList, _ vocabulary: Vocabulary, _ apart: [TokenID]
  ) -> Bool {
    if merges.joinsBytes, apart.isEmpty, vocabulary.identifier(of: []) == nil { return true }
    var isApart = [Bool](repeating: false, count: vocabulary.identifierBound)
    for id in apart { isApart[Int(id)] = true }
    let isJoined = Parallel.map(Parallel.chunks(merges.count)) { [isApart] chunk in
      vocabulary.withTokens { bytes, range in
        let merges = merges.view
        return chunk.allSatisfy { index in
          let merge = merges[index]
          guard let left = range(merge.left), let right = range(merge.right),
            let merged = range(merge.merged), !left.isEmpty, !right.isEmpty,
            left.count + right.count == merged.count, !isApart[Int(merge.left)],
            !isApart[Int(merge.right)], !isApart[Int(merge.merged)]
          else { return false }
          return bytes.equals(merged.lowerBound, left.lowerBound, left.count)
            && bytes.equals(merged.lowerBound + left.count, right.lowerBound, right.count)
        }
      }
    }
    return !isJoined.contains(false)
  }

  /// The tables of rules that have an order.
  private convenience init(
    _ order: RuleOrder.Result, _ bytes: ByteOrders, _ tables: TokenTables, _ vocabulary: Vocabulary
  ) {
    self.init(
      tokens: tables.tokens, orders: order.orders, singles: bytes.singles, bytePairs: bytes.pairs,
      rules: order.rules, splits: order.splits, trie: tables.trie, shorter: tables.shorter,
      baseCount: order.baseCount, exceptionTokens: ConstantTable(order.exceptions), vocabulary)
  }

  /// The orders of the shortest tokens, by their bytes.
  private struct ByteOrders {
    /// See ``MergeGraph/singles`` and ``MergeGraph/bytePairs``.
    let singles: ConstantTable<UInt32>
    let pairs: ConstantTable<UInt32>

    init(_ order: RuleOrder.Result, _ vocabulary: Vocabulary) {
      let isByteLevel = vocabulary.spelling == .byteLevel
      var singles = MutableTable<UInt32>(repeating: none, count: 256)
      for byte in 0..<(isByteLevel ? 256 : 128) {
        guard let id = vocabulary.identifier(of: [UInt8(byte)]) else { continue }
        singles[byte] = order.orders[Int(id)]
      }
      var pairs = MutableTable<UInt32>()
      if isByteLevel { pairs = Self.pairs(order, singles) }
      self.singles = singles.finish()
      self.pairs = pairs.finish()
    }

    private static func pairs(
      _ order: RuleOrder.Result, _ singles: borrowing MutableTable<UInt32>
    ) -> MutableTable<UInt32> {
      var pairs = MutableTable<UInt32>(repeating: none, count: 1 << 16)
      var bytes = [Int](repeating: -1, count: Int(order.baseCount))
      for byte in 0..<256 where singles[byte] != none { bytes[Int(singles[byte])] = byte }
      let splits = order.splits.view
      for index in Int(order.baseCount)..<splits.count {
        let split = splits[index]
        let (left, right) = (Int(split >> 32), Int(split & 0xFFFF_FFFF))
        if left < bytes.count, right < bytes.count, bytes[left] >= 0, bytes[right] >= 0 {
          pairs[bytes[left] << 8 | bytes[right]] = UInt32(index)
        }
      }
      return pairs
    }
  }
}
