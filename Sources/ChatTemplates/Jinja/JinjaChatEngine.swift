// SPDX-License-Identifier: Apache-2.0

import JinjaEngine
import OrderedJSON
import TextPrimitives

/// Renders conversations by Jinja templates, as transformers does.
struct JinjaChatEngine: Sendable {
  /// The templates by name; most models have only `default`.
  let templates: [NamedJinjaTemplate]

  init(_ sources: [(name: String, source: String)], fileName: String) throws(ChatTemplateError) {
    var templates: [NamedJinjaTemplate] = []
    for (name, source) in sources {
      let fileName = sources.count > 1 ? "\(fileName):\(name)" : fileName
      templates.append(try NamedJinjaTemplate(name, source: source, fileName: fileName))
    }
    self.templates = templates
  }

  /// The templates' names and texts.
  var sources: [(name: String, text: String)] {
    templates.map {
      ($0.template.name, String(decoding: $0.template.normalizedSource, as: UTF8.self))
    }
  }

  /// The template that transformers takes: the one that is asked for, else `tool_use` where there
  /// are tools, else `default`.
  func template(named name: ExactString?, hasTools: Bool) throws(ChatTemplateError)
    -> NamedJinjaTemplate
  {
    if let name {
      if let found = templates.first(where: { ExactString($0.name) == name }) { return found }
      throw ChatTemplateError(.noSuchTemplate(name.string, known: templates.map(\.name)))
    }
    if let only = templates.first, templates.count == 1 { return only }
    if hasTools, let found = templates.first(where: { $0.name == "tool_use" }) { return found }
    if let found = templates.first(where: { $0.name == "default" }) { return found }
    throw ChatTemplateError(
      .noSuchTemplate("default", known: templates.map(\.name)),
      hint: "name the one that is wanted")
  }

  func render(_ conversation: Conversation, _ options: RenderOptions)
    throws(ChatTemplateError) -> Prompt
  {
    let hasTools = (options.tools ?? conversation.tools) != nil
    return try template(named: options.chatTemplate, hasTools: hasTools)
      .render(conversation, options)
  }
}

/// A compiled Jinja template with what every render needs to know of it.
final class NamedJinjaTemplate: Sendable {
  let name: String
  let template: JinjaTemplate
  /// The source as the engine read it.
  private let source: ExactString
  private let places: TemplatePlaces
  private let names: Names
  /// What it adds where a generation prompt is asked for; nil where that is not known.
  private let opening: [UInt8]?
  /// What ends an assistant's turn, where that is known.
  private let terminator: ExactString?

  /// The variables that every render sets.
  private struct Names: Sendable {
    let bos, eos, messages, tools, documents, addGenerationPrompt: JinjaContext.KnownName

    init(_ template: JinjaTemplate) {
      bos = template.known("bos_token")
      eos = template.known("eos_token")
      messages = template.known("messages")
      tools = template.known("tools")
      documents = template.known("documents")
      addGenerationPrompt = template.known("add_generation_prompt")
    }
  }

  init(_ name: String, source: String, fileName: String) throws(ChatTemplateError) {
    self.name = name
    do {
      template = try JinjaTemplate(source: source, name: fileName)
    } catch {
      throw ChatTemplateError(.jinja(error.description))
    }
    names = Names(template)
    let normalized = template.normalizedSource
    self.source = ExactString(String(decoding: normalized, as: UTF8.self))
    places = TemplatePlaces(
      template.literalRanges, source: normalized, name: ExactString(fileName))
    let probe = JinjaProbe(template, places: places)
    opening = probe.opening
    terminator = probe.terminator
  }

  func render(_ conversation: Conversation, _ options: RenderOptions)
    throws(ChatTemplateError) -> Prompt
  {
    var warnings: [String] = []
    if options.isStrict || options.reportsUnknown {
      let known = template.referencedVariables.map { ExactString($0) }
      warnings = try options.unknownArguments(known: known)
    }
    let input = try conversation.prepared(for: options) { field in
      TextScanning.contains(source.string, field.string)
    }
    let messages = input.messages
    let output = try run(context(messages, conversation, options), options)
    warnings += output.warnings.map(\.description)
    let end = try input.continuation?.end(of: output.bytes) ?? output.bytes.count
    let (bos, eos) = (options.bosToken, options.eosToken)
    var prompt = Prompt(
      text: String(decoding: output.bytes[..<end], as: UTF8.self),
      source: LazySegments(
        LazyValue { [self, opens = options.addGenerationPrompt] in
          segments(of: output, messages, opens: opens, end: end)
        },
        stopTokens: Self.list(terminator == eos ? nil : terminator, eos), boundary: .fuse,
        controlTokens: Self.list(bos, eos), templateText: source))
    prompt.warnings = warnings
    return prompt
  }

  private func segments(
    of output: JinjaOutput, _ messages: [Message], opens: Bool, end: Int
  ) -> [PromptSegment] {
    let roles = messages.map { $0.fields["role"]?.string }
    let pieces = JinjaPieces(
      output, messages, roles: roles, places: places, opening: opening, hasOpening: opens)
    return pieces.segments(roles: roles, places: places, end: end)
  }

  /// Those of two that are there.
  private static func list(_ first: ExactString?, _ second: ExactString?) -> [ExactString] {
    switch (first, second) {
    case (nil, nil): []
    case (let first?, nil): [first]
    case (nil, let second?): [second]
    case (let first?, let second?): [first, second]
    }
  }

  private func run(_ context: JinjaContext, _ renderOptions: RenderOptions)
    throws(ChatTemplateError) -> JinjaOutput
  {
    var options = JinjaOptions(
      strictness: renderOptions.isStrict
        ? .strict : renderOptions.reportsUnknown ? .lenient : .quiet)
    options.tracedVariable = "messages"
    options.now = renderOptions.now ?? .now
    do {
      return try template.render(context, options: options)
    } catch {
      guard case .raised = error.kind else {
        throw ChatTemplateError(.jinja(error.description), message: error.messageIndex)
      }
      throw ChatTemplateError(.refused(error.message), message: error.messageIndex)
    }
  }

  /// The variables, in transformers' order: special tokens, then arguments over them.
  private func context(
    _ messages: [Message], _ conversation: Conversation, _ options: RenderOptions
  ) -> JinjaContext {
    var context = JinjaContext()
    for (name, token) in options.specialTokens {
      context.set(name.string, to: .string(token), origin: .trusted)
    }
    if let bos = options.bosToken { context.set(names.bos, to: .string(bos), origin: .trusted) }
    if let eos = options.eosToken { context.set(names.eos, to: .string(eos), origin: .trusted) }
    for (name, value) in options.arguments {
      let isToken =
        name == "bos_token" || name == "eos_token" || options.specialTokens[name] != nil
      context.set(name.string, to: value, origin: isToken ? .trusted : .caller)
    }
    context.set(names.messages, to: messages.objectList)
    context.set(names.tools, to: options.toolList(of: conversation) ?? .null)
    context.set(names.documents, to: options.documentList(of: conversation) ?? .null)
    context.set(
      names.addGenerationPrompt, to: .bool(options.addGenerationPrompt), origin: .trusted)
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
