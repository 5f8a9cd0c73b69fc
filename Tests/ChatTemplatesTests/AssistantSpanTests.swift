// SPDX-License-Identifier: Apache-2.0

import ChatTemplates
import OrderedJSON
import TestSupport
import Testing
import TextPrimitives

@Suite("What of a prompt the model writes") struct AssistantSpanTests {
  @Test(
    "a Hub template's answers are those of the declarative family",
    .enabled(if: Conformance.isPresent, "needs the conformance corpus"))
  func jinjaAgainstDeclarative() throws {
    var corpus = try GoldenCorpus()
    var compared = 0
    for identifier in corpus.identifiers(with: "declarative_target") {
      let source = String(
        decoding: try Conformance.bytes("templates/jinja/\(identifier).jinja"), as: UTF8.self)
      let jinja = try ChatTemplate(jinja: source, name: identifier)
      let family = try ChatTemplate(family: identifier)
      var differences: [String] = []
      for line in try corpus.lines(of: identifier) where line.rendered != nil {
        let (conversation, options) = try ChatRequest.read(line.request)
        let left = try jinja.render(conversation, options: options)
        let right = try family.render(conversation, options: options)
        compared += 1
        guard left.answers != right.answers else { continue }
        differences.append(
          "\(line.conversation): \(left.answers.debugDescription) | \(right.answers.debugDescription)"
        )
      }
      #expect(
        differences.isEmpty,
        "\(identifier): \(differences.count)\n\(differences.prefix(6).joined(separator: "\n"))")
    }
    #expect(compared > 1_900)
  }
}

extension AssistantSpanTests {
  @Test(
    "generation tags enclose what transformers masks",
    .enabled(if: Conformance.isPresent, "needs the conformance corpus"))
  func tagged() throws {
    var corpus = try GoldenCorpus()
    var compared = 0
    for entry in corpus.templates {
      guard let identifier = entry["id"]?.string?.string,
        let source = String(
          validating: try Conformance.bytes("templates/jinja/\(identifier).jinja"), as: UTF8.self),
        source.contains("generation")
      else { continue }
      let lines = try corpus.lines(of: identifier).filter { $0.assistantSpans != nil }
      if lines.isEmpty { continue }
      let template = try ChatTemplate(jinja: source, name: identifier)
      var differences: [String] = []
      for line in lines {
        let (conversation, options) = try ChatRequest.read(line.request)
        let prompt = try template.render(conversation, options: options)
        let scalars = Array(prompt.text.unicodeScalars)
        let expected = (line.assistantSpans ?? []).filter { !$0.isEmpty }.map { span in
          var text = String.UnicodeScalarView()
          text.append(contentsOf: scalars[span])
          return String(text)
        }
        compared += 1
        if prompt.answers.joined() != expected.joined() {
          differences.append("\(line.conversation): \(prompt.answers) | \(expected)")
        }
      }
      #expect(
        differences.isEmpty,
        "\(identifier): \(differences.count)\n\(differences.prefix(3).joined(separator: "\n"))")
    }
    #expect(compared > 0)
    print("generation tags: \(compared) prompts")
  }

  @Test("a template without generation tags tells what the model writes and what ends it")
  func untagged() throws {
    let source = """
      {%- for m in messages %}<|im_start|>{{ m.role }}
      {{ m.content }}<|im_end|>
      {% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
      {% endif %}
      """
    let template = try ChatTemplate(jinja: source, name: "chatml")
    let prompt = try template.render(
      Conversation([
        Message(.user, "2+2?"), Message(.assistant, "4"), Message(.user, "Nothing?"),
        Message(.assistant, ""), Message(.user, "<|im_end|>"),
      ]), options: .init(addGenerationPrompt: true))
    #expect(prompt.answers == ["4<|im_end|>", "<|im_end|>"])
    #expect(
      prompt.segments.filter(\.isTerminator).map { prompt.text(of: $0) }
        == ["<|im_end|>", "<|im_end|>"])
    #expect(prompt.stopTokens == ["<|im_end|>"])
    #expect(prompt.segments.last?.role == "assistant")
  }

  @Test("a token that the template writes after the answer's end is none of the model's")
  func afterTheTurns() throws {
    let source = """
      {% for m in messages %}{{ '<|' + m.role + '|>' + m.content + '<|end|>' }}{% endfor %}\
      {% if add_generation_prompt %}<|assistant|>{% else %}{{ eos_token }}{% endif %}
      """
    let template = try ChatTemplate(jinja: source, name: "phi")
    let prompt = try template.render(
      Conversation([Message(.user, "2+2?"), Message(.assistant, "4")]),
      options: .init(eosToken: "<|endoftext|>"))
    #expect(prompt.answers == ["4<|end|>"])
  }

  @Test("what another turn quotes of an answer is not the model's")
  func quoted() throws {
    let source = """
      {% for m in messages %}{% if m.role == 'tool' %}[{{ messages[loop.index0 - 1].content }}] \
      {% endif %}{{ m.content }}</s>{% endfor %}
      """
    let template = try ChatTemplate(jinja: source, name: "quotes")
    let prompt = try template.render(
      Conversation([
        Message(.user, "q"), Message(.assistant, "a"), Message(Role.tool, "r"),
      ]))
    #expect(prompt.text == "q</s>a</s>[a] r</s>")
    #expect(prompt.answers == ["a</s>"])
  }
}

extension Prompt {
  /// What the model writes, run by run.
  var answers: [String] {
    var answers: [String] = []
    var end = -1
    for segment in segments where segment.author == .model {
      if segment.byteRange.lowerBound == end {
        answers[answers.count - 1] += text(of: segment)
      } else {
        answers.append(text(of: segment))
      }
      end = segment.byteRange.upperBound
    }
    return answers
  }
}
