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

  /// What cuts a text, where one pattern does.
  var program: PatternProgram? {
    switch self {
    case .pattern(let program): program
    case .spaces(let plan): plan.program
    case .steps: nil
    }
  }

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

/// SentencePiece-style text: a space is a mark, and no token has one after something else, or every
/// mark begins a piece of its own.
///
/// So a text may be cut before each space that follows something else, and on both sides of a scalar
/// that is in no token with others, such as a line feed, a digit or most ideographs. Spaces need not
/// be replaced before words are looked up.
struct SpacePlan: Sendable {
  /// Which texts a mark is put before.
  enum Prefix: Sendable {
    case none, all
    /// Those without a mark or space at their start.
    case unmarked
    /// Of these, what stands at the start of the original.
    case firstUnmarked
  }

  let program: PatternProgram
  let prefix: Prefix

  init?(_ configuration: Tokenizer.Configuration) {
    let model = configuration.model
    guard model.vocabulary.spelling == .text, model.fallsBackAlways, model.graph != nil,
      let (prefix, splits) = Self.prefix(configuration), splits || model.cutsBeforeMetaspace,
      let program = Self.words(model, splits: splits)?.pieceProgram
    else { return nil }
    for id in 0..<model.vocabulary.identifierBound
    where model.vocabulary.length(of: TokenID(id)) >= 256 { return nil }
    self.program = program
    self.prefix = prefix
  }

  /// Whether a mark is put before a text.
  func marks(_ text: AlignedText) -> Bool {
    switch prefix {
    case .none: return false
    case .all: return !text.bytes.isEmpty
    case .unmarked: break
    case .firstUnmarked:
      guard text.originalRange(0..<min(1, text.bytes.count)).lowerBound == 0 else { return false }
    }
    return !text.bytes.isEmpty && text.bytes[0] != 0x20
      && !text.bytes.starts(with: Metaspace.utf8)
  }

  /// Words of scalars that may join, with the marks or spaces before them, of which there is one
  /// where each splits; or one other scalar.
  private static func words(_ model: BPE, splits: Bool) -> SplitPattern? {
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
    let (before, alone) = splits ? ("[ ▁]?", "[ ▁]") : ("[ ▁]*", "[ ▁]+")
    return try? SplitPattern(
      "\(before)[\(members)]+|\(alone)|[^ ▁\(members)]", dialect: .fancyRegex)
  }

  /// Where all that happens to a text is that spaces become marks and one may be put before it: when
  /// that is, and whether each mark begins a piece.
  private static func prefix(_ configuration: Tokenizer.Configuration) -> (Prefix, splits: Bool)? {
    switch (configuration.normalizer, configuration.preTokenizer) {
    case (let normalizer?, nil): return normalizer.spacePrefix.map { ($0, false) }
    case (nil, .metaspace(Metaspace.scalar, let scheme, let splits)?):
      switch scheme {
      case .never: return (.none, splits)
      case .always: return (.unmarked, splits)
      case .first: return (.firstUnmarked, splits)
      }
    default: return nil
    }
  }
}

extension Normalizer {
  /// As ``SpacePlan/prefix(_:)`` for a normalizer.
  fileprivate var spacePrefix: SpacePlan.Prefix? {
    switch self {
    case .replace(.literal([0x20]), with: Metaspace.utf8): return SpacePlan.Prefix.none
    case .sequence(let steps):
      guard let first = steps.first, steps.count <= 2 else { return nil }
      if steps.count == 1 { return first.spacePrefix }
      guard case .prepend(Metaspace.utf8) = first, case .replace(.literal([0x20]), _) = steps[1],
        steps[1].spacePrefix != nil
      else { return nil }
      return .all
    case .sentencePiece(let normalizer):
      guard normalizer.onlyReplacesSpaces else { return nil }
      return normalizer.addsDummyPrefix ? .all : SpacePlan.Prefix.none
    default: return nil
    }
  }
}
