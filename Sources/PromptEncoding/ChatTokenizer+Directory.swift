// SPDX-License-Identifier: Apache-2.0

import BinaryInput
public import ChatTemplates
import OrderedJSON
import TextPrimitives
import Tokenization
import TokenizerFormats

extension ChatTokenizer {
  /// Loads the tokenizer and the template of a model's folder, as transformers finds them.
  ///
  /// The template is `chat_template.jinja` with `additional_chat_templates/`, else
  /// `chat_template` in `tokenizer_config.json` (one, or a list by name), else
  /// `chat_template.json`. Special tokens come from `tokenizer_config.json`, else from
  /// `special_tokens_map.json`.
  ///
  /// - Parameters:
  ///   - path: The folder.
  ///   - template: A template to use instead of the folder's own.
  /// - Throws: ``PromptEncodingError`` that names the file.
  public init(modelDirectory path: String, template: ChatTemplate? = nil)
    throws(PromptEncodingError)
  {
    let configuration = try ModelFiles.json(path + "/tokenizer_config.json")
    let map = try ModelFiles.json(path + "/special_tokens_map.json")
    let tokenizer: Tokenizer
    do {
      tokenizer = try Tokenizer(contentsOf: path)
    } catch {
      throw PromptEncodingError(.loading("\(error)"))
    }
    let own: ChatTemplate
    if let template {
      own = template
    } else {
      own = try ModelFiles.template(path, configuration)
    }
    func token(_ name: ExactString) -> ExactString? {
      ModelFiles.token(configuration?[name]) ?? ModelFiles.token(map?[name])
    }
    self.init(
      tokenizer: tokenizer, template: own, bosToken: token("bos_token"),
      eosToken: token("eos_token"), padToken: token("pad_token"))
  }
}

/// The files of a model's folder that speak of chats.
private enum ModelFiles {
  static func json(_ path: String) throws(PromptEncodingError) -> JSONValue? {
    guard FileReader.exists(path: path) else { return nil }
    do {
      return try JSONValue(parsing: FileReader.bytes(path: path))
    } catch {
      throw PromptEncodingError(.loading("\(path): \(error)"))
    }
  }

  private static func text(_ path: String) throws(PromptEncodingError) -> String? {
    guard FileReader.exists(path: path) else { return nil }
    do {
      return String(decoding: try FileReader.bytes(path: path), as: UTF8.self)
    } catch {
      throw PromptEncodingError(.loading("\(error)"))
    }
  }

  /// A token as text, or as the object of an added token.
  static func token(_ value: JSONValue?) -> ExactString? {
    value?.string ?? value?["content"]?.string
  }

  static func template(_ path: String, _ configuration: JSONValue?)
    throws(PromptEncodingError) -> ChatTemplate
  {
    var sources: [(name: String, source: String)] = []
    if let source = try text(path + "/chat_template.jinja") {
      sources.append(("default", source))
      for name in ["tool_use", "rag"] {
        let file = "\(path)/additional_chat_templates/\(name).jinja"
        if let source = try text(file) { sources.append((name, source)) }
      }
    } else if let value = configuration?["chat_template"], !value.isNull {
      sources = named(value)
    } else if let value = try json(path + "/chat_template.json")?["chat_template"] {
      sources = named(value)
    }
    guard !sources.isEmpty else {
      throw PromptEncodingError(
        .loading(
          "\(path): there is no chat template; is it a base model? Name a family or a template"))
    }
    do {
      return try ChatTemplate(jinjaTemplates: sources, name: "chat_template.jinja")
    } catch {
      throw PromptEncodingError(.template(error))
    }
  }

  private static func named(_ value: JSONValue) -> [(name: String, source: String)] {
    if let source = value.string { return [("default", source.string)] }
    return (value.array ?? []).compactMap { entry in
      guard let name = entry["name"]?.string, let source = entry["template"]?.string else {
        return nil
      }
      return (name.string, source.string)
    }
  }
}
