// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ChatTemplates
import OrderedJSON
import PromptEncoding
import TextPrimitives
import TokenizerFormats
import Tokenization

/// Which template is used.
struct TemplateOptions: ParsableArguments {
  @Option(help: ArgumentHelp("A built-in family, such as llama-3 or chatml.", valueName: "name"))
  var family: String?

  @Option(help: ArgumentHelp("A declarative template of your own.", valueName: "file"))
  var template: String?

  @Option(help: ArgumentHelp("A Hugging Face chat template.", valueName: "file"))
  var jinja: String?

  @Option(
    help: ArgumentHelp(
      "A model's folder or GGUF file, with its tokenizer and its chat template, unless another is "
        + "named.", valueName: "path"))
  var model: String?

  func validate() throws {
    guard [family, template, jinja].compactMap(\.self).count <= 1 else {
      throw ValidationError("name one template: --family, --template or --jinja")
    }
  }

  var isGiven: Bool { hasOwnTemplate || model != nil }
  /// Whether a template is named that replaces that of the model's folder.
  var hasOwnTemplate: Bool { family != nil || template != nil || jinja != nil }

  /// The tokenizer and template of the model, where one is named.
  func chatTokenizer() throws -> ChatTokenizer? {
    guard let model else { return nil }
    do {
      return try ChatTokenizer(
        contentsOf: model, template: hasOwnTemplate ? try load() : nil, cache: .standard)
    } catch let error as PromptEncodingError {
      throw ToolError(.loading, "\(error)")
    }
  }

  /// The tokenizer of the model, where one is named.
  func modelTokenizer() throws -> Tokenizer? {
    try chatTokenizer()?.tokenizer
  }

  /// Options that have the special tokens of the model's folder, where they say nothing else.
  func completed(_ options: RenderOptions, by chat: ChatTokenizer?) -> RenderOptions {
    guard let chat else { return options }
    var options = options
    options.bosToken = options.bosToken ?? chat.bosToken
    options.eosToken = options.eosToken ?? chat.eosToken
    options.specialTokens.merge(chat.specialTokens) { given, _ in given }
    return options
  }

  /// Refuses a template file that writes a control token which is none of the vocabulary.
  func check(_ loaded: ChatTemplate, with tokenizer: Tokenizer?) throws {
    guard template != nil, let tokenizer else { return }
    do {
      try PromptEncoder(tokenizer).check(loaded)
    } catch {
      throw ToolError(.loading, error.place == nil ? "\(loaded.name): \(error)" : "\(error)")
    }
  }

  func load() throws -> ChatTemplate {
    do {
      if let family { return try ChatTemplate(family: family) }
      if let template {
        return try ChatTemplate(contentsOf: template)
      }
      if let jinja {
        return try ChatTemplate(jinja: try TextInput.text(jinja), name: jinja)
      }
    } catch let error as ChatTemplateError {
      throw ToolError(.loading, "\(error)")
    }
    if let chat = try chatTokenizer() { return chat.template }
    throw ToolError(
      .usage, "name a template with --family NAME, --template FILE, --jinja FILE or --model PATH")
  }
}

/// Which shape conversations have.
struct FormatOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The conversation's shape, instead of telling it by its members: "
        + "\(FormatChoice.allValueStrings.joined(separator: ", ")).", valueName: "format"))
  var inputFormat: FormatChoice?

  /// The shape that was given.
  var format: ConversationFormat? { inputFormat?.format }

  /// The options that were given, as members of a request.
  var members: JSONObject {
    format.map { ["input_format": .string(ExactString($0.rawValue))] } ?? [:]
  }

  /// The member under which a bare list of messages stands.
  var listName: ExactString { format == .shareGPT ? "conversations" : "messages" }
}

/// A shape of conversations, by the name that requests give it.
enum FormatChoice: String, ExpressibleByArgument, CaseIterable {
  case openai, anthropic, sharegpt, alpaca

  var format: ConversationFormat {
    switch self {
    case .openai: .openAI
    case .anthropic: .anthropic
    case .sharegpt: .shareGPT
    case .alpaca: .alpaca
    }
  }
}

/// A form of tool calls' arguments.
enum ArgumentChoice: String, ExpressibleByArgument, CaseIterable {
  case asSent = "as-sent"
  case object, string, fitting

