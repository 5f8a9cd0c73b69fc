// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// A declarative template, ready to render: its definition and the tables made of it.
///
/// ```
/// turns:                                 steps
///   assistant:                           0  branch       role assistant, else go on at 7
///     body:                              1  literals     "<|im_start|>"
///       - {ctl: "<|im_start|>"}     →    2  field        role
///       - {slot: role}                   3  branch       content is filled, else go on at 6
///       - when: {filled: content}        4  …
/// ```
final class RenderProgram: Sendable {
  let definition: TemplateDefinition
  let tables: RenderTables
  /// The tables of the inner loop.
  let views: RenderViews
  /// Who holds them.
  private let flatTables: FlatTables
  /// The values where a caller gives none.
  let defaults: GlobalValues
  /// The control tokens of a prompt whose caller replaces none.
  let controlTokens: [ExactString]
  let literalText: ExactString

  init(_ definition: TemplateDefinition) {
    self.definition = definition
    literalText = ExactString(definition.literalText)
    controlTokens = definition.controlTokens()
    var compiler = RenderCompiler(definition)
    compiler.compile()
    tables = compiler.tables
    flatTables = FlatTables(tables)
    views = RenderViews(flatTables)
    defaults = GlobalValues(defaultsOf: definition)
  }

  /// Renders a conversation.
  ///
  /// - Throws: `ChatTemplateError`: the template's own refusal, or what it cannot print.
  func render(_ conversation: Conversation, _ options: RenderOptions)
    throws(ChatTemplateError) -> Prompt
  {
    let warnings = try unknownArguments(options)
    let input = try conversation.prepared(for: options) { definition.readFields.contains($0) }
    let (bos, eos) = (options.replacement(of: .bos), options.replacement(of: .eos))
    var renderer = DeclarativeRenderer(
      self, input.messages, globals(conversation, options), bos: bos, eos: eos, now: options.now,
      hasOpening: options.addGenerationPrompt)
    try renderer.render()
    var text = renderer.output.notes.joined()
    if let continuation = input.continuation {
      do {
        let bytes = Array(text.utf8)
        let end = try continuation.end(of: bytes)
        renderer.output.cut(at: end)
        text = String(decoding: bytes[..<end], as: UTF8.self)
      } catch {
        throw ChatTemplateError(error.kind, message: input.messages.count - 1, hint: error.hint)
      }
    }
    let stableCount = min(renderer.stableCount, renderer.output.count)
    let source = NotedSegments(
      self, notes: renderer.finish(), messages: input.messages,
      bos: bos, eos: eos)
    var prompt = Prompt(text: text, source: source)
    prompt.warnings = warnings
    prompt.stableByteCount = stableCount
    return prompt
  }

  /// The values that hold for a whole conversation.
  private func globals(_ conversation: Conversation, _ options: RenderOptions) -> GlobalValues {
    var globals = defaults
    globals.take(conversation, options, for: self)
    return globals
  }

  private func unknownArguments(_ options: RenderOptions) throws(ChatTemplateError) -> [String] {
    guard options.isStrict || options.reportsUnknown else { return [] }
    let names = definition.parameters.map(\.name)
    return try options.unknownArguments(
      known: names + [definition.toolsParameter?.name].compactMap(\.self))
  }
}

extension RenderOptions {
  /// What the caller gives for one of the two tokens.
  func replacement(of token: SpecialToken) -> ExactString? {
    switch token {
    case .bos: arguments["bos_token"]?.string ?? bosToken
    case .eos: arguments["eos_token"]?.string ?? eosToken
    }
  }
}
