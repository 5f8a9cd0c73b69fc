// SPDX-License-Identifier: Apache-2.0

import BinaryInput
import OrderedJSON
import TestSupport
import Testing
import TextPrimitives
import Tokenization
import TokenizerFormats

/// Folders against transformers' AutoTokenizer; Scripts/generate_model_directory_fixtures.py made
/// the fixture.
@Suite("transformers' reading of folders") struct TransformersParityTests {
  @Test func `small folders are read as AutoTokenizer reads them`() throws {
    for line in try Fixtures.lines("ModelDirectories/folders.jsonl") {
      var files: [String: [UInt8]] = [:]
      for (name, content) in line["files"]?.object ?? JSONObject() {
        files[name.string] =
          content.string.map { Array($0.string.utf8) }
          ?? Base64.decode((content["base64"]?.text ?? "").utf8)
      }
      let folder = TemporaryFolder(files)
      let model = try ModelDirectory(path: folder.path, reading: .transformers)
      let name = line["name"]?.text ?? ""
      compareTokens(model, line, name)
      try compareTexts(model, line, name)
    }
  }

  private func compareTokens(_ model: ModelDirectory, _ line: JSONValue, _ name: String) {
    for (key, token) in line["special"]?.object ?? JSONObject() {
      #expect(model.specialTokens[key] == token.string, "\(name): \(key)")
    }
    let added = model.tokenizer.addedTokens.sorted { $0.id < $1.id }.map { token in
      [
        "\(token.id)", token.content.string, "\(token.isSpecial)", "\(token.stripsLeft)",
        "\(token.stripsRight)", "\(token.isNormalized)",
      ]
    }
    let expected = (line["added"]?.object ?? JSONObject()).map { id, flags in
      [id.string] + (flags.array ?? []).map { $0.string?.string ?? "\($0.bool ?? false)" }
    }
    #expect(added == expected, "\(name)")
    let templates = line["templates"]?.object ?? JSONObject()
    #expect(model.chatTemplates.map(\.name) == templates.map(\.key), "\(name)")
    #expect(
      model.chatTemplates.map(\.source) == templates.compactMap(\.value.string), "\(name)")
  }

  private func compareTexts(_ model: ModelDirectory, _ line: JSONValue, _ name: String) throws {
    let tokenizer = model.tokenizer
    let texts = line["texts"]?.array ?? []
    for value in texts {
      let text = value["text"]?.text ?? ""
      let plain = try tokenizer.encode(text, special: .allowAll)
      #expect(plain.ids == GoldenLine.ids(value["plain"]), "\(name): \(text)")
      let whole = try tokenizer.encode(text, special: .allowAll, addsSpecialTokens: true)
      #expect(whole.ids == GoldenLine.ids(value["ids"]), "\(name): \(text)")
      for (key, skips) in [("decoded", false), ("skipped", true)] {
        let decoded = try tokenizer.decode(whole.ids, skippingSpecialTokens: skips)
        #expect(
          Array(decoded.utf8) == Array((value[ExactString(key)]?.text ?? "").utf8),
          "\(name): \(text)")
      }
    }
    let pair = try tokenizer.encode(
      texts[0]["text"]?.text ?? "", pair: texts[1]["text"]?.text ?? "", special: .allowAll,
      addsSpecialTokens: true)
    #expect(pair.ids == GoldenLine.ids(line["pair"]?["ids"]), "\(name)")
    #expect(Array(pair.typeIDs) == GoldenLine.ids(line["pair"]?["types"]), "\(name)")
  }

  /// The columns of transformers: both flags, from both files, of both vocabularies.
  static let columns = ["llama-2", "mistral-v1"].flatMap { vocabulary in
    [true, false].flatMap { legacy in
      ["tokenizer.json", "tokenizer.model"].map { (vocabulary, legacy, $0) }
    }
  }

  /// Texts on which sentencepiece, `tokenizers` and transformers differ.
  @Test(
    .enabled(if: Conformance.has("vocab/disagreements"), "needs the conformance corpus"),
    arguments: columns)
  func `where references disagree, each can be had`(
    vocabulary: String, legacy: Bool, file: String
  ) throws {
    let isJSON = file == "tokenizer.json"
    let source = !isJSON && vocabulary == "mistral-v1" ? file + ".v1" : file
    let config = """
      {"tokenizer_class": "LlamaTokenizer", "legacy": \(legacy), "add_bos_token": true,
       "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}
      """
    let folder = TemporaryFolder(
      ["tokenizer_config.json": Array(config.utf8)],
      links: [file: "\(Conformance.root)/vocab/\(vocabulary)/\(source)"])
    let theirs = try ModelDirectory(path: folder.path, reading: .transformers).tokenizer
    let reference = try ModelDirectory(path: folder.path).tokenizer
    let column =
      "transformers 5.23.0 LlamaTokenizer, legacy=\(legacy), from \(isJSON ? file : "tokenizer.model")"
    let library =
      isJSON ? "tokenizers 0.23.3 (tokenizer.json)" : "sentencepiece 0.2.3 (tokenizer.model)"
    var counts = [0, 0]
    for line in try Conformance.lines("vocab/disagreements/\(vocabulary).jsonl") {
      let text = line["text"]?.text ?? ""
      let adds = line["mode"]?.text == "special"
      for (side, (name, tokenizer)) in [(column, theirs), (library, reference)].enumerated() {
        guard let ids = line["ids"]?[ExactString(name)] else { continue }
        counts[side] += 1
        let encoding = try tokenizer.encode(text, special: .allowAll, addsSpecialTokens: adds)
        #expect(
          encoding.ids == GoldenLine.ids(ids), "\(name), \(adds): \(text.debugDescription)")
      }
    }
    #expect(counts.allSatisfy { $0 > 200 })
  }
}
