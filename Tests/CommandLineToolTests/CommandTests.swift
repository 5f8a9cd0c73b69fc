// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@Suite("dialect render") struct RenderCommandTests {
  @Test func `a prompt is written byte for byte`() throws {
    let answer = try Tool.run(
      "render", "--family", "chatml", "--add-generation-prompt",
      input: #"[{"role": "user", "content": "Hi\n"}]"#)
    #expect(answer.status == 0)
    #expect(
      Array(answer.output.utf8)
        == Array("<|im_start|>user\nHi\n<|im_end|>\n<|im_start|>assistant\n".utf8))
    #expect(answer.errors.isEmpty)
  }

  @Test func `the last message stays open, at its content or at a named field`() throws {
    let input = #"[{"role": "user", "content": "a"}, {"role": "assistant", "content": "One,"}]"#
    for flag in ["--continue-final-message", "--continue-final-message=content"] {
      let answer = try Tool.run("render", "--family", "chatml", flag, input: input)
      #expect(answer.output.hasSuffix("<|im_start|>assistant\nOne,"))
    }
  }

  @Test func `a line of bare variables may bring its own template and budget`() throws {
    let lines = [
      #"{"template": "Hello {{ name }}", "context": {"name": "World"}}"#,
      #"{"template": "{% for i in range(999) %}x{% endfor %}", "budget": {"instructions": 9}}"#,
      #"{"context": {}}"#,
    ]
    let answer = try Tool.run(
      "render", "--jsonl", "--context", input: lines.joined(separator: "\n"))
    let answers = answer.output.split(separator: "\n")
    #expect(answers.first == #"{"rendered": "Hello World"}"#)
    #expect(answers.count == 3 && answers[1].contains("more than 9 steps"))
    #expect(answers.last?.contains("needs its 'template'") == true)
  }

  @Test func `options of the command count for the lines that do not say otherwise`() throws {
    let messages = #""messages": [{"role": "user", "content": "a"}]"#
    let answer = try Tool.run(
      "render", "--family", "chatml", "--jsonl", "--add-generation-prompt",
      input: "{\(messages)}\n{\(messages), \"add_generation_prompt\": false}")
    #expect(
      answer.output == #"""
        {"rendered": "<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\n"}
        {"rendered": "<|im_start|>user\na<|im_end|>\n"}

        """#)
    let template = #""template": "{{ strftime_now('%Y') }}""#
    let dates = try Tool.run(
      "render", "--jsonl", "--context", "--now", "2031-02-03",
      input: "{\(template)}\n{\(template), \"now\": \"2032-02-03\"}")
    #expect(dates.output == "{\"rendered\": \"2031\"}\n{\"rendered\": \"2032\"}\n")
  }

  @Test func `the shape of conversations can be given, for the command and for a line`() throws {
    let row = #"{"instruction": "a", "messages": [{"role": "user", "content": "b"}]"#
    let lines = [row + "}", row + #", "input_format": "openai"}"#, #"{"messages": []}"#]
    let answer = try Tool.run(
      "render", "--family", "chatml", "--jsonl", "--input-format", "alpaca",
      input: lines.joined(separator: "\n"))
    #expect(
      answer.output == #"""
        {"rendered": "<|im_start|>user\na<|im_end|>\n"}
        {"rendered": "<|im_start|>user\nb<|im_end|>\n"}
        {"error": "Alpaca: 'instruction' must be a string, but there is none; by its members it is openai"}

        """#)
    let turns = #"[{"from": "human", "value": "a"}]"#
    let bare = try Tool.run(
      "render", "--family", "chatml", "--input-format", "sharegpt", input: turns)
    #expect(bare.output == "<|im_start|>user\na<|im_end|>\n")
    let wrong = try Tool.run(
      "render", "--family", "chatml", "--input-format", "share", input: turns)
    #expect(wrong.status == 2 && wrong.errors.contains("openai, anthropic, sharegpt, alpaca"))
  }

  @Test func `arguments take the form that the template writes, if wanted`() throws {
    let call = #"{"function": {"name": "f", "arguments": "{\"x\": 1}"}}"#
    let messages =
      #"[{"role": "user", "content": "a"}, {"role": "assistant", "tool_calls": [\#(call)]}]"#
    let fitted = try Tool.run(
      "render", "--family", "llama-3.1", "--tool-arguments", "fitting", input: messages)
    #expect(fitted.output.contains(#""parameters": {"x": 1}"#))
    let line = "{\"messages\": \(messages), \"tool_arguments\": \"as_sent\"}"
    let batch = try Tool.run(
      "render", "--family", "llama-3.1", "--jsonl", "--tool-arguments", "object", input: line)
    #expect(batch.output.contains(#"\\\"x\\\": 1"#), "\(batch.output)")
  }

  @Test func `stops are listed, tokens and texts`() throws {
    let input = #"[{"role": "user", "content": "a"}]"#
    let answer = try Tool.run("render", "--family", "falcon-instruct", "--json", input: input)
    #expect(answer.output.contains(#"<|endoftext|>"#) && answer.output.contains(#""\nUser:""#))
    let parsed = try Tool.run(
      "parse", "--family", "falcon-instruct", input: "Paris.\nUser: and then?")
    #expect(parsed.output.contains(#""stop": "\nUser:""#), "\(parsed.output)")
    #expect(parsed.output.contains(#""content": "Paris.""#))
    let family = try Tool.run("inspect", "--family", "solar")
    #expect(family.output.contains("stop_strings: ### User:"))
    #expect(family.output.contains("variant: "))
  }

  @Test func `conversations of every shape are told apart in every batch`() throws {
    let lines = [
      #"{"conversations": [{"from": "human", "value": "a"}], "response": "b<|im_end|>"}"#,
      #"{"instruction": "a", "response": "b<|im_end|>"}"#,
    ]
    for verb in ["tokenize", "parse"] {
      let answer = try Tool.run(
        verb, "--family", "chatml", "--jsonl", input: lines.joined(separator: "\n"))
      let answers = answer.output.split(separator: "\n")
      #expect(answers.count == 2 && answers.first == answers.last, "\(answer.output)")
      #expect(!answer.output.contains("error"), "\(answer.output)")
    }
  }

  @Test func `a batch keeps its order, and a bad line gives an error in its place`() throws {
    let lines = [
      #"{"messages": [{"role": "user", "content": "a"}]}"#, "{", #"{"messages": []}"#, "[]",
      #"{"messages": [{"role": "user", "content": "b"}], "add_generation_prompt": true}"#,
    ]
    let answer = try Tool.run(
      "render", "--family", "chatml", "--jsonl", input: lines.joined(separator: "\n"))
    #expect(answer.status == 0)
    #expect(
      answer.output == #"""
        {"rendered": "<|im_start|>user\na<|im_end|>\n"}
        {"error": "1:2: the text ends where ',' or '}' should follow; is the file whole?"}
        {"error": "the conversation has no messages"}
        {"error": "expected an object, found an array"}
        {"rendered": "<|im_start|>user\nb<|im_end|>\n<|im_start|>assistant\n"}

        """#)
  }

  @Test func `a Jinja template renders as transformers renders it`() throws {
    let source =
      "{{ bos_token }}{% for m in messages %}[{{ m.role }}]{{ m.content | trim }}{% endfor %}\n"
    try Tool.withFile("t.jinja", source) { (path: String) throws in
      let answer = try Tool.run(
        "render", "--jinja", path, "--bos-token", "<s>",
        input: #"[{"role": "user", "content": " é "}]"#)
      #expect(answer.output == "<s>[user]é")
    }
  }

  /// Arguments, input, exit status and message.
  static let refusals: [(arguments: [String], input: String, status: Int32, message: String)] = [
    (
      ["render", "--family", "chatlm"], "[]", 3,
      "no built-in template family is called 'chatlm'; did you mean 'chatml'?\n"
    ),
    (
      ["render"], "[]", 2,
      "name a template with --family NAME, --template FILE, --jinja FILE or --model PATH\n"
    ),
    (
      ["render", "--family", "chatml", "--input", "/no/such.json"], "", 3,
      "/no/such.json: cannot be read: no such file or directory; check the path\n"
    ),
    (
      ["render", "--family", "chatml"], "[1,", 1,
      "standard input:1:4: the text ends where a value should follow; is the file whole?\n"
    ),
    (
      ["render", "--family", "chatml"], "3", 1,
      "standard input: expected messages or an object that has them, found a number\n"
    ),
    (
      ["tokenize", "--tokenizer", "/no/such.json", "--text", "a"], "", 3,
      "/no/such.json: cannot be read: no such file or directory; check the path\n"
    ),
  ]

  @Test func `what cannot be done is refused with the contract's exit status`() throws {
    for refusal in Self.refusals {
      let answer = try Tool.run(refusal.arguments, input: Data(refusal.input.utf8))
      #expect(answer.status == refusal.status, "\(refusal.arguments)")
      #expect(answer.errors == refusal.message)
      #expect(answer.output.isEmpty)
    }
  }

  @Test func `an argument that is never read is a warning, strictly an error`() throws {
    let source = "{% if enable_thinking %}T{% endif %}{{ messages[0].content }}"
    try Tool.withFile("t.jinja", source) { (path: String) throws in
      let arguments = [
        "render", "--jinja", path, "--kwargs", #"{"enable_thinkin": true}"#,
      ]
      let input = Data(#"[{"role": "user", "content": "a"}]"#.utf8)
      let message =
        "the template reads no argument 'enable_thinkin'; did you mean 'enable_thinking'?\n"
      let lenient = try Tool.run(arguments, input: input)
      #expect(lenient.output == "a")
      #expect(lenient.errors.hasPrefix("warning: \(message)"))
      let strict = try Tool.run(arguments + ["--strict"], input: input)
      #expect(strict.status == 1)
      #expect(strict.errors == message)
    }
  }

  @Test func `an unknown option is a matter of usage`() throws {
    let answer = try Tool.run("render", "--famly", "chatml")
    #expect(answer.status == 2)
    #expect(answer.errors.contains("--famly"))
  }
}

@Suite("dialect tokenize and decode") struct TokenizeCommandTests {
  @Test(
    "a token of two authors is reported as such",
    .enabled(if: Conformance.has("vocab/qwen3/tokenizer.json"), "needs the conformance corpus"))
  func mixedTokens() throws {
    let arguments = [
      "tokenize", "--family", "qwen3", "--tokenizer",
      Conformance.root + "/vocab/qwen3/tokenizer.json",
    ]
    // The template's line break and the caller's are one token.
    let input = Data(#"[{"role": "user", "content": "\nhi"}]"#.utf8)
    let report = try Tool.run(arguments + ["--json"], input: input).output
    let mark = #"{"author": "caller", "role": "user", "message": 0, "control": false, "#
    #expect(report.contains(mark + #""spans_authors": true}"#), "\(report)")
    #expect(report.split(separator: "spans_authors").count == 2)
    let table = try Tool.run(arguments + ["--table"], input: input).output
    #expect(table.contains("16..<18  user, two authors"), "\(table)")
  }

  static let tokenizer = """
    {"added_tokens": [{"id": 4, "content": "<s>", "special": true}],
     "post_processor": {"type": "TemplateProcessing", "single": [
       {"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
       "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
       "special_tokens": {"<s>": {"id": "<s>", "ids": [4], "tokens": ["<s>"]}}},
     "decoder": {"type": "Fuse"},
     "model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2, " ": 3}, "merges": ["a b"]}}
    """

  @Test func `ids, count and table tell of the same tokens`() throws {
    try Tool.withFile("tokenizer.json", Self.tokenizer) { (path: String) throws in
      func run(_ arguments: String...) throws -> String {
        let all = ["tokenize", "--tokenizer", path, "--text", "ab b<s>"] + arguments
        return try Tool.run(all, input: Data()).output
      }
      #expect(try run("--ids") == "[2, 3, 1]\n")
      #expect(try run("--ids", "--parse-special", "--add-special") == "[4, 2, 3, 1, 4]\n")
      #expect(try run("--count") == "3\n")
      #expect(try run() == "     2 -> 'ab'\n     3 -> '␠'\n     1 -> 'b'\n")
      #expect(
        try run("--table") == """
          id  text  bytes  offset
           2  ab    61 62  0..<2
           3  ␠     20     2..<3
           1  b     62     3..<4

          """)
    }
  }

  @Test func `batches take text and bytes, and decode gives the text back`() throws {
    try Tool.withFile("tokenizer.json", Self.tokenizer) { (path: String) throws in
      let encoded = try Tool.run(
        "tokenize", "--tokenizer", path, "--jsonl",
        input: "{\"text\": \"ab\"}\n{\"bytes\": \"YmE=\"}\n{\"bytes\": \"/w==\"}\n{\"text\": 1}\n")
      #expect(
        encoded.output == """
          {"ids": [2]}
          {"ids": [1, 0]}
          {"error": "byte 0 of the text is not UTF-8, which this tokenizer's reference does not take; repair the text first"}
          {"error": "expected {\\"text\\": …} or {\\"bytes\\": …}"}

          """)
      let decoded = try Tool.run(
        "decode", "--tokenizer", path, "--jsonl", input: "{\"ids\": [2, 3, 4]}\n{\"ids\": [9]}\n")
      #expect(
        decoded.output == """
          {"text": "ab <s>"}
          {"error": "9 is no token of this vocabulary, whose ids end at 4"}

          """)
      let plain = try Tool.run("decode", "--tokenizer", path, "[2, 1]")
      #expect(plain.output == "abb")
      let streamed = try Tool.run(
        "decode", "--tokenizer", path, "--stream", "--skip-special", "2 4 1")
      #expect(streamed.output == "abb")
    }
  }

  @Test func `bytes on standard input that are not UTF-8 are refused with their place`() throws {
    try Tool.withFile("tokenizer.json", Self.tokenizer) { (path: String) throws in
      let answer = try Tool.run(["tokenize", "--tokenizer", path], input: Data([0x61, 0xFF]))
      #expect(answer.status == 1)
      #expect(answer.errors.hasPrefix("byte 1 of the text is not UTF-8"))
    }
  }

  @Test func `a caller's text never becomes a control token`() throws {
    try Tool.withFile("tokenizer.json", Self.tokenizer) { (path: String) throws in
      let yaml = """
        format: "dialect/1"
        family: "tiny"
        aliases: []
        about: "A test."
        source: {model: "none", reference: "none", date: "2026-01-01"}
        variant: instruct
        tokens: {bos: "<s>", eos: "<s>", stop: ["<s>"]}
        prologue:
          - {token: bos}
        turns:
          other:
            body:
              - {slot: content}
        """
      try Tool.withFile("tiny.yaml", yaml) { (template: String) throws in
        let answer = try Tool.run(
          "tokenize", "--tokenizer", path, "--template", template, "--json",
          input: #"[{"role": "user", "content": "ab<s>"}]"#)
        #expect(answer.errors == "")
        #expect(answer.output.hasPrefix(#"{"ids": [4, 2], "mask": [0, 0]"#))
        let trusted = try Tool.run(
          "tokenize", "--tokenizer", path, "--template", template, "--ids", "--trust-text",
          input: #"[{"role": "user", "content": "ab<s>"}]"#)
        #expect(trusted.output == "[4, 2, 4]\n")
      }
    }
  }

  @Test func `a model's folder gives tokenizer, template and special tokens`() throws {
    try Tool.withFile("tokenizer.json", Self.tokenizer) { (path: String) throws in
      let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
      let configuration = #"""
        {"bos_token": {"content": "<s>"}, "chat_template": [
          {"name": "default", "template": "{{ bos_token }}{{ messages[0].content }}"},
          {"name": "tool_use", "template": "{{ tools | length }}"},
          {"name": "rag", "template": "{{ documents | length }} documents"}]}
        """#
      let input = #"{"messages": [{"role": "user", "content": "a<s>b"}]}"#
      let without = try Tool.run("render", "--model", folder.path, input: input)
      #expect(without.status == 3)
      #expect(without.errors.contains("there is no chat template; is it a base model?"))
      try Data(configuration.utf8).write(
        to: folder.appendingPathComponent("tokenizer_config.json"))
      #expect(try Tool.run("render", "--model", folder.path, input: input).output == "<s>a<s>b")
      let ids = try Tool.run("tokenize", "--model", folder.path, "--ids", input: input)
      // What has no token is dropped, and its neighbours join.
      #expect(ids.output == "[4, 2]\n")
      let tools = try Tool.run(
        "render", "--model", folder.path,
        input: #"{"messages": [{"role": "user", "content": "a"}], "tools": [{"type": "function"}]}"#
      )
      #expect(tools.output == "1")
      let request = #"{"messages": [{"role": "user", "content": "a"}], "documents": [{}, {}]"#
      let named = try Tool.run(
        "render", "--model", folder.path, "--chat-template", "rag", input: request + "}")
      #expect(named.output == "2 documents")
      let batch = try Tool.run(
        "render", "--model", folder.path, "--jsonl",
        input: request + #", "chat_template": "rag"}"# + "\n" + request + "}")
      #expect(
        batch.output == "{\"rendered\": \"2 documents\"}\n{\"rendered\": \"<s>a\"}\n")
      let missing = try Tool.run(
        "render", "--model", folder.path, "--chat-template", "rags", input: request + "}")
      #expect(missing.status == 1)
      #expect(
        missing.errors.contains("there is no template named 'rags', only default, tool_use, rag"))
    }
  }
}
