// SPDX-License-Identifier: Apache-2.0

import TextNormalization

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
/// So a text may be cut before each space that follows something else, and on both sides of a scalar
/// that is in no token with others, such as a line feed, a digit or most ideographs. Spaces need not
/// be replaced before words are looked up. Only the first word goes through normalizer and
/// pre-tokenizer, since they may put a mark before it.
struct SpacePlan: Sendable {
  let program: PatternProgram

  init?(_ configuration: Tokenizer.Configuration) {
    let model = configuration.model
    guard model.vocabulary.spelling == .text, model.cutsBeforeMetaspace, model.fallsBackAlways,
      model.graph != nil, Self.replacesSpaces(configuration),
      let program = Self.words(model)?.pieceProgram
    else { return nil }
    for id in 0..<model.vocabulary.identifierBound
    where model.vocabulary.length(of: TokenID(id)) >= 256 { return nil }
    self.program = program
  }

  /// Words of scalars that may join, with the marks or spaces before them; or one other scalar.
  private static func words(_ model: BPE) -> SplitPattern? {
    var scalars: Set<UInt32> = []
    var isSeen = [Bool](repeating: false, count: model.vocabulary.identifierBound)
    for merge in model.merges where !isSeen[Int(merge.merged)] {
      isSeen[Int(merge.merged)] = true
      let bytes = model.vocabulary.bytes(of: merge.merged) ?? []
      var place = 0
      while place < bytes.count {
        let (scalar, length) = UTF8Scalars.decode(bytes, at: place)
        if scalar < UTF8Scalars.malformed { scalars.insert(scalar) }
        place += length
      }
    }
    scalars.subtract([0x20, Metaspace.scalar.value])
    guard !scalars.isEmpty else { return nil }
    let members = ScalarSet(scalars: scalars.sorted()).ranges
      .map { range in
        let (first, last) = (range.lowerBound, range.upperBound)
        return "\\x{\(String(first, radix: 16))}-\\x{\(String(last, radix: 16))}"
      }
      .joined()
    return try? SplitPattern(
      "[ ▁]*[\(members)]+|[ ▁]+|[^ ▁\(members)]", dialect: .fancyRegex)
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
