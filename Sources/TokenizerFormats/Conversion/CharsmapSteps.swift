// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextNormalization
import TextPrimitives
import Tokenization

/// Says in a `tokenizer.json` what SentencePiece does with a table of replacements.
///
/// SentencePiece replaces the longest match at each place. The Precompiled normalizer, which carries
/// such tables, replaces a whole grapheme by what the shortest match at its start becomes, and looks
/// at no match beyond a grapheme. A table of few rules that cannot touch each other is written as
/// one Replace for each text that something becomes, which is exact; others are a loss.
struct CharsmapSteps {
  /// More rules than this would make a text pass through too many patterns.
  private static let ruleLimit = 256

  /// The patterns and what they become; nil where the rules touch each other or are too many.
  let replacements: [(pattern: String, text: [UInt8])]?
  private let charsmap: PrecompiledCharsmap

  /// The steps for a normalizer's table.
  init(_ spec: SentencePieceNormalizer, _ charsmap: PrecompiledCharsmap) {
    self.charsmap = charsmap
    replacements = charsmap.rules(limit: Self.ruleLimit).flatMap { rules in
      guard Self.areApart(rules, spec) else { return nil }
      return Dictionary(grouping: rules, by: \.text)
        .map { text, rules in
          let keys = rules.map { String(decoding: $0.key, as: UTF8.self) }.sorted()
          return (keys.map(SplitPattern.escaped).joined(separator: "|"), text)
        }
        .sorted { $0.0 < $1.0 }
    }
  }

  /// Whether the rules give the same one after the other as all at once, and spaces are as
  /// SentencePiece leaves them.
  private static func areApart(
    _ rules: [PrecompiledCharsmap.Rule], _ spec: SentencePieceNormalizer
  ) -> Bool {
    let keys = rules.map { Array(String(decoding: $0.key, as: UTF8.self).unicodeScalars) }
    let scalars = Set(keys.joined())
    func mayMatch(_ text: [UInt8]) -> Bool {
      String(decoding: text, as: UTF8.self).unicodeScalars.contains { scalars.contains($0) }
    }
    guard !rules.contains(where: { mayMatch($0.text) }), !spec.keptPieces.contains(where: mayMatch)
    else { return false }
    if rules.contains(where: \.text.isEmpty) {
      // What is deleted brings its neighbours together, and leaves a text that is not empty to
      // SentencePiece and empty to the step that puts a space before it.
      let isLeftAlone = spec.addsDummyPrefix && !spec.removesExtraSpaces
      guard keys.allSatisfy({ $0.count == 1 }), !isLeftAlone else { return false }
    }
    if spec.removesExtraSpaces {
      let hasRun = rules.contains { rule in
        zip(rule.text, rule.text.dropFirst()).contains { $0 == 0x20 && $1 == 0x20 }
      }
      guard !hasRun else { return false }
    }
    let long = keys.filter { $0.count > 1 }
    return !long.contains { first in
      keys.contains { $0 != first && overlap(first, $0) }
    }
  }

  /// Whether a key stands in another, or begins with the end of it.
  private static func overlap(_ first: [Unicode.Scalar], _ second: [Unicode.Scalar]) -> Bool {
    first.indices.contains { start in
      let rest = first[start...]
      return rest.starts(with: second) || second.starts(with: rest)
    }
  }

  /// A text that the Precompiled normalizer changes otherwise, in words.
  var difference: String {
    for value in UInt32(0x21)..<0x3400 {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let text = Array("\(String(scalar))\u{301}".utf8)
      let (theirs, ours) = (precompiled(text), longest(text))
      guard theirs != ours else { continue }
      func shown(_ text: [UInt8]) -> String { "'\(String(decoding: text, as: UTF8.self))'" }
      return "\(shown(text)) becomes \(shown(ours)), and would become \(shown(theirs)), since "
        + "Precompiled replaces a grapheme by what its first match becomes"
    }
    return "Precompiled replaces a grapheme by what its first match becomes"
  }

  private func precompiled(_ text: [UInt8]) -> [UInt8] {
    var normalized = NormalizedText(text, tracksOriginal: false)
    normalized.apply(charsmap)
    return normalized.bytes
  }

  private func longest(_ text: [UInt8]) -> [UInt8] {
    var output: [UInt8] = []
    var place = 0
    while place < text.count {
      let length = UTF8Scalars.decode(text, at: place).length
      let found = charsmap.longestMatch(in: text, at: place)
      output += found?.text ?? Array(text[place..<place + length])
      place += found?.length ?? length
    }
    return output
  }
}
