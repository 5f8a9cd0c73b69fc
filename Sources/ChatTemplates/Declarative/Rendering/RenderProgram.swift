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
  /// The tables of the inner loop.
  let steps: FlatTable<RenderStep>
  let tests: FlatTable<RenderTest>
  let operands: FlatTable<RenderOperand>
  let edits: FlatTable<TextEdit>
  let lists: FlatTable<Int32>
  let literals: FlatTable<UInt8>
  let turnKinds: FlatTable<RenderTables.Turn>
  /// The values where a caller gives none.
  let defaults: GlobalValues
  /// The control tokens of a prompt whose caller replaces none.
  private let controlTokens: [ExactString]
  private let literalText: ExactString

  init(_ definition: TemplateDefinition) {
    self.definition = definition
    literalText = ExactString(definition.literalText)
    controlTokens = definition.controlTokens(bos: definition.bos, eos: definition.eos)
    var compiler = RenderCompiler(definition)
    compiler.compile()
    tables = compiler.tables
    steps = FlatTable(tables.steps)
    tests = FlatTable(tables.tests)
    operands = FlatTable(tables.operands)
    edits = FlatTable(tables.edits)
    lists = FlatTable(tables.lists)
    literals = FlatTable(tables.literals)
    turnKinds = FlatTable(tables.turns)
    defaults = GlobalValues(defaultsOf: definition)
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
    try renderer.render()
    if let continuation = input.continuation {
      do {
        renderer.output.cut(at: try continuation.end(of: renderer.output.bytes.bytes))
      } catch {
        throw ChatTemplateError(error.kind, message: input.messages.count - 1, hint: error.hint)
      }
    }
    var prompt = Prompt(
      text: renderer.output.bytes.text,
      lazySegments: NotedSegments(
        self, notes: renderer.output.notes, messages: input.messages),
      stopTokens: definition.stop, boundary: definition.boundary,
      controlTokens: controlTokens(bos: renderer.bos, eos: renderer.eos), templateText: literalText)
    prompt.stopStrings = definition.stopStrings
    prompt.warnings = warnings
    prompt.stableByteCount = min(renderer.stableCount, renderer.output.bytes.count)
    return prompt
  }

  private func controlTokens(bos: ExactString?, eos: ExactString?) -> [ExactString] {
    bos == definition.bos && eos == definition.eos
      ? controlTokens : definition.controlTokens(bos: bos, eos: eos)
  }

  private func unknownArguments(_ options: RenderOptions) throws(ChatTemplateError) -> [String] {
    guard options.isStrict || options.reportsUnknown else { return [] }
    let names = definition.parameters.map(\.name)
    return try options.unknownArguments(
      known: names + [definition.toolsParameter?.name].compactMap(\.self))
  }
}

extension TemplateDefinition {
  /// The control tokens of a prompt with these tokens for the beginning of a text and the end of a
  /// turn.
  fileprivate func controlTokens(bos: ExactString?, eos: ExactString?) -> [ExactString] {
    var control = controlTokens
    for token in [bos, eos] {
      if let token, !control.contains(token) { control.append(token) }
    }
    return control
  }
}
