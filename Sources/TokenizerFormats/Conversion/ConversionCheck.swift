// SPDX-License-Identifier: Apache-2.0

import TextPrimitives
import Tokenization

/// Compares a tokenizer with what was written of it, on texts that tell them apart if any do.
///
/// Files list merges in one order, while rank files and SentencePiece models let rules of one rank
/// take turns from the left. The order matters only where two such rules overlap, so the texts are,
/// beside all tokens: every overlap that the list's order decides the other way.
struct ConversionCheck {
  private let original: Tokenizer
  private let written: [UInt8]

  /// More overlaps than this mean that ranks are not what the file has.
  private static let overlapLimit = 200_000

  init(_ original: Tokenizer, _ written: [UInt8]) {
    self.original = original
    self.written = written
  }

  func losses() -> [ConversionLoss] {
    let copy: Tokenizer
    do throws(TokenizerLoadingError) {
      copy = try Tokenizer(tokenizerJSON: written, name: "the converted file")
    } catch {
      return [ConversionLoss("model", "\(error)", "what was written cannot be read")]
    }
    guard let overlaps = overlaps(in: original.configuration.model) else {
      return [
        ConversionLoss(
          "scores", "equal for most pieces", "a list of merges has one rank for each rule")
      ]
    }
    for text in overlaps where !agree(copy, text, parsing: false) {
      return [difference("model.merges", text, copy)]
    }
    for token in original.addedTokens {
      let text = Array(token.content.utf8)
      for isParsed in [false, true] where !agree(copy, text, parsing: isParsed) {
        return [difference("added_tokens", text, copy)]
      }
    }
    let userDefined = original.addedTokens.first { $0.isNormalized && !$0.isSpecial }
      .map { Array($0.content.utf8) }
    for id in 0..<TokenID(original.vocabulary.identifierBound) {
      guard let text = original.vocabulary.bytes(of: id),
        String(validating: text, as: UTF8.self) != nil
      else { continue }
      if !agree(copy, text, parsing: false) { return [difference("model.vocab", text, copy)] }
      // Between pieces that are cut out of the text, a token is a word of its own.
      guard let userDefined else { continue }
      let inside = userDefined + text + userDefined
      if !agree(copy, inside, parsing: false) { return [difference("pieces", inside, copy)] }
    }
    return []
  }

  private func agree(_ copy: Tokenizer, _ text: [UInt8], parsing: Bool) -> Bool {
    let policy: SpecialTokenPolicy = parsing ? .allowAll : .asText
    let expected = try? original.identifiers(of: text, special: policy)
    return expected != nil && expected == (try? copy.identifiers(of: text, special: policy))
  }

  private func difference(_ field: String, _ text: [UInt8], _ copy: Tokenizer) -> ConversionLoss {
    func ids(_ tokenizer: Tokenizer) -> String {
      (try? tokenizer.identifiers(of: text)).map { "\($0)" } ?? "an error"
    }
    return ConversionLoss(
      field, "'\(String(decoding: text, as: UTF8.self))'",
      "it encodes to \(ids(original)), and would encode to \(ids(copy))")
  }

  /// Runs of one scalar of all lengths, where merging such runs is a question of turns.
  private func runs(in model: BPE) -> [[UInt8]] {
    var longest: [String: Int] = [:]
    for merge in MergeOrder.groups(MergeOrder.ranked(model)).joined() {
      guard let bytes = model.vocabulary.bytes(of: merge.merged),
        let text = String(validating: bytes, as: UTF8.self), let scalar = text.unicodeScalars.first,
        text.unicodeScalars.allSatisfy({ $0 == scalar })
      else { continue }
      longest[String(scalar)] = max(longest[String(scalar)] ?? 0, text.unicodeScalars.count)
    }
    return longest.flatMap { scalar, length in
      (1...min(4 * length, 1024)).map { Array(String(repeating: scalar, count: $0).utf8) }
    }
  }

  /// The texts of A, B, C where A B and B C are rules of one rank and the list has B C first; nil
  /// where they are too many.
  private func overlaps(in model: BPE) -> [[UInt8]]? {
    let merges = MergeOrder.listed(model)
    var texts: [[UInt8]] = runs(in: model)
    for group in MergeOrder.groups(merges) {
      var earlier: [TokenID: [Merge]] = [:]
      for rule in group {
        for first in earlier[rule.right] ?? [] {
          guard texts.count < Self.overlapLimit else { return nil }
          let parts = [rule.left, rule.right, first.right]
          let text = parts.flatMap { model.vocabulary.bytes(of: $0) ?? [] }
          if String(validating: text, as: UTF8.self) != nil { texts.append(text) }
        }
        earlier[rule.left, default: []].append(rule)
      }
    }
    return texts
  }
}
