// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BinaryInput
import ChatTemplates
import JinjaEngine
import OrderedJSON
import TextPrimitives
import Tokenization
import TokenizerFormats

/// `dialect inspect`: what a tokenizer or a template is.
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Tells what a tokenizer or a chat template is and can do.",
    discussion: """
        dialect inspect models/qwen3
        dialect inspect tokenizer.json
        dialect inspect --jinja chat_template.jinja
        dialect inspect --family qwen3 --json
      """)

  @Argument(
    help: ArgumentHelp(
      "A model's folder, a tokenizer file, or a template file (.jinja, .yaml).",
      valueName: "path"))
  var path: String?

  @OptionGroup(title: "Tokenizer") var source: TokenizerOptions
  @OptionGroup(title: "Template") var template: TemplateOptions

  @Flag(help: "Write JSON.")
  var json = false

  func run() throws {
    var report: JSONObject = [:]
    let (source, template) = (try named(source), named(template))
    var tokenizer: Tokenizer?
    if let path = source.tokenizer ?? template.model {
      tokenizer = try add(path, source, to: &report)
    }
    if template.isGiven, template.model == nil {
      report["template"] = .object(try TemplateReport.object(template))
    }
    if let tokenizer, template.isGiven, template.model == nil {
      let missing = missingControlTokens(try template.load(), tokenizer)
      report["missing_control_tokens"] = .array(missing.map { .string($0) })
    }
    guard !report.isEmpty else {
      throw ToolError(.usage, "name what to inspect: a path, --family or --model")
    }
    if json {
      Console.write(JSONValue.object(report).serialized(JSONSerializer(indent: "  ")) + "\n")
    } else {
      for (name, value) in report { Console.write(Outline.text(name, value)) }
    }
  }

  /// A path without an option is a tokenizer's or a model's unless it names a template.
  private func named(_ options: TokenizerOptions) throws -> TokenizerOptions {
    guard let path, templateKind == nil else { return options }
    guard options.tokenizer == nil else {
      throw ToolError(.usage, "name one tokenizer: \(path) or --tokenizer")
    }
    var options = options
    options.tokenizer = path
    return options
  }

  private func named(_ options: TemplateOptions) -> TemplateOptions {
    var options = options
    switch templateKind {
    case .jinja: options.jinja = path
    case .yaml: options.template = path
    case nil: break
    }
    return options
  }

  private enum TemplateKind { case jinja, yaml }

  private var templateKind: TemplateKind? {
    guard let ending = path?.split(separator: ".").last else { return nil }
    return ending == "jinja" ? .jinja : ending == "yaml" || ending == "yml" ? .yaml : nil
  }

  /// A folder is a model's, and has templates beside the tokenizer.
  private func add(_ path: String, _ options: TokenizerOptions, to report: inout JSONObject)
    throws -> Tokenizer
  {
    let model: ModelReport
    let tokenizer: Tokenizer
    if FileReader.isDirectory(path: path) {
      let directory = try options.directory(path)
      tokenizer = directory.tokenizer
      model = ModelReport(directory)
    } else {
      var options = options
      options.tokenizer = path
      tokenizer = try options.load()
      model = ModelReport(file: path, tokenizer)
    }
    report["model"] = .object(model.object)
    report["tokenizer"] = .object(TokenizerReport.object(tokenizer, listsEachToken: json))
    if let template = model.template {
      report["template"] = .object(TemplateReport.object(template))
      report["missing_control_tokens"] = .array(
        missingControlTokens(template, tokenizer).map { .string($0) })
    }
    return tokenizer
  }

  private func missingControlTokens(_ template: ChatTemplate, _ tokenizer: Tokenizer)
    -> [ExactString]
  {
    template.controlTokens.filter { tokenizer.identifier(of: $0.string) == nil }
  }
}

