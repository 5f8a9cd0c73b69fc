// SPDX-License-Identifier: Apache-2.0

/// Byte-pair encoding: the pair of neighbours with the lowest rank becomes one token, until no
/// pair has a rule (Sennrich, Haddow, Birch 2016, arXiv:1508.07909).
///
/// It never changes; a class, so that a call holds its many tables by one reference.
public final class BPE: Sendable {
  /// What a tokenizer file may say beside vocabulary and merges.
  public struct Options: Sendable {
    /// Spells a scalar without token as `<0xNN>` tokens, where all of them exist.
    public var byteFallback = false
    /// Stands for what has no token; nil drops it.
    public var unknownToken: TokenID?
    /// Makes one token of neighbours without token.
    public var fusesUnknown = false
    /// Takes a pre-token that is a token whole, whatever the merges say.
    public var ignoresMerges = false
    /// Precedes every scalar of a pre-token but the first, in the vocabulary.
    public var continuingSubwordPrefix: [UInt8] = []
    /// Follows the last scalar of a pre-token, in the vocabulary.
    public var endOfWordSuffix: [UInt8] = []

    /// The options of a model that uses none.
    public init() {}
  }

  static let absent = TokenID.max

  /// The tokens.
  public let vocabulary: Vocabulary
  /// What the file says beside vocabulary and merges.
  public let options: Options
  /// All rules, in the order of the file.
  package let rules: RuleList
  /// The rules as the fast encoder reads them, for models of the usual kind.
  let graph: MergeGraph?
  /// The rules of other models.
  let table: MergeTable?
  /// The rules for the graph's exceptions.
  let exceptionTable: LateMergeTable
  /// The token of each byte (byte-level) or of each ASCII scalar (text), or `absent`.
  let singles: [TokenID]
  /// The token `<0xNN>` of each byte, or `absent`.
  let fallbacks: [TokenID]
  /// Whether a piece may be cut before each `▁` that follows something else, since no token
  /// reaches over such a place.
  let cutsBeforeMetaspace: Bool
  /// Where pieces may be cut before they are merged, in byte-level models.
  let seams: Seams?
  /// Of which lengths words must be looked up: see ``wholeLengths(_:_:_:)``.
  let wholeLengths: UInt64
  /// Whether every byte has a token.
  let hasAllBytes: Bool
  /// Whether a scalar without token is always spelt as bytes.
  let fallsBackAlways: Bool
  /// Whether new words are learned together: the graph merges nearly all of them.
  let learnsWords: Bool
  /// The token `▁`, or `absent`.
  let mark: TokenID

  /// A model of these tokens and rules.
  public convenience init(
    vocabulary: Vocabulary, merges: consuming [Merge], options: Options = Options()
  ) {
    // The list goes before the tables come.
    let rules = RuleList(merges)
    self.init(vocabulary: vocabulary, rules: rules, options: options)
  }

  /// A model of these tokens and rules.
  package convenience init(
    vocabulary: Vocabulary, rules: RuleList, options: Options = Options()
  ) {
    let hasNoAffixes =
      options.continuingSubwordPrefix.isEmpty && options.endOfWordSuffix.isEmpty
    let singles = Self.singles(vocabulary)
    // What is looked up whole, or may be unknown, is not for the graph.
    let isUsual =
      hasNoAffixes
      && (vocabulary.spelling == .text
        ? !options.ignoresMerges
        : options.unknownToken == nil || !singles.contains(Self.absent))
    let apart =
      options.byteFallback ? Self.fallbacks(vocabulary).filter { $0 != Self.absent } : []
    let graph = isUsual ? MergeGraph.build(vocabulary, rules, apart: apart) : nil
    let hasSeams =
      vocabulary.spelling == .byteLevel && hasNoAffixes && !singles.contains(Self.absent)
      && (graph != nil || !options.ignoresMerges)
    self.init(
      vocabulary: vocabulary, options: options, rules: rules, graph: graph,
      table: graph == nil ? MergeTable(rules) : nil,
      seams: hasSeams
        ? Seams(vocabulary) { id in
          options.ignoresMerges && graph?.leads(to: id, in: vocabulary) != true
        } : nil,
      cutsBeforeMetaspace: hasNoAffixes && !options.ignoresMerges
        && Self.hasNoTokenAcrossMetaspace(vocabulary))
  }

