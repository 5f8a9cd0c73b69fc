// SPDX-License-Identifier: Apache-2.0

import BinaryInput
public import ChatTemplates
import TextPrimitives
public import TokenizerFormats

extension ChatTokenizer {
  /// Loads the tokenizer and the template of a model: a folder, or a GGUF file.
  ///
  /// ```swift
  /// let chat = try ChatTokenizer(contentsOf: "qwen3-0.6b-q8_0.gguf")
  /// ```
  ///
  /// - Parameters:
  ///   - path: The folder or the file.
  ///   - template: A template to use instead of the model's own.
  ///   - cache: Where the tokenizer is kept in compiled form; nil keeps none.
  /// - Throws: ``PromptEncodingError`` that names the file.
  public init(
    contentsOf path: String, template: ChatTemplate? = nil, cache: TokenizerCache? = nil
  ) throws(PromptEncodingError) {
    if FileReader.isDirectory(path: path) {
      try self.init(modelDirectory: path, template: template, cache: cache)
    } else {
      try self.init(ggufFile: path, template: template, cache: cache)
    }
  }

  /// Loads the tokenizer and the template of a model's folder, as transformers finds them.
  ///
  /// ``ModelDirectory`` tells which files count.
  ///
  /// - Parameters:
  ///   - path: The folder.
  ///   - template: A template to use instead of the folder's own.
  ///   - cache: Where the tokenizer is kept in compiled form; nil keeps none.
  /// - Throws: ``PromptEncodingError`` that names the file.
  public init(
    modelDirectory path: String, template: ChatTemplate? = nil, cache: TokenizerCache? = nil
  ) throws(PromptEncodingError) {
    let model: ModelDirectory
    do {
      model = try ModelDirectory(path: path, cache: cache)
    } catch {
      throw PromptEncodingError(.loading("\(error)"))
    }
    self.init(
      tokenizer: model.tokenizer,
      template: try Self.choose(template, model.chatTemplates, path: path),
      bosToken: model.beginToken, eosToken: model.endToken, padToken: model.padToken,
      specialTokens: model.specialTokens, endTokenIDs: model.endTokenIDs)
  }

  private init(ggufFile path: String, template: ChatTemplate?, cache: TokenizerCache?)
    throws(PromptEncodingError)
  {
    let parts: GGUFChatParts
    do {
      parts = try GGUFChatParts(path: path, cache: cache)
    } catch {
      throw PromptEncodingError(.loading("\(error)"))
    }
    self.init(
      tokenizer: parts.tokenizer,
      template: try Self.choose(template, parts.chatTemplates, path: path),
      bosToken: parts.specialTokens["bos_token"], eosToken: parts.specialTokens["eos_token"],
      padToken: parts.specialTokens["pad_token"], specialTokens: parts.specialTokens,
      endTokenIDs: parts.endTokenIDs)
  }

  /// The template that was asked for, else the model's own.
  private static func choose(
    _ template: ChatTemplate?, _ own: [ModelDirectory.NamedTemplate], path: String
  ) throws(PromptEncodingError) -> ChatTemplate {
    if let template { return template }
    guard let file = own.first?.file else {
      throw PromptEncodingError(
        .loading(
          "\(path): there is no chat template; is it a base model? Name a family or a template"))
    }
    do {
      return try ChatTemplate(
        jinjaTemplates: own.map { ($0.name.string, $0.source.string) }, name: file)
    } catch {
      throw PromptEncodingError(.template(error))
    }
  }
}
