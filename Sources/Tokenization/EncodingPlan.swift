// SPDX-License-Identifier: Apache-2.0

/// How the text between added tokens becomes words; found once for a tokenizer.
///
/// Every plan gives what normalizer and pre-tokenizer give one after the other, with fewer passes.
enum EncodingPlan: Sendable {
  /// The pieces of one pattern are the words.
  case pattern(PatternProgram)
  /// Spaces stand for marks, and words are cut before them.
  case spaces(SpacePlan)
  /// Whatever the steps give.
  case steps

  init(_ configuration: Tokenizer.Configuration, matchesAfterNormalization: Bool) {
    if let program = configuration.preTokenizer?.piecesOfBytes(configuration.model.vocabulary) {
      self = .pattern(program)
    } else if !matchesAfterNormalization || configuration.normalizer == nil,
      let plan = SpacePlan(configuration)
    {
      self = .spaces(plan)
    } else {
      self = .steps
    }
  }
}

extension PreTokenizer {
  /// The pattern whose pieces are all that a byte-level model gets, where that is so.
  fileprivate func piecesOfBytes(_ vocabulary: Vocabulary) -> PatternProgram? {
    guard vocabulary.spelling == .byteLevel else { return nil }
    switch self {
    case .byteLevel(let pattern?, addsPrefixSpace: false): return pattern.pieceProgram
    case .split(let pattern, .isolated, _): return pattern.pieceProgram
    case .sequence(let steps):
      guard let first = steps.first else { return nil }
      if steps.count == 1 { return first.piecesOfBytes(vocabulary) }
      guard steps.count == 2, case .byteLevel(nil, addsPrefixSpace: false) = steps[1],
        case .split = first
      else { return nil }
      return first.piecesOfBytes(vocabulary)
    default: return nil
    }
  }
}

/// SentencePiece-style text: a space is a mark, and no token has one after something else.
///
/// So a text may be cut before each space that follows something else, and spaces need not be
/// replaced before words are looked up. Only the first word goes through normalizer and
/// pre-tokenizer, since they may put a mark before it.
struct SpacePlan: Sendable {
  let program: PatternProgram

  /// Words with the marks or spaces before them.
  private static let words = try? SplitPattern("[ ▁]*[^ ▁]+|[ ▁]+", dialect: .fancyRegex)

  init?(_ configuration: Tokenizer.Configuration) {
    let model = configuration.model
    guard model.vocabulary.spelling == .text, model.cutsBeforeMetaspace, model.fallsBackAlways,
      model.graph != nil, Self.replacesSpaces(configuration),
      let program = Self.words?.pieceProgram
    else { return nil }
    for id in 0..<model.vocabulary.identifierBound
    where model.vocabulary.length(of: TokenID(id)) >= 256 { return nil }
    self.program = program
  }

  /// Whether all that happens to a text is that spaces become marks and one may be put before it.
  private static func replacesSpaces(_ configuration: Tokenizer.Configuration) -> Bool {
    switch (configuration.normalizer, configuration.preTokenizer) {
    case (let normalizer?, nil): normalizer.onlyReplacesSpaces
    case (nil, .metaspace(Metaspace.scalar, _, splits: false)?): true
    default: false
    }
  }
}

extension Normalizer {
  fileprivate var onlyReplacesSpaces: Bool {
    switch self {
    case .replace(.literal([0x20]), with: Metaspace.utf8): true
    case .sequence(let steps):
      if case .prepend(Metaspace.utf8)? = steps.first, steps.count == 2 {
        steps[1].onlyReplacesSpaces
      } else {
        steps.count == 1 && steps[0].onlyReplacesSpaces
      }
    case .sentencePiece(let normalizer): normalizer.onlyReplacesSpaces
    default: false
    }
  }
}
