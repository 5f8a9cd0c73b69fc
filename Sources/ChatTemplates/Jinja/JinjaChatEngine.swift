// SPDX-License-Identifier: Apache-2.0

import JinjaEngine
import OrderedJSON
import TextPrimitives

/// Renders conversations by Jinja templates, as transformers does.
struct JinjaChatEngine: Sendable {
  /// The templates by name; most models have only `default`.
  let templates: [(name: String, template: JinjaTemplate)]

  init(_ sources: [(name: String, source: String)], fileName: String) throws(ChatTemplateError) {
    var templates: [(String, JinjaTemplate)] = []
    for (name, source) in sources {
      let fileName = sources.count > 1 ? "\(fileName):\(name)" : fileName
      do {
        templates.append((name, try JinjaTemplate(source: source, name: fileName)))
      } catch {
        throw ChatTemplateError(.jinja(error.description))
      }
    }
    self.templates = templates
  }

  /// The template that transformers takes: `tool_use` where there are tools, else `default`.
  func template(hasTools: Bool) throws(ChatTemplateError) -> JinjaTemplate {
    if let only = templates.first, templates.count == 1 { return only.template }
    if hasTools, let found = templates.first(where: { $0.name == "tool_use" }) {
      return found.template
    }
    if let found = templates.first(where: { $0.name == "default" }) { return found.template }
    let names = templates.map(\.name).joined(separator: ", ")
    throw ChatTemplateError(
      .invalidTemplate("there is no template named 'default', only \(names)"))
  }

  func render(_ conversation: Conversation, _ options: RenderOptions)
    throws(ChatTemplateError) -> Prompt
  {
    let hasTools = (options.tools ?? conversation.tools) != nil
    let template = try template(hasTools: hasTools)
    var warnings: [String] = []
    if options.isStrict || options.reportsUnknown {
      let known = template.referencedVariables.map { ExactString($0) }
      warnings = try options.unknownArguments(known: known)
    }
    let source = String(decoding: template.normalizedSource, as: UTF8.self)
    let input = try PreparedConversation(conversation, options) { field in
      TextScanning.contains(source, field.string)
    }
    let output = try run(template, input, options)
    warnings += output.warnings.map(\.description)
    var builder = PromptBuilder(
      bytes: output.bytes,
      segments: JinjaSegments(output, input, template: template).segments)
    try input.continuation?.cut(&builder)
    var prompt = Prompt(
      text: String(decoding: builder.bytes, as: UTF8.self), segments: builder.segments,
      stopTokens: input.eos.map { [$0] } ?? [], boundary: .fuse,
      controlTokens: [input.bos, input.eos].compactMap(\.self),
      templateText: ExactString(source))
    prompt.warnings = warnings
    return prompt
  }

  private func run(
    _ template: JinjaTemplate, _ input: PreparedConversation, _ renderOptions: RenderOptions
  ) throws(ChatTemplateError) -> JinjaOutput {
    var options = JinjaOptions(
      strictness: renderOptions.isStrict
        ? .strict : renderOptions.reportsUnknown ? .lenient : .quiet)
    let now = input.now
    options.now = CivilDateTime(
      year: now.year, month: now.month, day: now.day, hour: now.hour, minute: now.minute,
      second: now.second)
    do {
      return try template.render(Self.context(input), options: options)
    } catch {
      guard case .raised = error.kind else {
        throw ChatTemplateError(.jinja(error.description), message: error.messageIndex)
      }
      throw ChatTemplateError(.refused(error.message), message: error.messageIndex)
    }
  }

  /// The variables, in transformers' order: special tokens, then arguments over them.
  private static func context(_ input: PreparedConversation) -> JinjaContext {
    var context = JinjaContext()
    if let bos = input.bos { context.set("bos_token", to: .string(bos), origin: .trusted) }
    if let eos = input.eos { context.set("eos_token", to: .string(eos), origin: .trusted) }
    for (name, value) in input.arguments {
      let isToken = name == "bos_token" || name == "eos_token"
      context.set(name.string, to: value, origin: isToken ? .trusted : .caller)
    }
    context.set("messages", to: .array(input.messages.map { .object($0) }))
    context.set("tools", to: input.tools ?? .null)
    context.set("documents", to: input.documents ?? .null)
    context.set("add_generation_prompt", to: .bool(input.addGenerationPrompt), origin: .trusted)
    return context
  }
}

extension JinjaError {
  /// The message of the conversation that was being rendered.
  fileprivate var messageIndex: Int? {
    guard let element, element.variable == "messages", case .index(let index) = element.steps.first
    else { return nil }
    return index
  }
}
