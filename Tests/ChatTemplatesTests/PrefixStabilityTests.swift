// SPDX-License-Identifier: Apache-2.0

import ChatTemplates
import OrderedJSON
import TestSupport
import Testing
import TextPrimitives

@Suite("What later turns can change") struct PrefixStabilityTests {
  private func constructs(_ family: String) throws -> Set<String> {
    Set(try ChatTemplate(family: family).prefixDependences?.map(\.construct) ?? ["jinja"])
  }

  @Test func `is read off the definition`() throws {
    #expect(try constructs("chatml").isEmpty)
    #expect(try constructs("llama-3").isEmpty)
    #expect(try constructs("qwen2.5") == ["next"])
    #expect(try constructs("qwen3") == ["after", "last_turn", "next"])
    #expect(try constructs("mistral-v3").isSuperset(of: ["later", "next", "systems"]))
    let jinja = try ChatTemplate(jinja: "{{ messages[-1].content }}", name: "t.jinja")
    #expect(jinja.prefixDependences == nil)
  }

  @Test func `names the line of the file`() throws {
    let template = try ChatTemplate(
      yaml: """
        format: "dialect/1"
        family: "mine"
        source: {model: "m", date: "2026-01-01"}
        variant: chat
        turns:
          any:
            body:
              - {slot: content}
              - when: {all: [last_turn, {filled: name}]}
                then: [{lit: "!"}]
        text_marks: keep
        """, fileName: "mine.yaml")
    #expect(
      template.prefixDependences?.map(\.description)
        == ["turn 'any' asks for last_turn (mine.yaml:9)"])
  }

  /// Every beginning of a conversation, as often as a render and its extension both succeed.
  private func check(_ template: ChatTemplate, _ subject: LawSubject) -> (Int, [String]) {
    let messages = subject.conversation.messages
    var options = subject.options
    options.addGenerationPrompt = false
    options.continueFinalMessage = false
    var checked = 0
    var problems: [String] = []
    for count in 1..<max(2, messages.count) where count < messages.count {
      var start = subject.conversation
      start.messages = Array(messages[..<count])
      let added = Array(messages[count...])
      guard
        let stability = try? template.prefixStability(of: start, adding: added, options: options),
        let certain = stability.earlier.stableByteCount
      else { continue }
      let (left, right) = (Array(stability.earlier.text.utf8), Array(stability.later.text.utf8))
      let real = zip(left, right).prefix { $0 == $1 }.count
      checked += 1
      if stability.keptBytes != real { problems.append("\(stability.keptBytes) is not \(real)") }
      if certain > real {
        problems.append("\(certain) bytes promised, \(real) kept: \(start.openAI) + \(added)")
      }
    }
    return (checked, problems)
  }

  @Test func `keeps what a prompt promises, on made-up conversations of every family`() throws {
    var checked = 0
    for family in ChatTemplate.familyNames {
      let template = try ChatTemplate(family: family)
      var generator = ConversationGenerator(seed: 77)
      for _ in 0..<25 {
        let (count, problems) = check(template, generator.next())
        checked += count
        #expect(problems.isEmpty, "\(family): \(problems.first ?? "")")
      }
    }
    #expect(checked > 1000)
  }

  @Test(
    "keeps what a prompt promises, on every golden conversation",
    .enabled(if: Conformance.isPresent, "needs the conformance corpus"))
  func goldens() throws {
    var corpus = try GoldenCorpus()
    var checked = 0
    try corpus.forEachFamily { identifier, template, lines in
      for line in lines {
        guard let (conversation, options) = try? ChatRequest.read(line.request) else { continue }
        let (count, problems) = check(template, LawSubject(conversation, options: options))
        checked += count
        #expect(problems.isEmpty, "\(identifier), \(line.conversation): \(problems.first ?? "")")
      }
    }
    #expect(checked > 1000)
  }

  @Test func `a family that looks at nothing later promises all but its opening`() throws {
    let template = try ChatTemplate(family: "llama-3")
    let prompt = try template.render(
      Conversation([Message(.user, "Hi")]), options: .init(addGenerationPrompt: true))
    let opening = "<|start_header_id|>assistant<|end_header_id|>\n\n"
    #expect(prompt.stableByteCount == prompt.text.utf8.count - opening.utf8.count)
  }

  @Test func `the first change names the template's line`() throws {
    let template = try ChatTemplate(family: "qwen3")
    let stability = try template.prefixStability(
      of: Conversation([
        Message(.user, "a"),
        Message(fields: ["role": "assistant", "content": "b", "reasoning_content": "t"]),
      ]), adding: [Message(.user, "c")])
    #expect(!stability.isWhole)
    #expect(stability.firstChange.map { stability.earlier.text(of: $0) } == "<think>")
    #expect(stability.firstChange?.source?.name == "qwen3.yaml")
  }
}
