// SPDX-License-Identifier: Apache-2.0

import ChatTemplates
import OrderedJSON
import PromptEncoding
import TextPrimitives
import Tokenization
import TokenizerFormats

/// What a model is, as far as the files of its folder, or its GGUF file, tell.
struct ModelReport {
  private let path: String
  private let tokenizer: Tokenizer
  private let templates: [ModelDirectory.NamedTemplate]
  private let directory: ModelDirectory?

  /// Reads a folder.
  init(_ model: ModelDirectory) {
    path = model.path
    tokenizer = model.tokenizer
    templates = model.chatTemplates
    directory = model
  }

  /// Reads what stands beside the tokenizer of a single file.
  init(file: String, _ tokenizer: Tokenizer) {
    path = file
    self.tokenizer = tokenizer
    templates = (try? GGUFTokenizerFormat.chatTemplates(path: file)) ?? []
    directory = nil
  }

  /// The template that `default` names, or the only one.
  var template: ChatTemplate? {
    guard let file = templates.first?.file else { return nil }
    return try? ChatTemplate(
      jinjaTemplates: templates.map { ($0.name.string, $0.source.string) }, name: file)
  }

  var object: JSONObject {
    var report: JSONObject = ["path": .string(ExactString(path))]
    let file = directory?.tokenizerFile ?? path
    if let format = try? TokenizerFormat.detect(path: file) {
      report["format"] = .string(ExactString(format.rawValue))
    }
    if let directory {
      report["tokenizer_file"] = .string(ExactString(file))
      add(directory, to: &report)
    }
    report["chat_templates"] = .array(templates.map { .string($0.name) })
    let template = template
    let (variant, reason) = variant(template)
    report["variant"] = variant.map { .string(ExactString($0)) } ?? .null
    report["variant_because"] = .string(ExactString(reason))
    if let template {
      report["template_and_tokenizer_both_add_begin"] = .bool(addsBeginTwice(template))
    }
    return report
  }

  private func add(_ model: ModelDirectory, to report: inout JSONObject) {
    report["tokenizer_class"] = model.tokenizerClass.map { .string(ExactString($0)) } ?? .null
    for (key, token) in [
      ("begin_token", model.beginToken), ("end_token", model.endToken),
      ("pad_token", model.padToken), ("unknown_token", model.unknownToken),
    ] {
      report[ExactString(key)] = token.map { .string($0) } ?? .null
    }
    report["end_token_ids"] = .array(model.endTokenIDs.map { .integer(Int($0)) })
    if let isLegacy = model.isLegacy { report["legacy"] = .bool(isLegacy) }
    if let cleansUp = model.cleansUpSpaces {
      report["clean_up_tokenization_spaces"] = .bool(cleansUp)
    }
  }

  /// Base, instruct, chat or reasoning; nil where the files do not tell.
  ///
  /// A name says most, a template that renders reasoning says that, and a folder without template
  /// is a base model's; a lone tokenizer file says nothing.
  private func variant(_ template: ChatTemplate?) -> (name: String?, reason: String) {
    guard let template else {
      return directory == nil
        ? (nil, "a tokenizer alone does not tell") : ("base", "there is no chat template")
    }
    if TemplateCapabilities(of: template).supportsReasoning {
      return ("reasoning", "the chat template renders reasoning")
    }
    let name = path.split(separator: "/").last.map { $0.lowercased() } ?? ""
    for (part, variant) in [("instruct", "instruct"), ("-it", "instruct"), ("chat", "chat")]
    where name.contains(part) {
      return (variant, "the name has '\(part)'")
    }
    return ("chat", "there is a chat template")
  }

  /// Whether the rendered prompt begins with a token that encoding it with special tokens adds
  /// again.
  private func addsBeginTwice(_ template: ChatTemplate) -> Bool {
    guard let first = TokenizerReport.around(tokenizer).before.first,
      let token = tokenizer.token(first)
    else { return false }
    var options = RenderOptions(addGenerationPrompt: true)
    options.bosToken = directory?.beginToken ?? ExactString(token)
    options.eosToken = directory?.endToken
    let conversation = Conversation([Message(.user, "a")])
    guard let prompt = try? template.render(conversation, options: options) else { return false }
    return prompt.text.utf8.starts(with: token.utf8)
  }
}
