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
    /// A token that is not in the trie.
    private static let absent = TokenTrie.Piece(start: 0, middle: 0, end: 0, left: TokenTrie.none)

    private var tokens: MutableTable<UInt32>
    private var trie: TokenTrie.Builder
    /// The tokens of a batch.
    private let pieces = WorkBuffer<TokenTrie.Piece>(count: TokenSequence.batch)

    init(_ vocabulary: Vocabulary) {
      tokens = MutableTable(capacity: vocabulary.count)
      trie = TokenTrie.Builder(tokens: vocabulary.count)
    }

    mutating func add(
      _ range: Range<Int>, of sequence: TokenSequence, _ baseCount: Int, _ vocabulary: Vocabulary
    ) {
      vocabulary.withTokens { bytes, place in
        guard let text = TextView(bytes) else { return }
        for start in stride(from: range.lowerBound, to: range.upperBound, by: pieces.count) {
          let batch = start..<min(start + pieces.count, range.upperBound)
          for index in batch {
            pieces.view[index - start] = piece(
              index, of: sequence, baseCount, vocabulary, place, text)
          }
          trie.add(pieces.view, batch, of: text)
        }
      }
    }

    private mutating func piece(
      _ index: Int, of sequence: TokenSequence, _ baseCount: Int, _ vocabulary: Vocabulary,
      _ place: (TokenID) -> Range<Int>?, _ text: TextView
    ) -> TokenTrie.Piece {
      let id = sequence.ids.view[index]
      let token = place(id) ?? 0..<0
      tokens.append(PackedToken.pack(id, length: token.count))
      guard !token.isEmpty, !vocabulary.isUnreachable(id) else { return Self.absent }
      var piece = TokenTrie.Piece(
        start: UInt32(token.lowerBound), middle: UInt32(token.lowerBound),
        end: UInt32(token.upperBound), left: TokenTrie.none)
      if index < baseCount {
        let isByteLevel = vocabulary.spelling == .byteLevel
        return Self.isStart(text, token, isByteLevel) ? piece : Self.absent
      }
      piece.left = UInt32(truncatingIfNeeded: sequence.splits.view[index] >> 32)
      piece.middle += UInt32(vocabulary.length(of: sequence.ids.view[Int(piece.left)]))
      return piece
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