/// What a template reads and can render.
enum TemplateReport {
  static func object(_ template: ChatTemplate) -> JSONObject {
    let found = TemplateCapabilities(of: template)
    var report: JSONObject = [
      "name": .string(ExactString(template.name)),
      "system": .bool(found.supportsSystem),
      "tools": .bool(found.supportsTools),
      "tool_calls": .bool(found.supportsToolCalls),
      "parallel_tool_calls": .bool(found.supportsParallelToolCalls),
      "tool_results": .bool(found.supportsToolResults),
      "reasoning": .bool(found.supportsReasoning),
      "earlier_reasoning_kept": .bool(found.keepsEarlierReasoning),
      "documents": .bool(found.supportsDocuments),
      "content_parts": .bool(found.supportsContentParts),
      "images": .bool(found.supportsImages),
      "strict_alternation": .bool(found.requiresAlternation),
      "generation_prompt": .bool(found.hasGenerationPrompt),
    ]
    if let information = template.information { add(information, to: &report) }
    let openTexts = template.openTexts
    if !openTexts.isEmpty {
      report["open_texts"] = .array(
        openTexts.map { place, explanation in
          .string(ExactString("\(place.name):\(place.line):\(place.column): \(explanation)"))
        })
    }
    if let dependences = template.prefixDependences {
      report["later_turns_change"] = .array(
        dependences.map { .string(ExactString($0.description)) })
    }
    return report
  }

  /// What the family's file says of it.
  private static func add(_ information: TemplateInformation, to report: inout JSONObject) {
    report["variant"] = .string(ExactString(information.variant.rawValue))
    report["about"] = .string(ExactString(information.about))
    report["source"] = .string(
      ExactString("\(information.model), \(information.reference), \(information.date)"))
    report["aliases"] = list(information.aliases.map { ExactString($0) })
    report["parameters"] = list(information.parameters.map { ExactString($0) })
    report["stop_tokens"] = list(information.stopTokens)
    report["stop_strings"] = list(information.stopStrings)
    report["boundary"] = .string(ExactString(information.boundary.rawValue))
  }

  private static func list(_ texts: [ExactString]) -> JSONValue {
    .array(texts.map { .string($0) })
  }

  static func object(_ options: TemplateOptions) throws -> JSONObject {
    var report = object(try options.load())
    if let path = options.jinja,
      let jinja = try? JinjaTemplate(source: TextInput.text(path), name: path)
    {
      let features = jinja.features
      report["variables"] = .array(jinja.referencedVariables.map { .string(ExactString($0)) })
      report["message_attributes"] = names(features.messageAttributes)
      report["filters"] = names(features.filters)
      report["tests"] = names(features.tests)
      report["methods"] = names(features.methods)
      report["functions"] = names(features.functions)
      report["raises"] = .array(features.raisedMessages.map { .string(ExactString($0)) })
      report["generation_tag"] = .bool(features.hasGenerationBlock)
    }
    return report
  }

  private static func names(_ names: Set<String>) -> JSONValue {
    .array(names.map { ExactString($0) }.sorted().map { .string($0) })
  }
}

/// A JSON value as an indented outline.
enum Outline {
  static func text(_ name: String, _ value: JSONValue, level: Int = 0) -> String {
    let margin = String(repeating: "  ", count: level)
    switch value {
    case .object(let object):
      return "\(margin)\(name):\n"
        + object.map { text($0.key.string, $0.value, level: level + 1) }.joined()
    case .array(let elements):
      let list = elements.isEmpty ? "none" : elements.map(line).joined(separator: ", ")
      return "\(margin)\(name): \(list)\n"
    default: return "\(margin)\(name): \(line(value))\n"
    }
  }

  static func text(_ name: ExactString, _ value: JSONValue) -> String {
    text(name.string, value)
  }

  private static func line(_ value: JSONValue) -> String {
    switch value {
    case .bool(let value): value ? "yes" : "no"
    case .null: "none"
    case .string(let text): text.string
    default: value.serialized()
    }
  }
}
