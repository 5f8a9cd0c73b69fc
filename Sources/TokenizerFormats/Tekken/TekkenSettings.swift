// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// What a `tekken.json` says beside its ranks.
struct TekkenSettings {
  /// Ids in all, special tokens included.
  let vocabularySize: Int
  /// The special tokens in the order of their ids, fillers included.
  let specialTokens: [ExactString]
  var specialTokenCount: Int { specialTokens.count }

  /// Far more than any model has; each costs memory without standing in the file.
  private static let specialTokenLimit = 1 << 16

  /// The versions of Mistral's tokenizers, by their numbers.
  private static let versions = [1, 2, 3, 7, 11, 13, 15]

  /// The special tokens of files that list none, which are those up to version 7.
  private static let fixedTokens: [ExactString] = [
    "<unk>", "<s>", "</s>", "[INST]", "[/INST]", "[AVAILABLE_TOOLS]", "[/AVAILABLE_TOOLS]",
    "[TOOL_RESULTS]", "[/TOOL_RESULTS]", "[TOOL_CALLS]", "[IMG]", "<pad>", "[IMG_BREAK]",
    "[IMG_END]", "[PREFIX]", "[MIDDLE]", "[SUFFIX]", "[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]",
    "[TOOL_CONTENT]",
  ]

  init(_ sections: ComponentNode) throws(TokenizerLoadingError) {
    let config = sections["config"]
    guard config.value.object != nil else {
      throw config.error(.malformed, "expected an object, found \(config.value.kindName)")
    }
    let version = try Self.version(config["version"])
    try Self.checkOtherSections(sections, version)
    let size = config["default_vocab_size"]
    vocabularySize = try size.count()
    let countNode = config["default_num_special_tokens"]
    let count = try countNode.count()
    guard count <= Self.specialTokenLimit else {
      throw countNode.error(
        .unsupported, "\(count) special tokens are more than any model has",
        hint: "at most \(Self.specialTokenLimit) are supported")
    }
    guard count <= vocabularySize else {
      throw size.error(.inconsistent, "\(vocabularySize) is less than the \(count) special tokens")
    }
    specialTokens = try Self.specialTokens(sections["special_tokens"], count, version)
  }

  private static func version(_ node: ComponentNode) throws(TokenizerLoadingError) -> Int {
    let name = try node.string()
    guard let version = versions.first(where: { "v\($0)" == name }) else {
      throw node.error(
        .unsupported, "'\(name)' is no version that we know",
        hint: "known are \(versions.map { "v\($0)" }.joined(separator: ", "))")
    }
    return version
  }

  /// Settings for images and sound change no id, but the reference refuses some of them.
  private static func checkOtherSections(_ sections: ComponentNode, _ version: Int)
    throws(TokenizerLoadingError)
  {
    for name in ["image", "audio", "multimodal", "model_settings_builder"] {
      let node = sections[name]
      guard node.isNull || node.value.object != nil else {
        throw node.error(.malformed, "expected an object, found \(node.value.kindName)")
      }
    }
    if version > 11, !(sections["multimodal"].value.object?.isEmpty ?? true) {
      throw sections["multimodal"].error(
        .unsupported, "files after v11 have no such section", hint: "call it 'image'")
    }
    if version < 15, !sections["model_settings_builder"].isNull {
      throw sections["model_settings_builder"].error(
        .unsupported, "files before v15 have no such section")
    }
  }

  private static func specialTokens(_ node: ComponentNode, _ count: Int, _ version: Int)
    throws(TokenizerLoadingError) -> [ExactString]
  {
    var tokens: [ExactString] = []
    if !node.isNull {
      for (index, token) in try node.elements().enumerated() {
        guard try token["rank"].count() == index else {
          throw token["rank"].error(
            .inconsistent, "the rank must be \(index), as ranks are listed in order")
        }
        tokens.append(ExactString(try token["token_str"].string()))
      }
    } else if version <= 7 {
      tokens = fixedTokens
    } else {
      throw node.error(
        .malformed, "there is none, and files after v7 must have one",
        hint: "take a newer file of the model")
    }
    guard tokens.count <= count else {
      throw node.error(
        .inconsistent,
        "there are \(tokens.count) special tokens, config.default_num_special_tokens is \(count)")
    }
    for id in tokens.count..<count { tokens.append(ExactString("<SPECIAL_\(id)>")) }
    var seen: Set<ExactString> = []
    for token in tokens where !seen.insert(token).inserted {
      throw node.error(.inconsistent, "'\(token.string)' stands there twice")
    }
    return tokens
  }
}
