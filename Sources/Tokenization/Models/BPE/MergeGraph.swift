// SPDX-License-Identifier: Apache-2.0

/// The rules of a model as the encoder reads them: flat tables, built once.
///
/// Tokens have numbers of their own here, *orders*: first what merging starts from, then every token
/// that merging can make, by the rank of the one rule that makes it. So a rule's rank is the order of
/// its token, and of two tokens the one that was made later has the higher order.
///
/// A graph exists only for models whose rules can be ordered so that each comes after those that
/// make its parts (``RuleOrder``). Where a few cannot, as those for runs of spaces in Llama 2, words
/// that could need them are encoded by ``MergeList``, which asks for nothing; so are words of
/// models with many such rules.
final class MergeGraph: Sendable {
  /// No token, or no rule.
  static let none = UInt32.max

  /// For each order its token, packed: see ``PackedToken``.
  let tokens: ConstantTable<UInt32>
  /// For each id its order, or ``none`` for a token that no text leads to.
  let orders: ConstantTable<UInt32>
  /// For each byte (byte-level) or ASCII scalar (text) its order, or ``none``.
  let singles: ConstantTable<UInt32>
  /// Byte-level: for each two bytes the order of the token of both, or ``none``.
  let bytePairs: ConstantTable<UInt32>
  /// The rules that can be applied.
  let rules: RuleTable
  /// For each order what the token was made of: left in the upper half, right in the lower.
  let splits: ConstantTable<UInt64>
  /// The tokens by their bytes.
  let trie: TokenTrie
  /// For each order the longest other token that the token starts with, or ``none``.
  let shorter: ConstantTable<UInt32>
  /// How many orders are not made by a rule.
  let baseCount: UInt32
  /// The tokens of rules that have no place in the order.
  let exceptionTokens: ConstantTable<UInt32>
  /// Their texts, of which the graph knows nothing: words that hold one are for ``MergeList``.
  let exceptions: LiteralMatcher

  init(
    tokens: ConstantTable<UInt32>, orders: ConstantTable<UInt32>, singles: ConstantTable<UInt32>,
    bytePairs: ConstantTable<UInt32>, rules: RuleTable,
    splits: ConstantTable<UInt64>, trie: TokenTrie, shorter: ConstantTable<UInt32>,
    baseCount: UInt32, exceptionTokens: ConstantTable<UInt32>,
    _ vocabulary: Vocabulary
  ) {
    self.tokens = tokens
    self.orders = orders
    self.singles = singles
    self.bytePairs = bytePairs
    self.rules = rules
    self.splits = splits
    self.trie = trie
    self.shorter = shorter
    self.baseCount = baseCount
    self.exceptionTokens = exceptionTokens
    exceptions = LiteralMatcher(exceptionTokens.elements.compactMap { vocabulary.bytes(of: $0) })
  }

  /// Whether merging leads to a token from its own bytes, of which there are several; of one that holds
  /// an exception nothing is known.
  func leads(to id: TokenID, in vocabulary: Vocabulary) -> Bool {
    let order = orders.view[Int(id)]
    guard order != Self.none, order >= baseCount else { return false }
    return exceptions.isEmpty
      || vocabulary.withBytes(of: id) { exceptions.next(in: $0, from: 0) == nil } == true
  }

  /// Whether the exceptions are runs of several marks, so that words with one mark are none.
  func hasOnlyRunsApart(_ vocabulary: Vocabulary) -> Bool {
    exceptionTokens.elements.allSatisfy { id in
      vocabulary.withBytes(of: id) { token in
        let marks = Metaspace.runLength(atStartOf: token)
        return marks > 1 && 3 * marks == token.count
      } == true
    }
  }

  var view: View {
    View(
      tokens: tokens.view, orders: orders.view, singles: singles.view, bytePairs: bytePairs.view,
      rules: rules.view, splits: splits.view, trie: trie.view,
      shorter: shorter.view, baseCount: baseCount)
  }

  /// The tables for the length of a call.
  struct View {
    let tokens: ConstantTable<UInt32>.View
    let orders: ConstantTable<UInt32>.View
    let singles: ConstantTable<UInt32>.View
    let bytePairs: ConstantTable<UInt32>.View
    let rules: RuleTable.View
    let splits: ConstantTable<UInt64>.View
    let trie: TokenTrie.View
    let shorter: ConstantTable<UInt32>.View
    let baseCount: UInt32

    /// The order of the token that is a scalar, or ``MergeGraph/none``.
    @inline(__always)
    func scalar(_ text: TextView, _ start: Int, _ end: Int) -> UInt32 {
      end &- start == 1 && text[start] < 0x80
        ? singles[Int(text[start])] : trie.scalar(text, start, end)
    }

    /// Whether two tokens beside each other are what encoding gives for their bytes.
    ///
    /// Undoes merges beside the joint, the latest first: they are stable unless two parts that once
    /// stood at the joint would have merged before one of them was used up. Of equal ranks the
    /// leftmost place merges first.
    @inline(__always)
    func isStable(_ left: UInt32, _ right: UInt32) -> Bool {
      var (left, right, limit) = (left, right, MergeGraph.none)
      while true {
        if rules.merged(left, right) < limit { return false }
        if left > right {
          if left < baseCount { return true }
          limit = left
          left = UInt32(truncatingIfNeeded: splits[Int(left)])
        } else {
          if right < baseCount { return true }
          limit = right &+ 1
          right = UInt32(truncatingIfNeeded: splits[Int(right)] &>> 32)
        }
      }
    }
  }
}

/// A token as the encoder hands it on: id (21 bits), whether it is only a part of a scalar (1), two
/// bits for the cache, and its length in bytes of the text (8; 0 where it is longer).
enum PackedToken {
  static let identifierLimit = 1 << 21
  static let identifierMask: UInt32 = 0x1F_FFFF
  static let partOfScalar: UInt32 = 1 << 21
  static let cacheShift: UInt64 = 22
  static let cacheBits: UInt32 = 3 << 22
  static let lengthShift: UInt32 = 24

  static func pack(_ id: TokenID, length: Int) -> UInt32 {
    id | (length < 256 ? UInt32(length) << lengthShift : 0)
  }
}
