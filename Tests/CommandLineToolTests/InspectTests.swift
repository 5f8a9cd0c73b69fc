// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@Suite("dialect inspect") struct InspectCommandTests {
  static let tokenizer = """
    {"added_tokens": [{"id": 3, "content": "<s>", "special": true},
      {"id": 4, "content": "</s>", "special": true}, {"id": 5, "content": "<t>"}],
     "normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"},
      {"type": "Prepend", "prepend": "▁"}]},
     "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first"},
     "post_processor": {"type": "TemplateProcessing",
      "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}},
       {"Sequence": {"id": "A", "type_id": 0}}],
      "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
      "special_tokens": {"<s>": {"id": "<s>", "ids": [3], "tokens": ["<s>"]}}},
     "model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": ["a b"]}}
    """
  static let config = #"{"bos_token": "<s>", "eos_token": "</s>", "tokenizer_class": "X"}"#

  private func inspect(_ files: [String: String], folder: String = "tiny") throws -> [String: Any] {
    try Tool.withFolder(folder, files) { path in
      let answer = try Tool.run("inspect", path, "--json")
      #expect(answer.status == 0, "\(answer.errors)")
      let report = try JSONSerialization.jsonObject(with: Data(answer.output.utf8))
      return report as? [String: Any] ?? [:]
    }
  }

  @Test func `a template that joins the begin token to a text is probed with one`() throws {
    let template = """
      {% for message in messages %}{% set text = message['role'] + message['content'] %}\
      {{ bos_token + text if loop.first else text }}{% endfor %}\
      {% if add_generation_prompt %}assistant{% endif %}
      """
    let answer = try Tool.withFile("t.jinja", template) { try Tool.run("inspect", "--jinja", $0) }
    #expect(answer.output.contains("  system: yes\n"))
    #expect(answer.output.contains("  generation_prompt: yes\n"))
  }

  @Test func `a tokenizer file tells what it is made of`() throws {
    let answer = try Tool.withFile("tokenizer.json", Self.tokenizer) { try Tool.run("inspect", $0) }
    #expect(answer.status == 0)
    for line in [
      "  format: tokenizer.json\n", "  variant: none\n", "  model: BPE\n", "  tokens: 3\n",
      "  normalizer: nfc of Unicode 9.0, prepend '▁'\n",
      "  pre_tokenizer: metaspace, prepended: first\n", "    <s>: 3\n    </s>: 4\n",
      "  other_added_tokens:\n    <t>: 5\n", "  added_before_text: <s>\n",
    ] {
      #expect(answer.output.contains(line), "\(line)")
    }
  }

  @Test func `tokens that count up are one line, and single ones for programs`() throws {
    let names = ["<r_0>", "<r_1>", "<r_2>", "<x>", "<r_3>", "<y8>", "<y9>", "<z007>", "<z008>"]
    let added = names.enumerated().map { place, name in
      #"{"id": \#(place + 3), "content": "\#(name)", "special": true}"#
    }
    let file =
      #"{"added_tokens": [\#(added.joined(separator: ", "))], "#
      + #""model": {"vocab": {"a": 0, "b": 1, "ab": 2}, "merges": ["a b"]}}"#
    let answer = try Tool.withFile("tokenizer.json", file) { try Tool.run("inspect", $0) }
    #expect(
      answer.output.contains(
        """
          special_tokens:
            <r_0…2>: 3…5
            <x>: 6
            <r_3>: 7
            <y8>: 8
            <y9>: 9
            <z007>: 10
            <z008>: 11
          other_added_tokens:
        """))
    let report = try inspect(["tokenizer.json": file])
    let tokenizer = report["tokenizer"] as? [String: Any] ?? [:]
    #expect((tokenizer["special_tokens"] as? [String: Int])?.count == names.count)
  }

  @Test func `a folder without a chat template is a base model's`() throws {
    let report = try inspect([
      "tokenizer.json": Self.tokenizer, "tokenizer_config.json": Self.config,
      "generation_config.json": #"{"eos_token_id": [4, 5]}"#,
    ])
    let model = report["model"] as? [String: Any] ?? [:]
    #expect(model["variant"] as? String == "base")
    #expect(model["begin_token"] as? String == "<s>")
    #expect(model["end_token_ids"] as? [Int] == [4, 5])
    #expect(model["chat_templates"] as? [String] == [])
  }

  @Test func `a begin token that template and tokenizer both add is found`() throws {
    for (template, twice) in [
      ("{{ bos_token }}{{ messages[0].content }}", true), ("{{ messages[0].content }}", false),
    ] {
      let report = try inspect(
        [
          "tokenizer.json": Self.tokenizer, "tokenizer_config.json": Self.config,
          "chat_template.jinja": template,
        ], folder: "Tiny-1B-Instruct")
      let model = report["model"] as? [String: Any] ?? [:]
      #expect(model["template_and_tokenizer_both_add_begin"] as? Bool == twice)
      #expect(model["variant"] as? String == "instruct")
      #expect((report["template"] as? [String: Any])?["system"] != nil)
    }
  }

  @Test func `a template that renders reasoning tells the variant`() throws {
    let report = try inspect([
      "tokenizer.json": Self.tokenizer,
      "chat_template.jinja": """
      {% for m in messages %}{{ m.reasoning_content }}{{ m.content }}{% endfor %}
      """,
    ])
    #expect((report["model"] as? [String: Any])?["variant"] as? String == "reasoning")
  }

  @Test func `nothing to inspect is a usage error`() throws {
    let answer = try Tool.run("inspect")
    #expect(answer.status == 2)
    #expect(answer.errors.contains("name what to inspect"))
  }
}
