// SPDX-License-Identifier: Apache-2.0

public import ChatTemplates
import TextPrimitives
public import TokenizerFormats

extension ChatTokenizer {
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
    let own: ChatTemplate
    if let template { own = template } else { own = try Self.template(of: model) }
    self.init(
      tokenizer: model.tokenizer, template: own,
      bosToken: model.beginToken, eosToken: model.endToken, padToken: model.padToken,
      specialTokens: model.specialTokens, endTokenIDs: model.endTokenIDs)
  }

  private static func template(of model: ModelDirectory) throws(PromptEncodingError)
    -> ChatTemplate
  {
    guard let file = model.chatTemplates.first?.file else {
      throw PromptEncodingError(
        .loading(
          "\(model.path): there is no chat template; is it a base model? Name a family or a "
            + "template"))
    }
    do {
      return try ChatTemplate(
        jinjaTemplates: model.chatTemplates.map { ($0.name.string, $0.source.string) }, name: file)
    } catch {
      throw PromptEncodingError(.template(error))
    }
  }
}
