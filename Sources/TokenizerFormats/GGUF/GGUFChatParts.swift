// SPDX-License-Identifier: Apache-2.0

import GGUFFormat
public import TextPrimitives
public import Tokenization

/// What a GGUF file says of chats beside its weights: the tokenizer, the templates, and the tokens
/// with a task.
public struct GGUFChatParts: Sendable {
  /// The tokenizer.
  public let tokenizer: Tokenizer
  /// All chat templates; empty for a base model.
  public let chatTemplates: [ModelDirectory.NamedTemplate]
  /// `bos_token`, `eos_token`, `unk_token` and `pad_token`, those that the file has.
  public let specialTokens: [ExactString: ExactString]
  /// The ids that end an answer: the ends of a text, of a turn and of a message.
  public let endTokenIDs: [TokenID]

  /// Reads a file.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - cache: Where the tokenizer is kept in compiled form; nil keeps none.
  /// - Throws: ``TokenizerLoadingError`` naming the key and what is wrong with it.
  public init(path: String, cache: TokenizerCache? = nil) throws(TokenizerLoadingError) {
    let metadata = try GGUFTokenizerFormat.open(path).header.metadata
    let tokenizer = try Tokenizer(contentsOf: path, format: .gguf, cache: cache)
    func identifier(_ key: String) -> TokenID? {
      metadata[ExactString("tokenizer.ggml.\(key)_token_id")]?.integer.flatMap {
        TokenID(exactly: $0)
      }
    }
    var tokens: [ExactString: ExactString] = [:]
    for (key, name) in [("bos", "bos"), ("eos", "eos"), ("unknown", "unk"), ("padding", "pad")] {
      let token = identifier(key).flatMap { tokenizer.token($0) }
      tokens[ExactString("\(name)_token")] = token.map { ExactString($0) }
    }
    self.tokenizer = tokenizer
    chatTemplates = GGUFTokenizerFormat.chatTemplates(metadata, file: path)
    specialTokens = tokens
    endTokenIDs = ["eos", "eot", "eom"].compactMap(identifier)
  }
}
