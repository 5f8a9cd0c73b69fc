// SPDX-License-Identifier: Apache-2.0

public import ChatTemplates
public import OrderedJSON
public import PromptEncoding
import PromptFixtures
import TextPrimitives
public import Tokenization

/// Finds what is likely wrong with a template, by rendering small conversations and reading its
/// source.
///
/// ```swift
/// for finding in TemplateLinter(try ChatTemplate(family: "qwen3")).findings() {
///   print(finding.excerpt)
/// }
/// ```
public struct TemplateLinter: Sendable {
  let template: ChatTemplate
  let tokenizer: Tokenizer?
  let chat: ChatTokenizer?

  /// A linter.
  ///
  /// - Parameters:
  ///   - template: The template.
  ///   - tokenizer: The tokenizer that it is used with; rules about tokens need it.
  public init(_ template: ChatTemplate, tokenizer: Tokenizer? = nil) {
    self.template = template
    self.tokenizer = tokenizer
    chat = nil
  }

  /// A linter of a model's template with its tokenizer.
  public init(_ chat: ChatTokenizer) {
    template = chat.template
    tokenizer = chat.tokenizer
    self.chat = chat
  }

  /// What was found, errors first.
  ///
  /// - Parameter conversation: A request on which the cost of rewritten history is measured;
  ///   without one, a conversation with instructions, reasoning and a tool call.
  /// - Returns: The findings; each rule may have several.
  public func findings(conversation: JSONObject? = nil) -> [LintFinding] {
    let subject = LintSubject(
      template: template, tokenizer: tokenizer.map { LoadedTokenizer($0, file: "") }, chat: chat)
    // A base model knows no turns, so the rules about turns have nothing to say.
    let hasTurns = subject.prompt([LintSubject.question, LintSubject.answer]) != nil
    var found = subject.beginFindings + subject.controlTokenFindings + subject.dateFindings
    found += subject.variableFindings + subject.openTextFindings
    if hasTurns {
      found += subject.openingFindings + subject.roleFindings + subject.trimFindings
      found += subject.maskFindings + subject.historyFindings(conversation)
    }
    return found.enumerated().sorted { left, right in
      left.element.severity != right.element.severity
        ? left.element.severity > right.element.severity : left.offset < right.offset
    }.map(\.element)
  }
}
