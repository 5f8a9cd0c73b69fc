// SPDX-License-Identifier: Apache-2.0

/// Rules as a file spells them: pairs of places in its text.
///
/// ```swift
/// var rules = SpelledRules(in: SpelledText(Array("t h".utf8)))
/// rules.append(left: 0..<1, right: 2..<3)
/// let model = try BPE(vocabulary: vocabulary, rules: rules)
/// ```
public struct SpelledRules: Sendable {
  /// A rule of which a token is not in the vocabulary.
  public struct MissingToken: Error, Hashable, Sendable {
    /// The rule, counted from 0.
    public var index: Int
    /// The token's spelling.
    public var spelling: [UInt8]
  }

  struct Rule: BitwiseCopyable {
    var left: Part
    var right: Part
  }

  struct Part: BitwiseCopyable {
    var start: UInt32
    var count: UInt32

    init(_ range: Range<Int>) {
      start = UInt32(truncatingIfNeeded: range.lowerBound)
      count = UInt32(truncatingIfNeeded: range.count)
    }

    var range: Range<Int> { Int(start)..<Int(start) + Int(count) }
  }

  /// What the places refer to.
  public var text: SpelledText
  private(set) var rules: [Rule] = []

  /// Starts without rules.
  public init(in text: SpelledText) {
    self.text = text
  }

  /// How many rules there are.
  public var count: Int { rules.count }

  /// Makes room ahead.
  public mutating func reserve(_ count: Int) {
    rules.reserveCapacity(count)
  }

  /// Adds a rule of the next rank.
  ///
  /// - Precondition: The text is not larger than ``SpelledText/sizeLimit``, and both places lie in
  ///   it.
  public mutating func append(left: Range<Int>, right: Range<Int>) {
    precondition(min(left.lowerBound, right.lowerBound) >= 0)
    precondition(
      max(left.upperBound, right.upperBound) <= min(text.count, SpelledText.sizeLimit))
    rules.append(Rule(left: Part(left), right: Part(right)))
  }

  /// The rules by ids, found on several cores.
  func resolved(
    in vocabulary: Vocabulary, prefixLength: Int
  ) throws(MissingToken) -> RuleList {
    let draft = RuleList.Draft(count: count, identifierBound: vocabulary.identifierBound)
    let missing = Parallel.map(Parallel.chunks(count)) { chunk in
      var resolver = RuleResolver(vocabulary, prefixLength: prefixLength)
      return text.withView { resolver.resolve(rules, chunk, in: $0, into: draft) }
    }
    if let missing = missing.lazy.compactMap(\.self).first { throw missing }
    // A rule's token was looked up by the bytes, or spelling, of both parts.
    return draft.finish(joinsBytes: prefixLength == 0)
  }
}

extension BPE {
  /// A model of these tokens and rules.
  ///
  /// - Parameters:
  ///   - vocabulary: The tokens.
  ///   - rules: The rules, as spelt as the vocabulary's file spells tokens; each one's rank is its
  ///     place in the list.
  ///   - options: What else the file says.
  /// - Throws: ``SpelledRules/MissingToken`` for the first rule that names or makes no token.
  public convenience init(
    vocabulary: Vocabulary, rules: consuming SpelledRules, options: Options = Options()
  ) throws(SpelledRules.MissingToken) {
    let resolved = try rules.resolved(
      in: vocabulary, prefixLength: options.continuingSubwordPrefix.count)
    // The file goes before the tables come, which are larger.
    _ = consume rules
    self.init(vocabulary: vocabulary, rules: resolved, options: options)
  }
}
