// SPDX-License-Identifier: Apache-2.0

/// The tables of a ``MergeGraph`` that need the tokens in their order, but not the rules.
struct TokenTables: Sendable {
  /// For each order its token, packed: see ``PackedToken``.
  let tokens: ConstantTable<UInt32>
  /// The tokens by their bytes.
  let trie: TokenTrie
  /// For each order the longest other token that the token starts with, or ``MergeGraph/none``.
  let shorter: ConstantTable<UInt32>

  /// The tables of a sequence, as it is written.
  ///
  /// - Returns: nil where there are too many tokens.
  init?(of sequence: TokenSequence, in vocabulary: Vocabulary) {
    var tables = Builder(vocabulary)
    sequence.forEachBatch { batch, baseCount in
      tables.add(batch, of: sequence, baseCount, vocabulary)
    }
    guard let tables = tables.build() else { return nil }
    self = tables
  }

  private init(
    _ tokens: ConstantTable<UInt32>, _ trie: TokenTrie, _ shorter: ConstantTable<UInt32>
  ) {
    self.tokens = tokens
    self.trie = trie
    self.shorter = shorter
  }

  private struct Builder: ~Copyable {
    private var tokens: MutableTable<UInt32>
    private var trie: TokenTrie.Builder

    init(_ vocabulary: Vocabulary) {
      tokens = MutableTable(capacity: vocabulary.count)
      trie = TokenTrie.Builder(tokens: vocabulary.count)
    }

    mutating func add(
      _ batch: Range<Int>, of sequence: TokenSequence, _ baseCount: Int, _ vocabulary: Vocabulary
    ) {
      let (ids, splits) = (sequence.ids.view, sequence.splits.view)
      let isByteLevel = vocabulary.spelling == .byteLevel
      vocabulary.withTokens { bytes, range in
        guard let bytes = TextView(bytes) else { return }
        for index in batch {
          let id = ids[index]
          let token = range(id) ?? 0..<0
          tokens.append(PackedToken.pack(id, length: token.count))
          guard !token.isEmpty, !vocabulary.isUnreachable(id) else { continue }
          if index + 8 < batch.upperBound, index >= baseCount {
            let left = Int(splits[index + 8] >> 32)
            if let next = range(ids[index + 8]) {
              let middle = next.lowerBound + vocabulary.length(of: ids[left])
              trie.prefetch(bytes, next, after: left, endingAt: middle)
            }
          }
          if index < baseCount {
            guard Self.isStart(bytes, token, isByteLevel) else { continue }
            trie.add(bytes, token, token: UInt32(index))
          } else {
            let left = Int(splits[index] >> 32)
            let middle = token.lowerBound + vocabulary.length(of: ids[left])
            trie.add(bytes, token, token: UInt32(index), after: left, endingAt: middle)
          }
        }
      }
    }

    /// Whether merging can start from a token: a byte, or a scalar.
    private static func isStart(
      _ bytes: TextView, _ token: Range<Int>, _ isByteLevel: Bool
    ) -> Bool {
      token.count == 1
        || (!isByteLevel && token.dropFirst().allSatisfy { bytes[$0] & 0xC0 == 0x80 })
    }

    consuming func build() -> TokenTables? {
      guard let (trie, shorter) = trie.build(tokenCount: tokens.count) else { return nil }
      return TokenTables(tokens.finish(), trie, shorter)
    }
  }
}
