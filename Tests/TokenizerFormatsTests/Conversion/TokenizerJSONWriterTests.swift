// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TestSupport
import Testing
import TextPrimitives
import Tokenization
import TokenizerFormats

@Suite("Writing tokenizer.json") struct TokenizerJSONWriterTests {
  static let texts = [
    "", " ", "Hello world", "  two  spaces", "don't, they're 12345!", "é e\u{301} ﬁ 日本語 🦄\n\n\t",
    "<s>[INST] <|im_start|>user</s>",
  ]

  @Test(
    arguments: BuiltInVocabulary.allCases)
  func `what is written reads back as the same tokenizer`(_ vocabulary: BuiltInVocabulary) throws {
    let original = try Tokenizer(tokenizerJSON: vocabulary.tokenizerJSON, name: "built-in")
    let converted = try original.tokenizerJSON()
    #expect(converted.losses.isEmpty && converted.notes.isEmpty)
    let copy = try Tokenizer(tokenizerJSON: converted.bytes, name: "copy")
    for text in Self.texts {
      for policy in [SpecialTokenPolicy.asText, .allowAll] {
        let expected = try original.encode(text, special: policy, addsSpecialTokens: true)
        let found = try copy.encode(text, special: policy, addsSpecialTokens: true)
        #expect(found.ids == expected.ids && found.offsets == expected.offsets, "\(text)")
        #expect(try copy.decode(found.ids) == original.decode(expected.ids))
      }
    }
    #expect(try copy.tokenizerJSON().bytes == converted.bytes)
  }

  @Test(.enabled(if: Conformance.has("vocab/synthetic"), "needs the conformance corpus"))
  func `every component keeps its meaning`() throws {
    let names = try Conformance.json("vocab/manifest.json")["synthetic"]?.array ?? []
    #expect(names.count > 100)
    for name in names {
      let path = try #require((name["file"] ?? name["path"] ?? name).string).string
      let fixture = try Conformance.json("vocab/\(path)")
      let source = try #require(fixture["tokenizer"])
      let original = try Tokenizer(
        tokenizerJSON: Array(source.serialized(.compact).utf8), name: path)
      let copy = try Tokenizer(
        tokenizerJSON: original.tokenizerJSON().bytes, name: "copy of \(path)")
      for entry in fixture["cases"]?.array ?? [] {
        let text = try #require(entry["text"]?.string).string
        let expected = entry["ids"]?.array?.compactMap { $0.integer.map { TokenID($0) } }
        let found = try copy.encode(text, special: .allowAll, addsSpecialTokens: true).ids
        #expect(found == expected, "\(path): \(text)")
        #expect(
          try copy.decode(found, skippingSpecialTokens: true) == entry["decoded"]?.string?.string,
          "\(path): \(text)")
      }
    }
  }

  @Test func `special tokens that share an id keep it, and the later name decodes`() throws {
    let original = try Tokenizer(
      tiktoken: Array(TiktokenFormatTests.whole.utf8), pattern: #"\p{L}+|\P{L}+"#,
      specialTokens: ["<|a|>": 400, "<|b|>": 400, "<|c|>": 402])
    let copy = try Tokenizer(tokenizerJSON: original.tokenizerJSON().bytes, name: "copy")
    let text = "abc<|a|>b<|c|><|b|>"
    #expect(try copy.encode(text, special: .allowAll).ids == [257, 400, 98, 402, 400])
    #expect(try copy.encode(text).ids == original.encode(text).ids)
    #expect(try copy.decode([400]) == "<|b|>")
  }

  @Test func `a pattern that Oniguruma reads otherwise is a loss that names it`() throws {
    let original = try Tokenizer(
      tiktoken: Array(TiktokenFormatTests.whole.utf8), pattern: #"\s+$|\S+|\s+"#)
    let error = #expect(throws: TokenizerConversionError.self) { try original.tokenizerJSON() }
    #expect(
      error?.description == #"""
        a tokenizer.json cannot say all of it: pattern = '\s+$|\S+|\s+': Python's tokenizers reads \#
        patterns in Oniguruma's syntax, where it means something else
        """#)
    #expect(try original.tokenizerJSON(allowsLoss: true).losses.map(\.field) == ["pattern"])
  }

  /// Equal ranks take turns from the left, which a list of merges says only in the right order.
  @Test func `rules of one rank keep growing what has begun on the left`() throws {
    var builder = VocabularyBuilder(spelling: .text)
    for length in 1...6 {
      try builder.add(bytes: Array(repeating: 0x61, count: length), id: length)
    }
    var merges: [Merge] = []
    for left in 1...5 {
      for right in 1...(6 - left) {
        let merged = TokenID(left + right)
        merges.append(
          Merge(left: TokenID(left), right: TokenID(right), merged: merged, rank: 0))
      }
    }
    let original = Tokenizer(
      Tokenizer.Configuration(model: BPE(vocabulary: try builder.build(), merges: merges)))
    let copy = try Tokenizer(tokenizerJSON: original.tokenizerJSON().bytes, name: "copy")
    for length in 1...50 {
      let text = String(repeating: "a", count: length)
      let ids = try copy.encode(text).ids
      #expect(try ids == original.encode(text).ids)
      #expect(ids.dropLast().allSatisfy { $0 == 6 })
    }
  }
}
