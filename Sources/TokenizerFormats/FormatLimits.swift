// SPDX-License-Identifier: Apache-2.0

import Tokenization

/// How much a file may ask for beyond its own size, so that a small one cannot cost much memory and
/// a large one not the square of its size.
enum FormatLimits {
  /// The longest token from whose bytes merges are found by trying every split.
  static let splitTokenLength = 1024
  /// Files of ranks are smaller; places in them are kept in 32 bits.
  static let rankFileSize = 1 << 31
  /// The largest component of a `tokenizer.json`, in bytes; a table of a normalizer is the largest
  /// there is, with 0.3 MB.
  static let componentSize = 2 << 20
  /// How many steps a component may have, each of which may hold a pattern.
  static let stepCount = 1024
  /// How many tokens of a `vocab.json` may be made by no merge.
  static let unmadeTokenCount = 1 << 16
  /// Padding beyond this is longer than any model reads.
  static let paddingLength = 1 << 24

  /// Ids end here where a file lists so many tokens; a table of places is as long as the highest.
  static func identifierLimit(tokens: Int) -> Int { 2 * tokens + (1 << 16) }

  /// How many merges so many tokens may have together; published vocabularies have 3 for each.
  static func mergeLimit(tokens: Int) -> Int { 16 * tokens + (1 << 16) }
}

/// Finds the pairs of tokens that a token can be put together from.
struct TokenSplits: ~Copyable {
  /// Why the merges of a vocabulary are not made.
  enum Problem: Error {
    /// The token, by the caller's numbering, is longer than ``FormatLimits/splitTokenLength``.
    case tokenTooLong(Int)
    /// The token with which the merges pass ``FormatLimits/mergeLimit(tokens:)``.
    case tooManyMerges(Int)
  }

  private let vocabulary: Vocabulary
  private let limit: Int
  /// Only lengths that some token has are looked up.
  private let hasLength: [Bool]
  private var merges: RuleList.Builder

  /// Starts without merges.
  ///
  /// - Parameters:
  ///   - vocabulary: Where the parts are looked up.
  ///   - lengths: The lengths of all tokens, in bytes.
  init(_ vocabulary: Vocabulary, lengths: some Sequence<Int>) {
    self.vocabulary = vocabulary
    limit = FormatLimits.mergeLimit(tokens: vocabulary.count)
    var hasLength = [Bool](repeating: false, count: FormatLimits.splitTokenLength + 1)
    for length in lengths where length < hasLength.count { hasLength[length] = true }
    self.hasLength = hasLength
    merges = RuleList.Builder(capacity: 4 * vocabulary.count)
  }

  /// Adds a merge for every split of a token into two tokens.
  ///
  /// - Parameters:
  ///   - token: Its bytes.
  ///   - id: Its id.
  ///   - rank: The rank of all its merges; without one each has the next.
  ///   - number: What a problem calls it.
  ///   - canSplit: Whether the token may be split before a byte.
  ///   - canMerge: Whether a token may be a part.
  /// - Throws: ``Problem`` with the number.
  mutating func add(
    _ token: Span<UInt8>, id: TokenID, rank: UInt32?, number: Int,
    canSplit: (UInt8) -> Bool = { _ in true }, canMerge: (TokenID) -> Bool = { _ in true }
  ) throws(Problem) {
    guard token.count > 1 else { return }
    guard token.count <= FormatLimits.splitTokenLength else { throw .tokenTooLong(number) }
    for middle in 1..<token.count
    where hasLength[middle] && hasLength[token.count - middle] && canSplit(token[middle]) {
      guard let left = vocabulary.identifier(of: token.extracting(0..<middle)), canMerge(left),
        let right = vocabulary.identifier(of: token.extracting(middle..<token.count)),
        canMerge(right)
      else { continue }
      merges.append(
        Merge(left: left, right: right, merged: id, rank: rank ?? UInt32(merges.count)))
    }
    guard merges.count <= limit else { throw .tooManyMerges(number) }
  }

  /// All merges found.
  consuming func rules() -> RuleList { merges.finish() }
}

extension TokenizerLoadingError {
  /// The error where merges are not made, for files that number their tokens.
  init(_ problem: TokenSplits.Problem, file: String, path: String) {
    switch problem {
    case .tokenTooLong(let number):
      self.init(
        .unsupported, file: file, place: .path("\(path)[\(number)]"),
        "the token is longer than \(FormatLimits.splitTokenLength) bytes")
    case .tooManyMerges(let number):
      self.init(
        .unsupported, file: file, place: .path("\(path)[\(number)]"),
        "the tokens so far can be put together in too many ways")
    }
  }
}
