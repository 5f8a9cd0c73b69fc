// SPDX-License-Identifier: Apache-2.0

import BinaryInput
import ChatTemplates
import OrderedJSON
import PromptEncoding
import PromptFixtures
import TextPrimitives
import Tokenization

/// One of two ways to turn conversations into prompts.
public struct PromptSide: Sendable {
  /// What names a side: a family, or a file or folder.
  public struct Specification: Sendable {
    let name: String
    let template: TemplateReference?
    let tokenizer: TokenizerReference?

    /// Tells by name and content what a side is: a folder with a chat template is a model, another
    /// folder a tokenizer; `.yaml`, `.yml` and `.jinja` are templates, other files tokenizers;
    /// anything else is the name of a family.
    public init(_ name: String) {
      self.name = name
      func ends(_ endings: String...) -> Bool {
        endings.contains { name.utf8.suffix($0.utf8.count).elementsEqual($0.utf8) }
      }
      if FileReader.isDirectory(path: name) {
        let isModel = (try? LoadedTemplate(.model(name))) != nil
        template = isModel ? .model(name) : nil
        tokenizer = isModel ? nil : .file(name, encoding: nil)
      } else if FileReader.exists(path: name) {
        let isTemplate = ends(".yaml", ".yml", ".jinja")
        template = isTemplate ? .file(name) : nil
        tokenizer = isTemplate ? nil : .file(name, encoding: nil)
      } else {
        (template, tokenizer) = (.family(name), nil)
      }
    }
  }

  /// What the user called it.
  public let name: String
  let template: LoadedTemplate
  let tokenizer: LoadedTokenizer?

  /// Loads a side.
  ///
  /// - Parameters:
  ///   - specification: The side.
  ///   - template: The template of sides that are tokenizers.
  ///   - tokenizer: The tokenizer's file of sides that are templates; without one words are compared.
  /// - Throws: An error that names what cannot be loaded.
  public init(
    _ specification: Specification, template: Specification? = nil, tokenizer: String? = nil
  ) throws {
    name = specification.name
    guard let reference = specification.template ?? template?.template else {
      throw InputError("\(name) is a tokenizer: name the template that both sides render with")
    }
    self.template = try LoadedTemplate(reference)
    if let own = specification.tokenizer ?? tokenizer.map({ .file($0, encoding: nil) }) {
      self.tokenizer = try LoadedTokenizer(own)
    } else {
      self.tokenizer = self.template.tokenizer
    }
  }

  /// What a request becomes.
  func render(_ request: JSONObject) -> SideRendering {
    do {
      var (conversation, options) = try ChatRequest.read(request)
      options.now = options.now ?? CaseRun.frozenClock
      options.bosToken = options.bosToken ?? template.chat?.bosToken
      options.eosToken = options.eosToken ?? template.chat?.eosToken
      let prompt = try template.template.render(conversation, options: options)
      guard let tokenizer else {
        return SideRendering(prompt: prompt, tokens: ShownToken.list(prompt), refusal: nil)
      }
      let encoded = try tokenizer.encoder.encode(prompt)
      var tokens = ShownToken.list(encoded, tokenizer.tokenizer)
      // Ids of two vocabularies mean nothing to each other; the bytes of a token do.
      for index in tokens.indices { tokens[index].id = nil }
      return SideRendering(prompt: prompt, tokens: tokens, refusal: nil)
    } catch {
      return SideRendering(prompt: nil, tokens: [], refusal: "\(error)")
    }
  }

  /// The texts that begin a prompt on this side.
  var beginTokens: [ExactString] {
    [template.chat?.bosToken, template.template.information?.bosToken].compactMap(\.self)
      + ["<s>", "<bos>", "<|begin_of_text|>", "<|startoftext|>"]
  }
}

/// What one side made of a conversation.
struct SideRendering: Sendable {
  var prompt: Prompt?
  var tokens: [ShownToken]
  var refusal: String?
}
