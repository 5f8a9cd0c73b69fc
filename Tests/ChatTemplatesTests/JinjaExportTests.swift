// SPDX-License-Identifier: Apache-2.0

import ChatTemplates
import OrderedJSON
import TestSupport
import Testing
import TextPrimitives

@Suite("Families exported as Jinja templates") struct JinjaExportTests {
  @Test(
    "render, refuse and mask every golden conversation as the family does",
    .enabled(if: Conformance.isPresent, "needs the conformance corpus"))
  func goldens() throws {
    var corpus = try GoldenCorpus()
    var checked = 0
    try corpus.forEachFamily { identifier, template, lines in
      let checker = LawChecker(template)
      for line in lines {
        guard let (conversation, options) = try? ChatRequest.read(line.request) else { continue }
        let subject = LawSubject(conversation, options: options)
        for law in [TemplateLaw.export, .mask] {
          if law == .mask, options.continueFinalMessage.field != nil { continue }
          if case .broken(let how) = checker.verdict(law, on: subject) {
            Issue.record("\(identifier), \(line.conversation), \(law): \(how)")
          }
        }
        checked += 1
      }
    }
    #expect(checked > 2000)
  }

  @Test func `numbers, escapes and odd JSON in strings are read as JSON and written again`() throws
  {
    // The text of a call's arguments, which these families write as JSON whatever it holds.
    let arguments = [
      "{}", "[]", "{ }", " [ ] ", "{\"a\":1}", "{\"a\" : [1,2 , {\"b\":null}], \"c\":true}", "1",
      "-0",
      "1.50", "1e5", "-1.5E-3", "123456789012345678901234567890", "\"text\"", "\"\\u00e9\\n\\/\"",
      "\"\\ud83d\\ude80\"", "\"\\ud83d\"", "\"\\ude80\"", "\"\\ud83dx\"",
      "{\"a\":1,\"b\":2,\"a\":3}", "[[[]],{}]", "", "{", "[1,]", "{\"a\"}",
      "01",
      "1.", ".5", "+1", "nul", "{'a': 1}", "\"open", "\"a\"b", "[1 2]", "tr ue", "{\"a\":}", "{,}",
      "]",
      "\"a\nb\"", "{\"ключ\": \"значение\"}", "1 2",
    ]
    let checker = LawChecker(try ChatTemplate(family: "mistral-v3"))
    for text in arguments {
      let call: JSONValue = [
        "id": "abcdefghi", "type": "function",
        "function": ["name": "f", "arguments": .string(ExactString(text))],
      ]
      let subject = LawSubject(
        Conversation([
          Message(.user, "q"),
          Message(fields: ["role": "assistant", "tool_calls": [call]]),
        ]))
      let verdict = checker.verdict(.export, on: subject)
      #expect(verdict == .holds, "\(text): \(verdict)")
    }
  }

  @Test func `what Jinja cannot say is named with its place`() throws {
    let template = try ChatTemplate(
      yaml: """
        format: "dialect/1"
        family: "mine"
        source: {model: "m", date: "2026-01-01"}
        variant: chat
        turns: {a: {body: [{trimmed: [{gen: [{slot: content}]}]}]}}
        """, fileName: "mine.yaml")
    #expect {
      _ = try template.jinjaSource()
    } throws: { error in
      "\(error)" == "mine.yaml:5:45: Jinja cannot say this: 'gen' inside of 'trimmed'"
    }
  }

  @Test func `an export is readable, one tag a line`() throws {
    let template = try ChatTemplate(
      yaml: """
        format: "dialect/1"
        family: "mine"
        about: "Turns."
        source: {model: "m", reference: "r", date: "2026-01-01"}
        variant: chat
        turns:
          assistant: {role: "assistant", body: [{lit: "A: "}, {gen: [{slot: content, as: [printed, trim]}, {ctl: "</s>"}]}]}
          other: {body: [{when: {not: {previous: {role: ["user"]}}}, then: [{lit: "it's \\"U\\": "}]}, {slot: content, as: printed}]}
        opening: [{lit: "A:"}]
        text_marks: keep
        """, fileName: "mine.yaml")
    #expect(
      try template.jinjaSource() == """
        {#- mine: Turns. After r (m, 2026-01-01). #}
        {%- if not messages %}
            {{- raise_exception('the conversation has no messages') }}
        {%- endif %}
        {%- for message in messages %}
            {%- set i = loop.index0 %}
            {%- if message.role == 'assistant' %}
                {{- 'A: ' }}
                {%- generation %}
                    {{- message.content | trim }}
                    {{- '</s>' }}
                {%- endgeneration %}
            {%- else %}
                {%- if not (i > 0 and messages[i - 1].role == 'user') %}
                    {{- 'it\\'s "U": ' }}
                {%- endif %}
                {{- message.content }}
            {%- endif %}
        {%- endfor %}
        {%- if add_generation_prompt %}
            {{- 'A:' }}
        {%- endif %}

        """)
  }
}
