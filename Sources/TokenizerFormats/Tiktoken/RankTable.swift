// SPDX-License-Identifier: Apache-2.0

import Tokenization

/// Tokens with their ranks, from which a model follows without merge rules being listed.
struct RankTable {
  /// What keeps tokens from becoming a model.
  enum Problem: Error {
    /// The entry's rank is another entry's as well.
    case duplicateRank(entry: Int)
    /// The entry's token is another entry's as well.
    case duplicateToken(entry: Int)
    /// The entry's rank leaves a gap that no vocabulary has.
    case rankTooLarge(entry: Int)
    /// No entry is this byte alone.
    case missingByte(UInt8)
    /// The entry's token is longer than merges are made for.
    case tokenTooLong(entry: Int)
    /// The tokens up to the entry can be put together in more ways than those of any vocabulary.
    case tooManyMerges(entry: Int)
  }

  /// A token's bytes in the arena, and its rank.
  struct Entry {
    private let firstByte: UInt32
    private let byteCount: UInt32
    private let number: UInt32

    init(start: Int, length: Int, rank: Int) {
      firstByte = UInt32(start)
      byteCount = UInt32(length)
      number = UInt32(rank)
    }

    var start: Int { Int(firstByte) }
    var length: Int { Int(byteCount) }
    var rank: Int { Int(number) }
  }

  var arena: [UInt8] = []
  var entries: [Entry] = []

  /// Takes the bytes that were appended to the arena since `start` as a token.
  mutating func add(from start: Int, rank: Int) {
    entries.append(Entry(start: start, length: arena.count - start, rank: rank))
  }

  /// The model in which the lowest rank of two neighbours' bytes merges first.
  ///
  /// tiktoken looks up the rank of the joined bytes, whatever the parts are. As rules that is every
  /// split of every token into two tokens, each with the token's rank.
  ///
  /// - Parameter offset: What is added to a rank to make it an id.
  /// - Returns: A byte-level model that takes whole tokens first.
  /// - Throws: ``Problem`` naming the entry.
  func makeModel(offset: Int = 0) throws(Problem) -> BPE {
    let vocabulary = try makeVocabulary(offset)
    for byte in UInt8.min...UInt8.max where vocabulary.identifier(of: [byte]) == nil {
      throw .missingByte(byte)
    }
    var options = BPE.Options()
    options.ignoresMerges = true
    return BPE(
      vocabulary: vocabulary, rules: try makeMerges(vocabulary, offset), options: options)
  }

  private func makeVocabulary(_ offset: Int) throws(Problem) -> Vocabulary {
    var builder = VocabularyBuilder(spelling: .byteLevel)
    builder.reserve(tokens: entries.count + offset, bytes: arena.count)
    // Places are kept up to the highest id, so a gap costs memory that the file did not pay for.
    let limit = 2 * entries.count + 1024
    let bytes = arena.span
    for (index, entry) in entries.enumerated() {
      guard entry.rank < limit else { throw .rankTooLarge(entry: index) }
      do throws(VocabularyBuilder.Conflict) {
        let token = bytes.extracting(entry.start..<entry.start + entry.length)
        try builder.add(bytes: token, id: entry.rank + offset)
      } catch {
        switch error {
        case .duplicateIdentifier, .duplicateToken: throw .duplicateRank(entry: index)
        case .identifierTooLarge: throw .rankTooLarge(entry: index)
        }
      }
    }
    do throws(VocabularyBuilder.Conflict) {
      return try builder.build()
    } catch {
      guard case .duplicateToken(let first, let second) = error else {
        throw .missingByte(0)
      }
      let ranks = [Int(first) - offset, Int(second) - offset]
      throw .duplicateToken(entry: entries.lastIndex { ranks.contains($0.rank) } ?? 0)
    }
  }

  private func makeMerges(_ vocabulary: Vocabulary, _ offset: Int) throws(Problem) -> RuleList {
    var splits = TokenSplits(vocabulary, lengths: entries.map(\.length))
    let bytes = arena.span
    do throws(TokenSplits.Problem) {
      for (index, entry) in entries.enumerated() {
        try splits.add(
          bytes.extracting(entry.start..<entry.start + entry.length),
          id: TokenID(entry.rank + offset), rank: UInt32(entry.rank), number: index)
      }
    } catch {
      switch error {
      case .tokenTooLong(let entry): throw .tokenTooLong(entry: entry)
      case .tooManyMerges(let entry): throw .tooManyMerges(entry: entry)
      }
    }
    return splits.rules()
  }
}