  /// The form by the name that requests give it.
  var form: ExactString { self == .asSent ? "as_sent" : ExactString(rawValue) }
}

/// Which conversation is rendered, and how.
struct ConversationOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The conversation as JSON.", valueName: "file"))
  var input: String?

  @OptionGroup var format: FormatOptions

  @Flag(help: "End the prompt with the opening of an assistant's turn.")
  var addGenerationPrompt = false

  @Flag(help: "Leave the last message open so that the model goes on with it.")
  var continueFinalMessage = false

  @Option(
    name: .customLong("continue-field"),
    help: ArgumentHelp("Leave this field of the last message open.", valueName: "field"))
  var continueField: String?

  @Option(help: ArgumentHelp("Tool definitions as a JSON array.", valueName: "file"))
  var tools: String?

  @Option(help: ArgumentHelp("Documents as a JSON array.", valueName: "file"))
  var documents: String?

  @Option(
    help: ArgumentHelp(
      "Template variables, such as {\"enable_thinking\": false}.", valueName: "json"))
  var kwargs: String?

  @Option(
    help: ArgumentHelp(
      "Which of the model's named templates to take, such as rag.", valueName: "name"))
  var chatTemplate: String?

  @Option(
    help: ArgumentHelp(
      "The form in which the template gets tool calls' arguments, which APIs send as strings: "
        + "\(ArgumentChoice.allValueStrings.joined(separator: ", ")).", valueName: "form"))
  var toolArguments: ArgumentChoice?

  @Option(
    help: ArgumentHelp("The date for templates that print it: 2026-01-15.", valueName: "date"))
  var now: String?

  @Option(help: "The token for the beginning of the text, instead of the template's.")
  var bosToken: String?

  @Option(help: "The token for the end of a turn, instead of the template's.")
  var eosToken: String?

  /// The conversation and its options, as one request.
  func read() throws -> (Conversation, RenderOptions) {
    var request = try conversation()
    for (name, value) in try members() { request[name] = value }
    do {
      return try ChatRequest.read(request)
    } catch {
      throw ToolError(.input, "\(input ?? "standard input"): \(error)")
    }
  }

  /// What a batch's line is taken for: with these options, where it does not say otherwise itself.
  func completing() throws -> (JSONObject) -> JSONObject {
    let members = try members()
    return { line in
      var line = line
      for (name, value) in members where line[name] == nil { line[name] = value }
      return line
    }
  }

  /// The options that were given, as members of a request.
  private func members() throws -> JSONObject {
    var request = format.members
    if addGenerationPrompt { request["add_generation_prompt"] = true }
    if continueFinalMessage { request["continue_final_message"] = true }
    if let continueField { request["continue_final_message"] = .string(ExactString(continueField)) }
    if let tools { request["tools"] = try json(tools) }
    if let documents { request["documents"] = try json(documents) }
    if let kwargs { request["kwargs"] = try parse(Array(kwargs.utf8), name: "--kwargs", .usage) }
    if let chatTemplate { request["chat_template"] = .string(ExactString(chatTemplate)) }
    if let toolArguments { request["tool_arguments"] = .string(toolArguments.form) }
    if let now { request["now"] = .string(ExactString(now)) }
    if let bosToken { request["bos_token"] = .string(ExactString(bosToken)) }
    if let eosToken { request["eos_token"] = .string(ExactString(eosToken)) }
    return request
  }

  private func conversation() throws -> JSONObject {
    switch try json(input ?? "-") {
    case .object(let object): return object
    case .array(let messages): return [format.listName: .array(messages)]
    case let other:
      throw ToolError(
        .input,
        "\(input ?? "standard input"): expected messages or an object that has them, "
          + "found \(other.kindName)")
    }
  }

  private func json(_ path: String) throws -> JSONValue {
    try parse(
      try TextInput.bytes(path), name: path == "-" ? "standard input" : path, .input)
  }

  private func parse(_ bytes: [UInt8], name: String, _ status: ToolError.Status) throws
    -> JSONValue
  {
    do throws(JSONError) {
      return try JSONValue(parsing: bytes)
    } catch {
      throw ToolError(status, "\(name):\(error)")
    }
  }
}
