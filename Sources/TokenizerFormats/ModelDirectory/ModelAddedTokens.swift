// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives
import Tokenization

/// The added tokens that the files beside a tokenizer ask for.
///
/// As `TokenizersBackend.__init__` adds them (huggingface/transformers 5.23): those of
/// `added_tokens_decoder` or `added_tokens.json` by id, then the named special tokens, then the
/// additional ones.
struct ModelAddedTokens {
  /// A token, and whether it replaces what the tokenizer has by the same content.
  private var tokens: [(token: AddedToken, replaces: Bool)] = []

  /// Gathers the tokens.
  ///
  /// - Parameters:
  ///   - config: `tokenizer_config.json`.
  ///   - map: `special_tokens_map.json`, which counts where the configuration lists no tokens.
  ///   - added: `added_tokens.json`, likewise.
  ///   - named: The special tokens by name.
  /// - Throws: ``TokenizerLoadingError`` naming the file and the place.
  init(
    config: ComponentNode, map: ComponentNode, added: ComponentNode,
    named: [ExactString: ExactString]
  ) throws(TokenizerLoadingError) {
    let listed = config["added_tokens_decoder"]
    let extra = try Self.additional(config) + (listed.isNull ? Self.additional(map) : [])
    if !listed.isNull {
      tokens = try Self.listed(listed).map { ($0, true) }
    } else {
      let special = Set(named.values).union(extra.map(\.content))
      for (content, id) in added.value.object ?? JSONObject() {
        guard let id = id.integer, id >= 0 else {
          throw added[content.string].error(.malformed, "expected an id")
        }
        let isSpecial = special.contains(content)
        let token = AddedToken(
          content: content, id: TokenID(truncatingIfNeeded: id), isSpecial: isSpecial,
          isNormalized: !isSpecial)
        tokens.append((token, true))
      }
      tokens.sort { $0.token.id < $1.token.id }
    }
    let standard: [ExactString] = [
      "bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token",
    ]
    let others = (config.value.object ?? JSONObject()).map(\.key).filter {
      named[$0] != nil && !standard.contains($0)
    }
    for name in standard + others {
      guard let content = named[name] else { continue }
      tokens.append((AddedToken(content: content, id: 0, isSpecial: true), false))
    }
    tokens += extra.map { ($0, false) }
  }

  /// Adds the tokens to a tokenizer's, with the next ids where the model has none for them.
  func add(to configuration: inout Tokenizer.Configuration) {
    let vocabulary = configuration.model.vocabulary
    var places: [ExactString: Int] = [:]
    for (place, token) in configuration.addedTokens.enumerated() { places[token.content] = place }
    var highest = configuration.addedTokens.map { Int($0.id) }.max() ?? -1
    for (token, replaces) in tokens where !token.content.isEmpty {
      var token = token
      if let place = places[token.content] {
        token.id = configuration.addedTokens[place].id
        if replaces { configuration.addedTokens[place] = token }
        continue
      }
      token.id =
        vocabulary.identifier(spelt: Array(token.content.utf8))
        ?? TokenID(max(highest + 1, vocabulary.count))
      highest = max(highest, Int(token.id))
      places[token.content] = configuration.addedTokens.count
      configuration.addedTokens.append(token)
    }
  }

  /// `{"32000": {"content": …, "lstrip": …}}`, in the order of ids.
  private static func listed(_ node: ComponentNode) throws(TokenizerLoadingError) -> [AddedToken] {
    var tokens: [AddedToken] = []
    for (key, _) in node.value.object ?? JSONObject() {
      guard let id = TokenID(key.string) else {
        throw node.error(.malformed, "'\(key.string)' is no id")
      }
      tokens.append(try token(node[key.string], id: id))
    }
    return tokens.sorted { $0.id < $1.id }
  }

  /// `extra_special_tokens`, or by its old name `additional_special_tokens`.
  private static func additional(_ node: ComponentNode) throws(TokenizerLoadingError)
    -> [AddedToken]
  {
    for key in ["extra_special_tokens", "additional_special_tokens"] {
      guard let list = node[key].value.array, !list.isEmpty else { continue }
      var tokens: [AddedToken] = []
      for element in try node[key].elements() {
        if let content = element.value.string {
          tokens.append(AddedToken(content: content, id: 0, isSpecial: true))
        } else {
          var token = try token(element, id: 0)
          token.isSpecial = true
          tokens.append(token)
        }
      }
      return tokens
    }
    return []
  }

  private static func token(_ node: ComponentNode, id: TokenID) throws(TokenizerLoadingError)
    -> AddedToken
  {
    let isSpecial = try node["special"].bool(default: false)
    return AddedToken(
      content: ExactString(try node["content"].string()), id: id, isSpecial: isSpecial,
      stripsLeft: try node["lstrip"].bool(default: false),
      stripsRight: try node["rstrip"].bool(default: false),
      isSingleWord: try node["single_word"].bool(default: false),
      isNormalized: try node["normalized"].bool(default: !isSpecial))
  }
}
