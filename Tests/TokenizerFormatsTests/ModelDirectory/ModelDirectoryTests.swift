// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing
import TextPrimitives
import Tokenization
import TokenizerFormats

@Suite("ModelDirectory") struct ModelDirectoryTests {
  static let tokenizer = """
    {"added_tokens": [{"id": 2, "content": "<s>", "special": true},
     {"id": 3, "content": "</s>", "special": true}],
     "model": {"type": "BPE", "vocab": {"a": 0, "b": 1}, "merges": []}}
    """

  /// Reads a folder that holds these files.
  private func read(_ files: [String: String]) throws -> ModelDirectory {
    let all = files.merging(["tokenizer.json": Self.tokenizer], uniquingKeysWith: { old, _ in old })
    let folder = TemporaryFolder(all.mapValues { Array($0.utf8) })
    return try ModelDirectory(path: folder.path)
  }

  @Test func `gathers what the files say`() throws {
    let model = try read([
      "tokenizer_config.json": """
      {"bos_token": {"content": "<s>", "lstrip": false}, "eos_token": "</s>", "legacy": false,
       "pad_token": null, "add_bos_token": true, "clean_up_tokenization_spaces": true,
       "chat_template": [{"name": "default", "template": "A"}, {"name": "rag", "template": "B"}]}
      """,
      "special_tokens_map.json": #"{"pad_token": "<pad>"}"#,
      "generation_config.json": #"{"eos_token_id": [3, 1]}"#,
    ])
    #expect(model.beginToken == "<s>")
    #expect(model.endToken == "</s>")
    #expect(model.padToken == "<pad>")
    #expect(model.unknownToken == nil)
    #expect(model.endTokenIDs == [3, 1])
    #expect(model.chatTemplates.map(\.name) == ["default", "rag"])
    #expect(model.chatTemplate(named: "rag") == "B")
    #expect(model.addsBeginToken == nil)
    #expect(model.cleansUpSpaces == true)
    #expect(model.isLegacy == false)
  }

  @Test func `template files replace those of the configuration`() throws {
    let model = try read([
      "tokenizer_config.json": #"{"chat_template": "A", "eos_token": "</s>"}"#,
      "chat_template.jinja": "B", "additional_chat_templates/tool_use.jinja": "C",
    ])
    #expect(model.chatTemplates.map(\.source) == ["B", "C"])
    #expect(model.chatTemplates.map(\.name) == ["default", "tool_use"])
    #expect(model.endTokenIDs == [3])
  }

  @Test func `a folder with nothing but a tokenizer is a base model`() throws {
    let model = try read([:])
    #expect(model.chatTemplates.isEmpty)
    #expect(model.specialTokens.isEmpty)
    #expect(model.endTokenIDs.isEmpty)
  }

  @Test func `a folder that holds only a vocabulary of another format is read`() throws {
    let vocabularies: [(file: String, bytes: [UInt8], text: String, ids: [TokenID])] = [
      ("tokenizer.model", SentencePieceTests.model(), "ab a", [1, 2, 6, 5]),
      ("tekken.json", Array(TekkenFormatTests.whole.utf8), "ab", [1, 280]),
    ]
    for (file, bytes, text, ids) in vocabularies {
      let folder = TemporaryFolder([file: bytes])
      let model = try ModelDirectory(path: folder.path)
      #expect(model.tokenizerFile == "\(folder.path)/\(file)")
      #expect(try model.tokenizer.encode(text, addsSpecialTokens: true).ids == ids, "\(file)")
      #expect(try TokenizerFormat.detect(path: model.tokenizerFile) != nil)
    }
  }

