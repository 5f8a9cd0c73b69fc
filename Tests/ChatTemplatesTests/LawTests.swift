// SPDX-License-Identifier: Apache-2.0

import ChatTemplates
import OrderedJSON
import TestSupport
import Testing
import TextPrimitives

@Suite("Laws of templates") struct LawTests {
  private static let laws = TemplateLaw.allCases.filter { $0 != .linear }

  private func generated(_ count: Int, for template: ChatTemplate) -> [LawSubject] {
    let marks = template.information.map { $0.stopTokens + [$0.bosToken].compactMap(\.self) }
    var generator = ConversationGenerator(seed: 20_261_121, marks: marks ?? [])
    return (0..<count).map { _ in generator.next() }
  }

  @Test(arguments: laws)
  func `every family keeps it on made-up conversations, or says why not`(law: TemplateLaw) throws {
    var held = 0
    for family in ChatTemplate.familyNames {
      let template = try ChatTemplate(family: family)
      let checker = LawChecker(template)
      let subjects = generated(30, for: template)
      guard template.information?.exceptions[law] == nil else {
        let isBroken = generated(300, for: template).contains { subject in
          if case .broken = checker.verdict(law, on: subject) { true } else { false }
        }
        #expect(isBroken, "\(family) keeps the law '\(law)' after all")
        continue
      }
      let report = checker.check(law, on: subjects)
      #expect(report.violation == nil, "\(family): \(report.violation?.description ?? "")")
      held += report.held
    }
    #expect(held > 100)
  }

  @Test func `every family renders in linear time`() throws {
    let subject = LawSubject(
      Conversation([Message(.user, "A question?"), Message(.assistant, "An answer.")]))
    for family in ChatTemplate.familyNames {
      let verdict = LawChecker(try ChatTemplate(family: family)).verdict(.linear, on: subject)
      #expect(verdict == .holds || verdict == .silent, "\(family): \(verdict)")
    }
  }
}

@Suite("Checking laws") struct LawCheckerTests {
  private static let head = """
    format: "dialect/1"
    family: "mine"
    source: {model: "m", date: "2026-01-01"}
    variant: chat

    """

  @Test func `a broken law is shown on the smallest conversation`() throws {
    let template = try ChatTemplate(
      yaml: Self.head + """
        turns:
          assistant: {role: "assistant", body: [{ctl: "<a>"}, {lit: " "}, {gen: [{slot: content, as: printed}]}]}
          other: {body: [{ctl: "<u>"}, {slot: content, as: printed}]}
        opening: [{ctl: "<a>"}, {lit: "\\n"}]
        """, fileName: "mine.yaml")
    var generator = ConversationGenerator(seed: 7)
    let report = LawChecker(template).check(.opening, on: (0..<20).map { _ in generator.next() })
    let violation = try #require(report.violation)
    #expect(violation.subject.conversation.messages.count == 2)
    #expect(
      violation.explanation == #"after 6 bytes the prompt goes on "\n", the turn " ""#)
  }

  @Test func `a template that counts control tokens by callers' text is found out`() throws {
    let source =
      "{% for m in messages %}{{ m.content }}{% if '</s>' in m.content %}{{ eos_token }}{% endif %}{% endfor %}"
    let template = try ChatTemplate(jinja: source, name: "t.jinja")
    var options = RenderOptions()
    options.eosToken = "</s>"
    let subject = LawSubject(Conversation([Message(.user, "a </s> b")]), options: options)
    #expect(
      LawChecker(template).verdict(.control, on: subject)
        == .broken("1 control tokens, but 0 where the text holds no marks"))
  }

  @Test func `the same seed makes the same conversations`() {
    var (one, two) = (ConversationGenerator(seed: 3), ConversationGenerator(seed: 3))
    for _ in 0..<50 { #expect(one.next().conversation == two.next().conversation) }
  }
}
