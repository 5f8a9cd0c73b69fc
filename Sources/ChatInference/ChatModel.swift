// SPDX-License-Identifier: Apache-2.0

import BinaryInput
public import ChatTemplates
public import PromptEncoding
public import ReferenceTransformer
import Tokenization
import TokenizerFormats

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
  /// - Throws: ``ChatInferenceError`` where the tokenizer has more ids than the model.
  public init(chat: ChatTokenizer, transformer: Transformer) throws(ChatInferenceError) {
    let (ids, rows) = (chat.tokenizer.identifierBound, transformer.configuration.vocabularySize)
    guard ids <= rows else {
      throw ChatInferenceError(.vocabularyMismatch(tokenizer: ids, model: rows))
    }
    self.chat = chat
    self.transformer = transformer
  }

  /// Loads a model.
  ///
  /// - Parameters:
  ///   - path: A folder as Hugging Face's Hub has it, or a GGUF file.
  ///   - template: A template to use instead of the model's own; a GGUF file needs one.
  /// - Throws: ``ChatInferenceError`` that names the file.
  public init(contentsOf path: String, template: ChatTemplate? = nil) throws(ChatInferenceError) {
    let transformer: Transformer
    do throws(TransformerError) {
      transformer = try Transformer(contentsOf: path)
    } catch {
      throw ChatInferenceError(.transformer(error))
    }
    let chat: ChatTokenizer
    do throws(PromptEncodingError) {
      chat =
        FileReader.isDirectory(path: path)
        ? try ChatTokenizer(modelDirectory: path, template: template)
        : try Self.chatTokenizer(ofGGUF: path, template)
    } catch {
      throw ChatInferenceError(.prompt(error))
    }
    try self.init(chat: chat, transformer: transformer)
  }

  private static func chatTokenizer(ofGGUF path: String, _ template: ChatTemplate?)
    throws(PromptEncodingError) -> ChatTokenizer
  {
    guard let template else {
      throw PromptEncodingError(.loading("\(path): a GGUF file needs a template; name one"))
    }
    do throws(TokenizerLoadingError) {
      return ChatTokenizer(tokenizer: try Tokenizer(contentsOf: path), template: template)
    } catch {
      throw PromptEncodingError(.loading("\(error)"))
    }
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