  @Test func `a lone file is found by its name, and several are named`() throws {
    let tekken = Array(TekkenFormatTests.whole.utf8)
    let model = SentencePieceTests.model()
    for (file, bytes) in [
      ("tokenizer.model.v3", model), ("mistral_instruct_tokenizer_240323.model.v3", model),
      ("spiece.model", model), ("tekken_240911.json", tekken),
      ("small.gguf", GGUFSample.scored),
    ] {
      let folder = TemporaryFolder([file: bytes, "config.json": Array("{}".utf8)])
      #expect(try ModelDirectory(path: folder.path).tokenizerFile == "\(folder.path)/\(file)")
    }
    let folder = TemporaryFolder(["a.model": model, "b.model.v7": model])
    let error = #expect(throws: TokenizerLoadingError.self) {
      try ModelDirectory(path: folder.path)
    }
    #expect(
      error?.description
        == "\(folder.path): the folder holds 2 tokenizers; name one: a.model, b.model.v7")
  }

  @Test func `a folder that holds only a rank file asks for the encoding, and never guesses`() {
    let names = TiktokenFormat.encodingNames.joined(separator: ", ")
    for name in ["tokenizer.model", "qwen.tiktoken", "ranks.tiktoken"] {
      let folder = TemporaryFolder([name: Array(TiktokenFormatTests.whole.utf8)])
      let known = name == "qwen.tiktoken"
      let error = #expect(throws: TokenizerLoadingError.self) {
        try ModelDirectory(path: folder.path)
      }
      #expect(
        error?.description == "\(folder.path)/\(name): "
          + (known
            ? "the file has 258 tokens, qwen3 has 151643; "
              + "the file is not whole, or of another encoding"
            : "a rank file does not say which encoding it is of; name the encoding: \(names)"))
    }
  }

  @Test(
    .enabled(if: Conformance.has("vocab/llama-3"), "needs the conformance corpus"),
    arguments: [
      (source: "llama-3/tokenizer.model", name: "tokenizer.model", encoding: "llama-3", ids: 10),
      ("gpt2/r50k_base.tiktoken", "r50k_base.tiktoken", nil, 9),
      ("cl100k_base/cl100k_base.tiktoken", "cl100k_base.tiktoken", nil, 9),
    ])
  func `a folder that holds only a rank file is read`(
    source: String, name: String, encoding: String?, ids: Int
  ) throws {
    let path = "\(Conformance.root)/vocab/\(source)"
    let folder = TemporaryFolder([:], links: [name: path])
    let model = try ModelDirectory(path: folder.path, encoding: encoding)
    let file = try Tokenizer(contentsOf: path, encoding: encoding)
    let text = "How many tokens <|endoftext|>?"
    let found = try model.tokenizer.encode(text, addsSpecialTokens: true).ids
    #expect(try found == file.encode(text, addsSpecialTokens: true).ids)
    #expect(found.count >= ids)
  }

  @Test func `flags for begin and end count where there is no tokenizer.json`() throws {
    let config = """
      {"add_bos_token": false, "add_eos_token": true, "bos_token": "<s>", "eos_token": "</s>"}
      """
    let folder = TemporaryFolder([
      "tokenizer.model": SentencePieceTests.model(), "tokenizer_config.json": Array(config.utf8),
    ])
    let model = try ModelDirectory(path: folder.path)
    let end = try #require(model.tokenizer.identifier(of: "</s>"))
    #expect(try model.tokenizer.encode("ab a", addsSpecialTokens: true).ids == [2, 6, 5, end])
  }

  @Test func `a wrong value is refused with its place`() {
    let cases: [(name: String, text: String, message: String)] = [
      ("tokenizer_config.json", "{", "tokenizer_config.json:1:2: "),
      ("tokenizer_config.json", "[]", "tokenizer_config.json: expected an object, found an array"),
      (
        "tokenizer_config.json", #"{"legacy": 1}"#,
        "tokenizer_config.json: legacy: expected true or false, found a number"
      ),
      (
        "tokenizer_config.json", #"{"chat_template": [{"name": "a"}]}"#,
        "tokenizer_config.json: chat_template[0].template: expected a string, found null"
      ),
      (
        "generation_config.json", #"{"eos_token_id": [-1]}"#,
        "generation_config.json: eos_token_id[0]: expected a number from 0 up"
      ),
    ]
    for (name, text, message) in cases {
      let error = #expect(throws: TokenizerLoadingError.self) { try read([name: text]) }
      #expect(error?.description.contains("/" + message) == true, "\(error?.description ?? "")")
    }
  }
}
