// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// Checks the laws of templates.
///
/// ```swift
/// let checker = LawChecker(try ChatTemplate(family: "qwen3"))
/// var generator = ConversationGenerator(seed: 1)
/// let report = checker.check(.opening, on: (0..<200).map { _ in generator.next() })
/// if let violation = report.violation { print(violation) }
/// ```
public struct LawChecker: Sendable {
  /// The template that is checked.
  public let template: ChatTemplate
  /// The template as Jinja, or why it cannot be; nil where it is Jinja itself.
  let exported: Result<ChatTemplate, ChatTemplateError>?

  /// A checker of one template.
  public init(_ template: ChatTemplate) {
    self.template = template
    guard template.definition != nil else {
      exported = nil
      return
    }
    exported = Result { () throws(ChatTemplateError) in
      try ChatTemplate(jinja: try template.jinjaSource(), name: template.name + ".jinja")
    }
  }

  /// What a law says of one subject.
  public func verdict(_ law: TemplateLaw, on subject: LawSubject) -> LawVerdict {
    switch law {
    case .opening: openingVerdict(subject)
    case .parse: parseVerdict(subject)
    case .stream: streamVerdict(subject)
    case .control: controlVerdict(subject)
    case .export: exportVerdict(subject)
    case .mask: maskVerdict(subject)
    case .linear: linearVerdict(subject)
    }
  }

  /// Checks a law on subjects until one breaks it.
  ///
  /// - Returns: How often it held, and the smallest conversation found that breaks it.
  public func check(_ law: TemplateLaw, on subjects: some Sequence<LawSubject>) -> LawReport {
    var report = LawReport(law: law)
    for subject in subjects {
      switch verdict(law, on: subject) {
      case .holds: report.held += 1
      case .silent: report.silent += 1
      case .broken:
        report.violation = smallest(breaking: law, from: subject)
        return report
      }
    }
    return report
  }

  private func smallest(breaking law: TemplateLaw, from subject: LawSubject) -> LawViolation? {
    let isBroken = { (subject: LawSubject) -> Bool in
      if case .broken = verdict(law, on: subject) { true } else { false }
    }
    let found = SubjectShrinker.smallest(subject, where: isBroken)
    guard case .broken(let explanation) = verdict(law, on: found) else { return nil }
    return LawViolation(law: law, explanation: explanation, subject: found)
  }

  // MARK: Renders

  /// The prompt, or nil where the template refuses the conversation.
  func prompt(_ subject: LawSubject) -> Prompt? {
    try? template.render(subject.conversation, options: subject.options)
  }

  /// The answer that a subject holds last, with the prompt that asks for it and the one that
  /// ends with it.
  ///
  /// Nil where there is none, or where the template refuses one of the two.
  func answer(in subject: LawSubject) -> Answer? {
    let messages = subject.conversation.messages
    guard let place = messages.lastIndex(where: { $0.role == .assistant }), place > 0 else {
      return nil
    }
    var before = subject
    before.conversation.messages = Array(messages[..<place])
    before.options.continueFinalMessage = false
    before.options.addGenerationPrompt = true
    var after = subject
    after.conversation.messages = Array(messages[...place])
    after.options.continueFinalMessage = false
    after.options.addGenerationPrompt = false
    guard let opened = prompt(before), let whole = prompt(after) else { return nil }
    return Answer(before: before, after: after, opened: opened, whole: whole)
  }

  struct Answer {
    let before: LawSubject
    let after: LawSubject
    let opened: Prompt
    let whole: Prompt

    var message: Message { after.conversation.messages[after.conversation.messages.count - 1] }

    /// What the model has to write, to the end of its turn; nil where the opening is no prefix.
    var text: String? {
      let start = opened.text.utf8.count
      let index = after.conversation.messages.count - 1
      guard whole.text.utf8.starts(with: opened.text.utf8),
        let end = whole.segments.last(where: { $0.message == index && $0.author == .model })?
          .byteRange.upperBound, end > start
      else { return nil }
      return String(decoding: Array(whole.text.utf8)[start..<end], as: UTF8.self)
    }
  }
}

extension JSONObject {
  /// The JSON text, for people.
  var serialized: String { JSONValue.object(self).serialized() }
}
