// SPDX-License-Identifier: Apache-2.0

/// Encodes step by step as the definition says: the oracle that the fast way is held against.
///
/// Patterns run on ICU's regular expressions, the normalizer and the pre-tokenizer one after the
/// other over the whole text, and every word is merged by one rule at a time. Nothing is remembered.
///
/// ```swift
/// let oracle = try DefinitionEncoder(tokenizer)
/// oracle.identifiers(of: text) == tokenizer.identifiers(of: text)
/// ```
package struct DefinitionEncoder {
  private let tokenizer: Tokenizer
  private let preTokenizer: PreTokenizer?
  private let rules: MergeTable

  /// The oracle of a tokenizer.
  ///
  /// - Throws: ``SplitPatternError`` where ICU does not take a pattern.
  package init(_ tokenizer: Tokenizer) throws(SplitPatternError) {
    self.tokenizer = tokenizer
    preTokenizer = try tokenizer.configuration.preTokenizer?.onICU
    rules = tokenizer.configuration.model.definition
  }

  /// The ids of a text, UTF-8, in which special tokens are text.
  package func identifiers(of bytes: [UInt8]) -> [TokenID] {
    var ids: [TokenID] = []
    split(AlignedText(bytes, base: 0, tracksOrigins: false), afterNormalization: false, &ids) {
      section, ids in
      let text = tokenizer.configuration.normalizer?.apply(to: section) ?? section
      split(text, afterNormalization: true, &ids) { part, ids in encode(part, &ids) }
    }
    return ids
  }

  /// Adds the added tokens of a text, and calls the body for what is between them.
  private func split(
    _ text: AlignedText, afterNormalization: Bool, _ ids: inout [TokenID],
    _ body: (AlignedText, inout [TokenID]) -> Void
  ) {
    tokenizer.parts.added.split(
      text.bytes.span, afterNormalization: afterNormalization, allowsSpecial: false,
      isAllowed: { token, _ in !token.isSpecial }
    ) { part in
      if let token = part.token {
        ids.append(token)
      } else {
        body(text.part(part.range), &ids)
      }
    }
  }

  private func encode(_ text: AlignedText, _ ids: inout [TokenID]) {
    let model = tokenizer.configuration.model
    var target = PreTokenizedText(text)
    preTokenizer?.apply(to: &target, spelling: model.vocabulary.spelling)
    target.text.bytes.span.withText { bytes in
      for piece in target.pieces {
        if model.options.ignoresMerges, let id = model.vocabulary.identifier(of: bytes, piece) {
          ids.append(id)
          continue
        }
        let scratch = MergeScratch(capacity: piece.count)
        model.merged(bytes, piece, rules, in: scratch).forEach { id, _ in ids.append(id) }
        // The scratch must outlive the list.
        withExtendedLifetime(scratch) {}
      }
    }
  }
}

extension PreTokenizer {
  /// The same steps with all patterns on ICU.
  fileprivate var onICU: PreTokenizer {
    get throws(SplitPatternError) {
      switch self {
      case .byteLevel(let pattern?, let addsPrefixSpace):
        return .byteLevel(pattern: try pattern.onICU, addsPrefixSpace: addsPrefixSpace)
      case .split(let pattern, let behavior, let isInverted):
        return .split(try pattern.onICU, behavior, isInverted: isInverted)
      case .sequence(let steps):
        var result: [PreTokenizer] = []
        for step in steps { result.append(try step.onICU) }
        return .sequence(result)
      default: return self
      }
    }
  }
}
