// SPDX-License-Identifier: Apache-2.0

extension MergeGraph {
  /// The graph of a model, or nil where the model is not of the usual kind.
  ///
  /// Of all rules for a token one can be applied at most: the one whose parts the token's bytes are
  /// at the time. The others are left out.
  ///
  /// Tokens that are `apart` must not merge, such as those that stand for bytes.
  ///
  /// - Complexity: O(total bytes of the tokens + rules · depth of merging).
  static func build(_ vocabulary: Vocabulary, _ merges: [Merge], apart: [TokenID]) -> MergeGraph? {
    guard vocabulary.identifierBound <= PackedToken.identifierLimit else { return nil }
    // What is spelt with a letter that stands for no byte is in no text.
    var merges = merges.filter {
      !vocabulary.isUnreachable($0.left) && !vocabulary.isUnreachable($0.right)
    }
    if !zip(merges, merges.dropFirst()).allSatisfy({ $0.rank <= $1.rank }) {
      merges.sort { $0.rank < $1.rank }
    }
    guard hasOneTokenPerRank(merges), joinsBytes(merges, vocabulary, apart) else { return nil }
    var builder = Builder(vocabulary, merges)
    guard builder.addRules(merges) else { return nil }
    return builder.finish()
  }

  /// With more exceptions the graph is not worth asking.
  private static let exceptionLimit = 16

  private static func hasOneTokenPerRank(_ merges: [Merge]) -> Bool {
    zip(merges, merges.dropFirst()).allSatisfy { $0.rank != $1.rank || $0.merged == $1.merged }
  }

