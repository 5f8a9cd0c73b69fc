// SPDX-License-Identifier: Apache-2.0

import ChatTemplates
import PromptChecks
import Testing
import TextPrimitives
import Tokenization
import TokenizerFormats

@Suite("Lint") struct TemplateLinterTests {
  private static let clean = """
    {{ bos_token }}{% for m in messages %}<|im_start|>{{ m.role }}
    {{ m.content }}{% if m.tool_calls %}{{ m.tool_calls }}{% endif %}<|im_end|>
    {% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
    {% endif %}
    """

  private func findings(_ source: String, tokenizer: Tokenizer? = nil) throws -> [LintFinding] {
    TemplateLinter(try ChatTemplate(jinja: source, name: "t.jinja"), tokenizer: tokenizer)
      .findings()
  }

  private func builtIn(_ vocabulary: BuiltInVocabulary) throws -> Tokenizer {
    try Tokenizer(tokenizerJSON: vocabulary.tokenizerJSON, name: vocabulary.rawValue)
  }

  @Test func `a template without faults has no findings`() throws {
    #expect(try findings(Self.clean).map(\.rule) == [])
  }

  /// A fault, the source, the rule that finds it, and the line.
  static let faults: [(change: (String, String), rule: LintRule, line: Int)] = [
    (("m.content }}", "m.content | trim }}"), .trimmedContent, 2),
    (("{% if add_generation_prompt %}", "{% if add_generation_promt %}"), .unknownVariable, 3),
    (("{% if add_generation_prompt %}", "{% if add_generation_promt %}"), .noGenerationPrompt, 1),
    (("<|im_start|>assistant", "<|im_start|>model"), .generationPromptMismatch, 3),
    (
      ("<|im_start|>{{ m.role", "{% if m.role != 'developer' %}<|im_start|>{{ m.role"),
      .droppedRole, 1
    ),
    (("{{ bos_token }}", "{{ strftime_now('%d %B %Y') }}"), .dateDependent, 1),
    (
      ("{{ m.content }}", "{% if loop.last or m.role != 'assistant' %}{{ m.content }}{% endif %}"),
      .rewrittenHistory, 2
    ),
  ]

  @Test(arguments: faults) func `each fault is found at its line`(
    change: (String, String), rule: LintRule, line: Int
  ) throws {
    var source = Self.clean.replacing(change.0, with: change.1)
    if rule == .droppedRole {
      source = source.replacing("<|im_end|>\n{% endfor", with: "<|im_end|>\n{% endif %}{% endfor")
    }
    let all = try findings(source)
    let first = try #require(all.first { $0.rule == rule }, "\(all.map(\.excerpt))")
    #expect(first.line == line, "\(first.excerpt)")
    #expect(first.excerpt.contains("[\(rule.rawValue)]"), "\(first.excerpt)")
    #expect(!first.message.isEmpty)
  }

  @Test func `dropped white space is found where the message is written`() throws {
    let found = try findings(
      """
      {% if messages[0].role == 'system' %}{% set s = messages[0].content | trim %}\
      {% set messages = messages[1:] %}{% endif %}
      {{ bos_token }}{% if s %}<|im_start|>system
      {{ s }}<|im_end|>
      {% endif %}{% for m in messages %}<|im_start|>{{ m.role }}
      {{ m.content | trim }}<|im_end|>
      {% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
      {% endif %}
      """)
    #expect(found.filter { $0.rule == .trimmedContent }.map(\.line) == [1, 5, 5])
  }

  @Test func `a misspelt variable has a near name`() throws {
    let found = try findings(Self.clean.replacing("bos_token", with: "boss_token"))
    let finding = try #require(found.first { $0.rule == .unknownVariable })
    #expect(finding.message.contains("did you mean 'bos_token'?"))
  }

  @Test func `rewritten history is counted in tokens`() throws {
    let source = Self.clean.replacing(
      "{{ m.content }}",
      with: "{% if loop.last or m.role != 'assistant' %}{{ m.content }}{% endif %}")
    let found = try findings(source).first { $0.rule == .rewrittenHistory }
    let message = try #require(found?.message)
    #expect(message.hasPrefix("tokens read again: "), "\(message)")
    #expect(message.contains(" in turn 1"), "\(message)")
  }

  @Test func `a generation block without the terminator teaches no stop`() throws {
    let source = """
      {% for m in messages %}<|im_start|>{{ m.role }}
      {% if m.role == 'assistant' %}{% generation %}{{ m.content }}{% endgeneration %}{{ eos_token }}
      {% else %}{{ m.content }}{{ eos_token }}
      {% endif %}{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
      {% endif %}
      """
    #expect(try findings(source).contains { $0.rule == .terminatorOutsideMask })
    let whole = source.replacing(
      "{% endgeneration %}{{ eos_token }}", with: "{{ eos_token }}{% endgeneration %}")
    #expect(!(try findings(whole).contains { $0.rule == .terminatorOutsideMask }))
  }

  @Test func `control tokens of another model are spelled out`() throws {
    let tokenizer = try builtIn(.byteLevel)
    let source = Self.clean.replacing("<|im_end|>", with: "<|nobody_knows|>")
    let found = try findings(source, tokenizer: tokenizer).filter { $0.rule == .splitControlToken }
    #expect(found.count == 1)
    #expect(found.first?.line == 2)
    #expect(found.first?.message.hasPrefix("'<|nobody_knows|>' is ") == true)
    let own = try findings(Self.clean, tokenizer: tokenizer).map(\.rule)
    #expect(!own.contains(.splitControlToken))
  }

  @Test func `a tokenizer by itself gives the special tokens that a template reads`() throws {
    let json = #"""
      {"added_tokens": [
        {"id": 1, "content": "<|begin|>", "special": true},
        {"id": 2, "content": "<|end|>", "special": true}],
       "post_processor": {"type": "TemplateProcessing",
        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}],
        "single": [{"SpecialToken": {"id": "<|begin|>", "type_id": 0}},
                   {"Sequence": {"id": "A", "type_id": 0}}],
        "special_tokens": {"<|begin|>": {"id": "<|begin|>", "ids": [1], "tokens": ["<|begin|>"]}}},
       "model": {"type": "BPE", "vocab": {"x": 0, "<|begin|>": 1, "<|end|>": 2}, "merges": []}}
      """#
    let tokenizer = try Tokenizer(tokenizerJSON: Array(json.utf8), name: "small")
    let turns = "{% for m in messages %}{{ m.content + eos_token }}{% endfor %}"
    let rules: [LintRule] = [.splitControlToken, .missingBegin, .doubleBegin]
    let with = try findings("{{ bos_token }}" + turns, tokenizer: tokenizer).map(\.rule)
    #expect(with.filter(rules.contains) == [.doubleBegin])
    let without = try findings(turns, tokenizer: tokenizer).map(\.rule)
    #expect(without.filter(rules.contains) == [.missingBegin])
  }

  @Test func `every built-in family can be linted`() throws {
    for name in ChatTemplate.familyNames {
      let findings = TemplateLinter(try ChatTemplate(family: name)).findings()
      for finding in findings {
        #expect(finding.line >= 1)
        #expect(finding.rule != .unknownVariable, "\(name): \(finding.excerpt)")
      }
    }
  }

  @Test func `each rule explains itself`() {
    for rule in LintRule.allCases { #expect(rule.explanation.hasSuffix(".")) }
  }
}
