// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ChatTemplates
import JinjaEngine
import OrderedJSON
import TextPrimitives
import Tokenization

/// `dialect inspect`: what a tokenizer or a template is.
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Tells what a tokenizer or a chat template is and can do.",
    discussion: """
        dialect inspect --tokenizer tokenizer.json
        dialect inspect --jinja chat_template.jinja
        dialect inspect --family qwen3 --json
        dialect inspect --model models/qwen3
      """)

  @OptionGroup(title: "Tokenizer") var source: TokenizerOptions
  @OptionGroup(title: "Template") var template: TemplateOptions

  @Flag(help: "Write JSON.")
  var json = false

  func run() throws {
    var report: JSONObject = [:]
    let tokenizer = try source.named() ?? template.modelTokenizer()
    if let tokenizer {
      report["tokenizer"] = .object(TokenizerReport.object(tokenizer))
    }
    if template.isGiven {
      report["template"] = .object(try TemplateReport.object(template))
    }
    if let tokenizer, template.isGiven {
      let missing = try template.load().controlTokens.filter {
        tokenizer.identifier(of: $0.string) == nil
      }
      report["missing_control_tokens"] = .array(missing.map { .string($0) })
    }
    guard !report.isEmpty else {
      throw ToolError(
        .usage, "name what to inspect: --tokenizer, --family, --template, --jinja or --model")
    }
    if json {
      Console.write(JSONValue.object(report).serialized(JSONSerializer(indent: "  ")) + "\n")
    } else {
      for (name, value) in report { Console.write(Outline.text(name, value)) }
    }
  }
}

/// What a tokenizer is made of.
enum TokenizerReport {
  static func object(_ tokenizer: Tokenizer) -> JSONObject {
    let parts = tokenizer.configuration
    let special = tokenizer.addedTokens.filter(\.isSpecial)
    var report: JSONObject = [
      "model": "BPE",
      "spelling": parts.model.vocabulary.spelling == .byteLevel ? "bytes" : "text",
      "tokens": .integer(tokenizer.vocabulary.count),
      "merges": .integer(parts.model.merges.count),
      "added_tokens": .integer(tokenizer.addedTokens.count),
      "special_tokens": .object(
        JSONObject(special.map { ($0.content, .integer(Int($0.id))) })),
      "normalizer": parts.normalizer.map { .string(ExactString("\($0)".prefixed)) } ?? .null,
      "pre_tokenizer": .array(patterns(parts.preTokenizer)),
    ]
    if let around = try? tokenizer.encode("", addsSpecialTokens: true) {
      report["added_around_text"] = .array(
        around.ids.map { .string(ExactString(tokenizer.token($0) ?? "")) })
    }
    return report
  }

  private static func patterns(_ preTokenizer: PreTokenizer?) -> [JSONValue] {
    switch preTokenizer {
    case nil: []
    case .sequence(let steps): steps.flatMap { patterns($0) }
    case .byteLevel(let pattern, _):
      ["byte level"] + (pattern.map { [.string(ExactString($0.source))] } ?? [])
    case .split(let pattern, let behavior, _):
      [.string(ExactString("\(behavior.rawValue.lowercased()): \(pattern.source)"))]
    case .metaspace(_, let prepend, _): [.string(ExactString("metaspace, \(prepend.rawValue)"))]
    case .some(let other): [.string(ExactString("\(other)".prefixed))]
    }
  }
}

extension String {
  /// The head of a long description.
  fileprivate var prefixed: String {
    utf8.count > 120 ? String(prefix(120)) + "…" : self
  }
}

/// What a template reads and can render.
enum TemplateReport {
  static func object(_ options: TemplateOptions) throws -> JSONObject {
    let template = try options.load()
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
    if !template.warnings.isEmpty {
      report["warnings"] = .array(template.warnings.map { .string(ExactString($0)) })
    }
    if let dependences = template.prefixDependences {
      report["later_turns_change"] = .array(
        dependences.map { .string(ExactString($0.description)) })
    }
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
      return "\(margin)\(name): \(elements.map(line).joined(separator: ", "))\n"
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