  /// Whether every merged token's bytes are those of its parts.
  private static func joinsBytes(
    _ merges: [Merge], _ vocabulary: Vocabulary, _ apart: [TokenID]
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

  /// The tables while they grow.
  private struct Builder {
    let vocabulary: Vocabulary
    var tokens: [UInt32] = []
    var orders: [UInt32]
    var splits: [UInt64] = []
    var rules: [UInt64]
    var baseCount: UInt32 = 0
    /// The tokens of rules that come before those of their parts.
    var exceptions: Set<TokenID> = []
    private let shift: UInt64

    init(_ vocabulary: Vocabulary, _ merges: [Merge]) {
      self.vocabulary = vocabulary
      orders = Array(repeating: MergeGraph.none, count: vocabulary.identifierBound)
      var isMade = [Bool](repeating: false, count: vocabulary.identifierBound)
      var madeCount = 0
      for merge in merges where !isMade[Int(merge.merged)] {
        isMade[Int(merge.merged)] = true
        madeCount += 1
      }
      var bits: UInt64 = 6
      while 1 << bits < madeCount * 2 { bits += 1 }
      shift = 64 - bits
      rules = Array(repeating: 0, count: 1 << bits)
      for id in 0..<vocabulary.identifierBound
      where !isMade[id] && vocabulary.contains(TokenID(id)) {
        append(TokenID(id), split: 0)
      }
      baseCount = UInt32(tokens.count)
    }

    private mutating func append(_ id: TokenID, split: UInt64) {
      orders[Int(id)] = UInt32(tokens.count)
      tokens.append(PackedToken.pack(id, length: vocabulary.length(of: id)))
      splits.append(split)
    }

    /// Adds the rules that can be applied, in the order of their ranks; false where too many would be
    /// applied before those that make their parts.
    mutating func addRules(_ merges: [Merge]) -> Bool {
      var skipped: [Merge] = []
      for merge in merges {
        let (left, right) = (orders[Int(merge.left)], orders[Int(merge.right)])
        guard left != MergeGraph.none, right != MergeGraph.none else {
          skipped.append(merge)
          continue
        }
        let made = orders[Int(merge.merged)]
        if made != MergeGraph.none {
          // A rule that is named twice has its last rank.
          if splits[Int(made)] == UInt64(left) << 32 | UInt64(right) { return false }
          continue
        }
        guard isReached(left, right) else { continue }
        let order = UInt32(tokens.count)
        append(merge.merged, split: UInt64(left) << 32 | UInt64(right))
        insert(left, right, order)
      }
      // A rule whose part comes later is of no use where its token has been made before: bytes that
      // are left alone until the part is there have become the token by then.
      for merge in skipped {
        let (left, right) = (orders[Int(merge.left)], orders[Int(merge.right)])
        if left == MergeGraph.none || right == MergeGraph.none { continue }
        let made = orders[Int(merge.merged)]
        if made == MergeGraph.none || made > max(left, right) { exceptions.insert(merge.merged) }
      }
      return exceptions.count <= MergeGraph.exceptionLimit
    }

    private mutating func insert(_ left: UInt32, _ right: UInt32, _ merged: UInt32) {
      let key = UInt64(left) << 21 | UInt64(right)
      var place = MergeGraph.slot(key, shift)
      while rules[place] != 0 { place = (place + 1) & (rules.count - 1) }
      rules[place] = key << 21 | UInt64(merged)
    }

    /// Whether merging the bytes of both gives both, by the rules so far.
    private func isReached(_ left: UInt32, _ right: UInt32) -> Bool {
      var (left, right, limit) = (left, right, MergeGraph.none)
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
        if merged(left, right) < limit { return false }
      }
    }

    private func merged(_ left: UInt32, _ right: UInt32) -> UInt32 {
      let key = UInt64(left) << 21 | UInt64(right)
      var place = MergeGraph.slot(key, shift)
      while rules[place] != 0 {
        if rules[place] >> 21 == key { return UInt32(truncatingIfNeeded: rules[place]) & 0x1F_FFFF }
        place = (place + 1) & (rules.count - 1)
      }
      return MergeGraph.none
    }

    consuming func finish() -> MergeGraph? {
      let isByteLevel = vocabulary.spelling == .byteLevel
      var singles = [UInt32](repeating: MergeGraph.none, count: 256)
      for byte in 0..<(isByteLevel ? 256 : 128) {
        guard let id = vocabulary.identifier(of: [UInt8(byte)]) else { continue }
        singles[byte] = orders[Int(id)]
      }
      var joins = [UInt64](repeating: 0, count: 1 << 10)
      var trie = TokenTrie.Builder(bytes: vocabulary.totalBytes)
      vocabulary.withBytes { bytes, range in
        for (order, token) in tokens.enumerated() {
          let id = token & PackedToken.identifierMask
          guard let range = range(id), !range.isEmpty, !vocabulary.isUnreachable(id),
            order >= Int(baseCount) || Self.isStart(bytes[range], isByteLevel)
          else { continue }
          trie.add(bytes[range], token: UInt32(order))
          for place in range.dropFirst() {
            let (first, second) = (Int(bytes[place - 1]), Int(bytes[place]))
            joins[first << 2 | second >> 6] |= 1 << UInt64(second & 63)
          }
        }
      }
      guard let (trie, shorter) = trie.build(count: tokens.count) else { return nil }
      let bytePairs = makeBytePairs(singles)
      return MergeGraph(
        tokens: ConstantTable(tokens), orders: ConstantTable(orders),
        singles: ConstantTable(singles), bytePairs: ConstantTable(bytePairs),
        rules: ConstantTable(rules), splits: ConstantTable(splits), trie: trie,
        shorter: ConstantTable(shorter), joins: ConstantTable(joins), baseCount: baseCount,
        exceptionTokens: ConstantTable(exceptions.sorted()), vocabulary)
    }

    /// Whether merging can start from a token: a byte, or a scalar.
    private static func isStart(_ token: ArraySlice<UInt8>, _ isByteLevel: Bool) -> Bool {
      token.count == 1
        || (!isByteLevel && token.dropFirst().allSatisfy { $0 & 0xC0 == 0x80 })
    }

    private func makeBytePairs(_ singles: [UInt32]) -> [UInt32] {
      guard vocabulary.spelling == .byteLevel else { return [] }
      var pairs = [UInt32](repeating: MergeGraph.none, count: 1 << 16)
      var bytes = [Int](repeating: -1, count: Int(baseCount))
      for (byte, order) in singles.enumerated() where order != MergeGraph.none {
        bytes[Int(order)] = byte
      }
      for order in Int(baseCount)..<tokens.count {
        let (left, right) = (Int(splits[order] >> 32), Int(splits[order] & 0xFFFF_FFFF))
        if left < baseCount, right < baseCount, bytes[left] >= 0, bytes[right] >= 0 {
          pairs[bytes[left] << 8 | bytes[right]] = UInt32(order)
        }
      }
      return pairs
    }
  }
}
