// SPDX-License-Identifier: Apache-2.0

import JinjaEngine
import OrderedJSON
import TextPrimitives

/// Small renders that tell how a template opens and ends an assistant's turn.
struct JinjaProbe {
  /// What the template adds where a generation prompt is asked for; nil where it cannot be told.
  private(set) var opening: [UInt8]?
  /// What ends an assistant's turn.
  private(set) var terminator: ExactString?

  private static let endToken = "</s>"
  private static let question: JSONValue = ["role": "user", "content": "question"]
  private static let answer: JSONValue = ["role": "assistant", "content": "answer"]

  init(_ template: JinjaTemplate, places: TemplatePlaces) {
    if let plain = Self.render(template, [Self.question])?.bytes,
      let opened = Self.render(template, [Self.question], opens: true)?.bytes
    {
      opening = Self.opening(of: opened, without: plain)
    }
    guard let output = Self.render(template, [Self.question, Self.answer]) else { return }
    let messages = [Self.question, Self.answer].compactMap(\.object).map(Message.init(fields:))
    let pieces = JinjaPieces(
      output, messages, roles: [Role.user.rawValue, Role.assistant.rawValue], places: places,
      opening: opening, hasOpening: false
    ).pieces
    terminator = pieces.last { $0.isTerminator && $0.kind == .literal }
      .flatMap { ExactString(validating: output.bytes[$0.range]) }
  }

  /// What the one text has more than the other, which may end in the end token instead.
  private static func opening(of opened: [UInt8], without plain: [UInt8]) -> [UInt8]? {
    for text in [plain[...], plain.dropLast(endToken.utf8.count)] where opened.starts(with: text) {
      guard
        text.count == plain.count || plain.suffix(endToken.utf8.count).elementsEqual(endToken.utf8)
      else {
        return nil
      }
      return Array(opened[text.count...])
    }
    return nil
  }

  /// Renders within a small budget, since the template may be anybody's.
  private static func render(
    _ template: JinjaTemplate, _ messages: [JSONValue], opens: Bool = false
  ) -> JinjaOutput? {
    var options = JinjaOptions()
    options.now = CivilTime(year: 2026, month: 1, day: 1)
    options.tracedVariable = "messages"
    options.budget.instructions = 100_000
    options.budget.outputBytes = 1 << 20
    var context = JinjaContext()
    // Many templates add them to texts, which fails where they are missing.
    context.set("bos_token", to: "<s>", origin: .trusted)
    context.set("eos_token", to: .string(ExactString(endToken)), origin: .trusted)
    context.set("messages", to: .array(messages))
    context.set("tools", to: .null)
    context.set("documents", to: .null)
    context.set("add_generation_prompt", to: .bool(opens), origin: .trusted)
    return try? template.render(context, options: options)
  }
}
