// SPDX-License-Identifier: Apache-2.0

public import ChatTemplates
public import PromptEncoding
public import ReferenceTransformer
import Tokenization
public import TokenizerFormats

/// A model with its tokenizer and its chat template: conversations in, replies out.
///
/// ```swift
/// let model = try ChatModel(contentsOf: "models/qwen3-0.6b")
/// let reply = try model.generate(Conversation([Message(.user, "Hello")])) { print($0) }
/// reply.message
/// ```
public struct ChatModel: Sendable {
  /// The tokenizer and the template.
  public let chat: ChatTokenizer
  /// The weights.
  public let transformer: Transformer

  /// Puts a model together.
  ///
  /// Embeddings are often filled up, to a multiple of some power of two; so the model may have
  /// some rows more than the tokenizer has ids.
  ///
  /// - Throws: ``ChatInferenceError`` where the two do not fit.
  public init(chat: ChatTokenizer, transformer: Transformer) throws(ChatInferenceError) {
    let (ids, rows) = (chat.tokenizer.identifierBound, transformer.configuration.vocabularySize)
    guard Self.fits(identifiers: ids, rows: rows) else {
      throw ChatInferenceError(.vocabularyMismatch(tokenizer: ids, model: rows))
    }
    self.chat = chat
    self.transformer = transformer
  }

  /// Whether a tokenizer's ids can be those of an embedding.
  static func fits(identifiers: Int, rows: Int) -> Bool {
    identifiers <= rows && rows - identifiers <= max(1024, rows / 8)
  }

  /// Loads a model.
  ///
  /// - Parameters:
  ///   - path: A folder as Hugging Face's Hub has it, or a GGUF file.
  ///   - template: A template to use instead of the model's own.
  ///   - cache: Where the tokenizer is kept in compiled form; nil keeps none.
  /// - Throws: ``ChatInferenceError`` that names the file.
  public init(
    contentsOf path: String, template: ChatTemplate? = nil, cache: TokenizerCache? = nil
  ) throws(ChatInferenceError) {
    let transformer: Transformer
    do throws(TransformerError) {
      transformer = try Transformer(contentsOf: path)
    } catch {
      throw ChatInferenceError(.transformer(error))
    }
    let chat: ChatTokenizer
    do throws(PromptEncodingError) {
      chat = try ChatTokenizer(contentsOf: path, template: template, cache: cache)
    } catch {
      throw ChatInferenceError(.prompt(error))
    }
    try self.init(chat: chat, transformer: transformer)
  }

  /// The same model with another template.
  ///
  /// - Throws: Never, since tokenizer and weights are those of a model that was made.
  public func with(_ template: ChatTemplate) throws(ChatInferenceError) -> ChatModel {
    try ChatModel(
      chat: ChatTokenizer(
        tokenizer: chat.tokenizer, template: template, bosToken: chat.bosToken,
        eosToken: chat.eosToken, padToken: chat.padToken, specialTokens: chat.specialTokens,
        endTokenIDs: chat.endTokenIDs),
      transformer: transformer)
  }
}