  /// A model of tables that belong together.
  init(
    vocabulary: Vocabulary, options: Options, rules: RuleList, graph: MergeGraph?,
    table: MergeTable?, seams: Seams?, cutsBeforeMetaspace: Bool
  ) {
    self.vocabulary = vocabulary
    self.options = options
    self.rules = rules
    self.graph = graph
    self.table = table
    self.seams = seams
    exceptionTable = LateMergeTable(rules)
    wholeLengths = Self.wholeLengths(vocabulary, graph, options)
    self.cutsBeforeMetaspace = cutsBeforeMetaspace
    singles = Self.singles(vocabulary)
    fallbacks = Self.fallbacks(vocabulary)
    hasAllBytes = vocabulary.spelling == .byteLevel && !singles.contains(Self.absent)
    fallsBackAlways = options.byteFallback && !fallbacks.contains(Self.absent)
    mark = vocabulary.identifier(of: Metaspace.utf8) ?? Self.absent
    learnsWords =
      switch vocabulary.spelling {
      case .byteLevel: hasAllBytes && graph.map(\.exceptions.isEmpty) == true
      case .text: fallsBackAlways && graph?.hasOnlyRunsApart(vocabulary) == true
      }
  }

  /// All rules, in the order of the file.
  public var merges: [Merge] { rules.elements }

  /// For each id whether a rule makes its token.
  package var madeTokens: [Bool] {
    var isMade = [Bool](repeating: false, count: vocabulary.identifierBound)
    let view = rules.view
    for index in 0..<rules.count { isMade[Int(view[index].merged)] = true }
    return isMade
  }

  private static func singles(_ vocabulary: Vocabulary) -> [TokenID] {
    (0..<(vocabulary.spelling == .byteLevel ? 256 : 128)).map { byte in
      vocabulary.identifier(of: [UInt8(byte)]) ?? absent
    }
  }

  private static func fallbacks(_ vocabulary: Vocabulary) -> [TokenID] {
    (0..<256).map { byte in
      vocabulary.identifier(spelt: fallbackSpelling(of: UInt8(byte))) ?? absent
    }
  }

  /// How byte fallback spells a byte: `<0x0A>`.
  static func fallbackSpelling(of byte: UInt8) -> [UInt8] {
    let digits = Array("0123456789ABCDEF".utf8)
    return Array("<0x".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]] + Array(">".utf8)
  }

  private static func hasNoTokenAcrossMetaspace(_ vocabulary: Vocabulary) -> Bool {
    let mark = Metaspace.utf8
    guard vocabulary.spelling == .text, vocabulary.identifier(of: mark) != nil else { return false }
    for id in 0..<vocabulary.identifierBound {
      guard let token = vocabulary.bytes(of: TokenID(id)), token.count > 3 else { continue }
      var place = 1
      while place + 3 <= token.count {
        if token[place] == mark[0], token[place + 1] == mark[1], token[place + 2] == mark[2] {
          let followsMark = place >= 3 && Array(token[place - 3..<place]) == mark
          if !followsMark { return false }
          place += 3
        } else {
          place += 1
        }
      }
    }
    return true
  }
}

/// SentencePiece's visible space.
public enum Metaspace {
  /// `▁`, U+2581.
  public static let scalar: Unicode.Scalar = "\u{2581}"
  /// Its UTF-8.
  public static let utf8: [UInt8] = [0xE2, 0x96, 0x81]

  /// How many a text starts with.
  static func runLength(atStartOf text: Span<UInt8>) -> Int {
    var count = 0
    text.withText { while BPE.isMark($0, 3 * count, $0.count) { count += 1 } }
    return count
  }
}
