// SPDX-License-Identifier: Apache-2.0

extension MergeGraph {
  /// The graph of a model, or nil where the model is not of the usual kind.
  ///
  /// Tokens that are `apart` must not merge, such as those that stand for bytes.
  ///
  /// - Complexity: O(total bytes of the tokens + rules · depth of merging).
  static func build(
    _ vocabulary: Vocabulary, _ merges: ConstantTable<Merge>, apart: [TokenID]
  ) -> MergeGraph? {
    guard vocabulary.identifierBound <= PackedToken.identifierLimit else { return nil }
    let merges = reachable(merges, vocabulary)
    let tied = tokensOfEqualRanks(merges)
    guard tied.count <= exceptionLimit, joinsBytes(merges, vocabulary, apart),
      let order = RuleOrder(vocabulary, merges, exceptions: tied),
      order.exceptions.count <= exceptionLimit
    else { return nil }
    return MergeGraph(order, vocabulary)
  }

  /// With more exceptions the graph is not worth asking.
  private static let exceptionLimit = 16

  /// The rules by their ranks, without those for what is in no text because it is spelt with a
  /// letter that stands for no byte.
  private static func reachable(
    _ merges: ConstantTable<Merge>, _ vocabulary: Vocabulary
  ) -> ConstantTable<Merge> {
    let view = merges.view
    let isSorted = (1..<max(merges.count, 1)).allSatisfy { view[$0 - 1].rank <= view[$0].rank }
    if isSorted, !vocabulary.hasUnreachable { return merges }
    let reachable = merges.elements.filter {
      !vocabulary.isUnreachable($0.left) && !vocabulary.isUnreachable($0.right)
    }
    return ConstantTable(isSorted ? reachable : reachable.sorted { $0.rank < $1.rank })
  }

  /// The tokens that have a rank in common with others, as SentencePiece's user-defined runs of
  /// spaces do: of these the leftmost place decides, and no order tells that.
  private static func tokensOfEqualRanks(_ merges: ConstantTable<Merge>) -> Set<TokenID> {
    let view = merges.view
    var tied: Set<TokenID> = []
    for index in 1..<max(merges.count, 1)
    where view[index - 1].rank == view[index].rank && view[index - 1].merged != view[index].merged {
      tied.insert(view[index - 1].merged)
      tied.insert(view[index].merged)
    }
    return tied
  }

  /// Whether every merged token's bytes are those of its parts.
  private static func joinsBytes(
    _ merges: ConstantTable<Merge>, _ vocabulary: Vocabulary, _ apart: [TokenID]
  ) -> Bool {
    var isApart = [Bool](repeating: false, count: vocabulary.identifierBound)
    for id in apart { isApart[Int(id)] = true }
    return vocabulary.withTokens { bytes, range in
      merges.allSatisfy { merge in
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

  /// The tables of rules that have an order.
  private convenience init?(_ order: consuming RuleOrder, _ vocabulary: Vocabulary) {
    let count = order.ids.count
    let isByteLevel = vocabulary.spelling == .byteLevel
    var singles = MutableTable<UInt32>(repeating: Self.none, count: 256)
    for byte in 0..<(isByteLevel ? 256 : 128) {
      guard let id = vocabulary.identifier(of: [UInt8(byte)]) else { continue }
      singles[byte] = order.orders[Int(id)]
    }
    var tokens = MutableTable<UInt32>(capacity: count)
    var trie = TokenTrie.Builder(tokens: count, bytes: vocabulary.totalBytes)
    vocabulary.withTokens { bytes, range in
      for index in 0..<count {
        let id = order.ids[index]
        let token = range(id) ?? 0..<0
        tokens.append(PackedToken.pack(id, length: token.count))
        guard !token.isEmpty, !vocabulary.isUnreachable(id) else { continue }
        if index + 8 < count, index >= Int(order.baseCount) {
          let left = Int(order.splits[index + 8] >> 32)
          let next = order.ids[index + 8]
          if let start = range(next)?.lowerBound {
            trie.prefetch(after: left, bytes[start + vocabulary.length(of: order.ids[left])])
          }
        }
        if index < Int(order.baseCount) {
          guard Self.isStart(bytes, token, isByteLevel) else { continue }
          trie.add(bytes, token, token: UInt32(index))
        } else {
          let left = Int(order.splits[index] >> 32)
          let middle = token.lowerBound + vocabulary.length(of: order.ids[left])
          trie.add(bytes, token, token: UInt32(index), after: left, endingAt: middle)
        }
      }
    }
    guard let (trie, shorter) = trie.build() else { return nil }
    let bytePairs = isByteLevel ? Self.bytePairs(order, singles) : MutableTable()
    let (exceptions, baseCount) = (order.exceptions.sorted(), order.baseCount)
    let (orders, rules, splits) = order.finish()
    self.init(
      tokens: tokens.finish(), orders: orders, singles: singles.finish(),
      bytePairs: bytePairs.finish(), rules: rules, splits: splits, trie: trie, shorter: shorter,
      baseCount: baseCount, exceptionTokens: ConstantTable(exceptions),
      vocabulary)
  }

  /// Whether merging can start from a token: a byte, or a scalar.
  private static func isStart(
    _ bytes: ByteSlices, _ token: Range<Int>, _ isByteLevel: Bool
  ) -> Bool {
    token.count == 1
      || (!isByteLevel && token.dropFirst().allSatisfy { bytes[$0] & 0xC0 == 0x80 })
  }

  /// For each two bytes the order of the token of both.
  private static func bytePairs(
    _ order: borrowing RuleOrder, _ singles: borrowing MutableTable<UInt32>
  ) -> MutableTable<UInt32> {
    var pairs = MutableTable<UInt32>(repeating: none, count: 1 << 16)
    var bytes = [Int](repeating: -1, count: Int(order.baseCount))
    for byte in 0..<256 where singles[byte] != none { bytes[Int(singles[byte])] = byte }
    for index in Int(order.baseCount)..<order.ids.count {
      let split = order.splits[index]
      let (left, right) = (Int(split >> 32), Int(split & 0xFFFF_FFFF))
      if left < bytes.count, right < bytes.count, bytes[left] >= 0, bytes[right] >= 0 {
        pairs[bytes[left] << 8 | bytes[right]] = UInt32(index)
      }
    }
    return pairs
  }
}
