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
