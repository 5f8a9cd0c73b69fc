// SPDX-License-Identifier: Apache-2.0

import TextNormalization

/// SentencePiece-style text: a space is a mark, and no token has one after something else, or every
/// mark begins a piece of its own.
///
/// So a text may be cut before each space that follows something else, and between scalars that no
/// token has beside each other: letters and punctuation, mostly, and on both sides of a line feed, a
/// digit or most ideographs. Spaces need not be replaced before words are looked up.
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
  /// See ``JoinedScalars/lateRuns``.
  let lateRuns: MergeTable?

  init?(_ configuration: Tokenizer.Configuration) {
    let model = configuration.model
    guard model.vocabulary.spelling == .text, model.fallsBackAlways, model.graph != nil,
      let (prefix, splits) = Self.prefix(configuration), splits || model.cutsBeforeMetaspace
    else { return nil }
    let joins = JoinedScalars(model)
    guard !joins.groups.isEmpty, let program = Self.words(joins, splits: splits) else { return nil }
    for id in 0..<model.vocabulary.identifierBound
    where model.vocabulary.length(of: TokenID(id)) >= 256 { return nil }
    self.program = program
    self.prefix = prefix
    lateRuns = joins.lateRuns
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

  /// Words of scalars that rules join, with the marks or spaces before them, of which there is one
  /// where each splits; or one other scalar.
  private static func words(_ joins: JoinedScalars, splits: Bool) -> PatternProgram? {
    let marks = PatternNode.set(JoinedScalars.marks)
    let others = joins.groups.reduce(JoinedScalars.marks) { $0.union($1) }.inverted
    var branches = joins.groups.map { group in
      PatternNode.sequence([
        .repetition(marks, minimum: 0, maximum: splits ? 1 : nil, .greedy),
        .repetition(.set(group), minimum: 1, maximum: nil, .greedy),
      ])
    }
    branches.append(splits ? marks : .repetition(marks, minimum: 1, maximum: nil, .greedy))
    branches.append(.set(others))
    return try? PatternCompiler.compile(.alternatives(branches))
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
