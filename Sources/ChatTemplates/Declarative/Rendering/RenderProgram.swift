// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// A declarative template, ready to render: its definition and the tables made of it.
///
/// ```
/// turns:                                 steps
///   assistant:                           0  literal      "<|im_start|>"
///     body:                              1  slot         role
///       - {ctl: "<|im_start|>"}     →    2  unless       test 4, go on at 4
///       - {slot: role}                   3  literal      "\n"
///       - when: {filled: content}        4  …
/// ```
final class RenderProgram: Sendable {
  let definition: TemplateDefinition
  let tables: RenderTables
  /// The control tokens of a prompt whose options replace none.
  let controlTokens: [ExactString]
  private let literalText: ExactString

  init(_ definition: TemplateDefinition) {
    self.definition = definition
    literalText = ExactString(definition.literalText)
    var compiler = RenderCompiler(definition)
    compiler.compile()
    tables = compiler.tables
    controlTokens = Self.controlTokens(definition, bos: definition.bos, eos: definition.eos)
  }

  /// The control tokens of a prompt with these two among them.
  static func controlTokens(
    _ definition: TemplateDefinition, bos: ExactString?, eos: ExactString?
  ) -> [ExactString] {
    var control = definition.controlTokens
    for token in [bos, eos].compactMap(\.self) where !control.contains(token) {
      control.append(token)
    }
    return control
  }

  /// Renders a conversation.
  ///
  /// - Throws: `ChatTemplateError`: the template's own refusal, or what it cannot print.
  func render(_ conversation: Conversation, _ options: RenderOptions)
    throws(ChatTemplateError) -> Prompt
  {
    let warnings = try unknownArguments(options)
    let input = try PreparedConversation(
      conversation, options, reads: definition.readFields.contains)
    var renderer = DeclarativeRenderer(self, input)
    var output = try renderer.render()
    if let continuation = input.continuation {
      output.cut(at: try continuation.end(of: output.bytes))
    }
    let notes = output.notes
    let messages = input.messages
    var prompt = Prompt(
      text: String(decoding: output.bytes, as: UTF8.self),
      lazySegments: LazySegments { self.tables.segments(of: notes, messages: messages) },
      stopTokens: definition.stop, boundary: definition.boundary,
      controlTokens: renderer.controlTokens, templateText: literalText)
    prompt.warnings = warnings
    prompt.stableByteCount = min(renderer.stableCount, output.bytes.count)
    return prompt
  }

  private func unknownArguments(_ options: RenderOptions) throws(ChatTemplateError) -> [String] {
    guard options.isStrict || options.reportsUnknown else { return [] }
    let names = definition.parameters.map(\.name)
    return try options.unknownArguments(
      known: names + [definition.toolsParameter?.name].compactMap(\.self))
  }
}
