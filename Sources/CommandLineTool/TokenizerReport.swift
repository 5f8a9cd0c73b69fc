// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextNormalization
import TextPrimitives
import Tokenization

/// What a tokenizer is made of.
enum TokenizerReport {
  /// Its parts, by name.
  ///
  /// - Parameters:
  ///   - tokenizer: The tokenizer.
  ///   - listsEachToken: Whether reserved tokens stand one by one, for programs, and not as runs.
  /// - Returns: A JSON object.
  static func object(_ tokenizer: Tokenizer, listsEachToken: Bool) -> JSONObject {
    let parts = tokenizer.configuration
    let options = parts.model.options
    let special = tokenizer.addedTokens.filter(\.isSpecial)
    let others = tokenizer.addedTokens.filter { !$0.isSpecial }
    let entries = { (tokens: [AddedToken]) in
      listsEachToken
        ? JSONObject(tokens.map { ($0.content, .integer(Int($0.id))) }) : TokenRun.entries(tokens)
    }
    var report: JSONObject = [
      "model": "BPE",
      "spelling": parts.model.vocabulary.spelling == .byteLevel ? "bytes" : "text",
      "tokens": .integer(tokenizer.vocabulary.count),
      "identifiers": .integer(tokenizer.identifierBound),
      "merges": .integer(parts.model.rules.count),
      "byte_fallback": .bool(options.byteFallback),
      "ignore_merges": .bool(options.ignoresMerges),
      "unknown_token": options.unknownToken.map { name($0, tokenizer) } ?? .null,
      "normalizer": .array((parts.normalizer?.steps ?? []).map { .string(ExactString($0)) }),
      "pre_tokenizer": .array((parts.preTokenizer?.steps ?? []).map { .string(ExactString($0)) }),
      "special_tokens": .object(entries(special)),
      "other_added_tokens": .object(entries(others)),
    ]
    let (before, after) = around(tokenizer)
    report["added_before_text"] = .array(before.map { name($0, tokenizer) })
    report["added_after_text"] = .array(after.map { name($0, tokenizer) })
    return report
  }

  /// The special tokens that the tokenizer puts before and after a text when asked to.
  static func around(_ tokenizer: Tokenizer) -> (before: [TokenID], after: [TokenID]) {
    guard let encoding = try? tokenizer.encode("a", addsSpecialTokens: true) else {
      return ([], [])
    }
    let mask = encoding.specialTokensMask
    let before = mask.prefix { $0 }.count
    let after = before == mask.count ? 0 : mask.reversed().prefix { $0 }.count
    return (Array(encoding.ids.prefix(before)), Array(encoding.ids.suffix(after)))
  }

  private static func name(_ id: TokenID, _ tokenizer: Tokenizer) -> JSONValue {
    .string(ExactString(tokenizer.token(id) ?? ""))
  }
}

extension Normalizer {
  /// What happens, step by step.
  fileprivate var steps: [String] {
    switch self {
    case .sequence(let steps): steps.flatMap(\.steps)
    case .unicode(let normalizer):
      ["\(normalizer.form) of Unicode \(normalizer.version.major).\(normalizer.version.minor)"]
    case .lowercase: ["lowercase"]
    case .stripAccents: ["strip accents"]
    case .strip(let left, let right):
      ["strip white space" + (left && right ? "" : left ? " on the left" : " on the right")]
    case .prepend(let text): ["prepend '\(String(decoding: text, as: UTF8.self))'"]
    case .replace(.literal(let old), let new):
      [
        "replace '\(String(decoding: old, as: UTF8.self))' by "
          + "'\(String(decoding: new, as: UTF8.self))'"
      ]
    case .replace(.pattern(let pattern), let new):
      ["replace \(pattern.source) by '\(String(decoding: new, as: UTF8.self))'"]
    case .nmt: ["Nmt"]
    case .precompiled: ["a table of replacements"]
    case .bert: ["Bert"]
    case .byteLevel: ["bytes as letters"]
    case .sentencePiece(let spec):
      (spec.charsmap == nil ? [] : ["SentencePiece's table of replacements"])
        + (spec.removesExtraSpaces ? ["remove extra spaces"] : [])
        + (spec.addsDummyPrefix ? ["prepend ' '"] : [])
        + (spec.escapesSpaces ? ["replace ' ' by '▁'"] : [])
    }
  }
}

extension PreTokenizer {
  /// Where texts are cut, step by step.
  fileprivate var steps: [String] {
    switch self {
    case .sequence(let steps): steps.flatMap(\.steps)
    case .byteLevel(let pattern, let addsPrefixSpace):
      (addsPrefixSpace ? ["prepend ' '"] : []) + (pattern.map { [$0.source] } ?? [])
        + ["bytes as letters"]
    case .split(let pattern, let behavior, let isInverted):
      ["\(behavior.rawValue)\(isInverted ? ", inverted" : ""): \(pattern.source)"]
    case .metaspace(_, let prepend, let splits):
      ["metaspace, prepended: \(prepend.rawValue)" + (splits ? "" : ", not cut")]
    case .digits(let individually): [individually ? "each digit" : "digits"]
    case .punctuation(let behavior): ["punctuation, \(behavior.rawValue)"]
    case .whitespace: ["words and punctuation"]
    case .whitespaceSplit: ["white space"]
    case .delimiter(let scalar): ["'\(scalar)'"]
    case .unicodeScripts: ["scripts"]
    case .bert: ["white space and punctuation"]
    case .fixedLength(let length): ["every \(length) characters"]
    }
  }
}
