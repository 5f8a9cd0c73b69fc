// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import Tokenization

extension ComponentNode {
  /// The pattern of GPT-2, which ByteLevel uses unless told not to.
  static let byteLevelPattern =
    #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#

  func preTokenizer() throws(TokenizerLoadingError) -> PreTokenizer? {
    try checkStepCount("pretokenizers")
    return isNull ? nil : try requiredPreTokenizer()
  }

  private func requiredPreTokenizer() throws(TokenizerLoadingError) -> PreTokenizer {
    switch try type() {
    case "Sequence":
      var steps: [PreTokenizer] = []
      for node in try self["pretokenizers"].elements() {
        steps.append(try node.requiredPreTokenizer())
      }
      return .sequence(steps)
    case "ByteLevel":
      let usesPattern = try self["use_regex"].bool(default: true)
      return .byteLevel(
        pattern: usesPattern ? try pattern(Self.byteLevelPattern) : nil,
        addsPrefixSpace: try self["add_prefix_space"].bool(default: true))
    case "Metaspace": return try metaspace()
    case "Split":
      return .split(
        try self["pattern"].splitPattern(), try self["behavior"].choice(SplitBehavior.self),
        isInverted: try self["invert"].bool())
    case "Digits": return .digits(individually: try self["individual_digits"].bool(default: false))
    case "Punctuation":
      return .punctuation(
        try self["behavior"].choice(SplitBehavior.self, default: .isolated))
    case "Whitespace": return .whitespace
    case "WhitespaceSplit": return .whitespaceSplit
    case "CharDelimiterSplit": return .delimiter(try self["delimiter"].scalar())
    case "UnicodeScripts": return .unicodeScripts
    case "BertPreTokenizer": return .bert
    case "FixedLength":
      let length = try self["length"].count(default: 5)
      guard length > 0 else {
        throw self["length"].error(.malformed, "a length of 0 has no pieces")
      }
      return .fixedLength(length)
    case let type:
      throw unknownType(
        type,
        [
          "Sequence", "ByteLevel", "Metaspace", "Split", "Digits", "Punctuation", "Whitespace",
          "WhitespaceSplit", "CharDelimiterSplit", "UnicodeScripts", "BertPreTokenizer",
          "FixedLength",
        ])
    }
  }

  /// `prepend_scheme` replaced `add_prefix_space`; a file may hold either or both.
  private func metaspace() throws(TokenizerLoadingError) -> PreTokenizer {
    .metaspace(
      replacement: try self["replacement"].scalar(), prepend: try prependScheme(),
      splits: try self["split"].bool(default: true))
  }

  func prependScheme() throws(TokenizerLoadingError) -> PreTokenizer.PrependScheme {
    let scheme = try self["prepend_scheme"].choice(
      PreTokenizer.PrependScheme.self, default: .always)
    guard self["add_prefix_space"].value.bool == false else { return scheme }
    guard scheme == .never || self["prepend_scheme"].isNull else {
      throw self["add_prefix_space"].error(
        .inconsistent, "false contradicts the prepend_scheme '\(scheme.rawValue)'",
        hint: "remove one of the two")
    }
    return .never
  }

  /// `{"String": …}` or `{"Regex": …}`.
  func splitPattern() throws(TokenizerLoadingError) -> SplitPattern {
    if !self["String"].isNull {
      return try self["String"].pattern(SplitPattern.escaped(try self["String"].string()))
    }
    return try self["Regex"].pattern(try self["Regex"].string())
  }

  func pattern(_ source: String) throws(TokenizerLoadingError) -> SplitPattern {
    do throws(SplitPatternError) {
      return try SplitPattern(source, dialect: dialect)
    } catch {
      throw self.error(
        .unsupported, error.description, hint: "open an issue with the model's name")
    }
  }
}
