// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TestSupport
import Testing
import TextPrimitives
import Tokenization
import TokenizerFormats

/// Real vocabularies in every format against their references.
///
/// Every golden of decoding, streaming, special tokens and invalid bytes is tried, every vector that
/// other projects publish, and of the plain texts a part that differs by reader.
@Suite("Reference vocabularies") struct VocabularyGoldenTests {
  /// Of the plain texts one in so many is tried.
  private static let share = 12

  @Test(
    .enabled(if: Conformance.has("vocab/manifest.json"), "needs the conformance corpus"),
    arguments: GoldenReader.all)
  func `encodes, decodes and streams as the reference does`(reader: GoldenReader) throws {
    let tokenizer = try reader.load()
    let first = reader.path.utf8.count % Self.share
    for (place, line) in try reader.lines("encode").enumerated()
    where place % Self.share == first {
      let ids = try tokenizer.identifiers(of: Array(line.text.utf8))
      #expect(ids == line.ids, "\(line.text.debugDescription)")
    }
    for line in try reader.lines("encode-bytes") {
      let bytes = try #require(line.bytes)
      #expect(try tokenizer.encode(bytes: bytes).ids == line.ids, "\(bytes)")
    }
    for line in try reader.lines("encode-special") {
      let encoding = try tokenizer.encode(line.text, special: .allowAll, addsSpecialTokens: true)
      #expect(encoding.ids == line.ids, "\(line.text.debugDescription)")
    }
    for line in try reader.lines("decode") {
      try line.chunks == nil ? decode(line, with: tokenizer) : stream(line, with: tokenizer)
    }
    for line in try reader.vectors.flatMap(GoldenReader.lines(ofFile:)) {
      let adds = line.value["add_special_tokens"]?.bool ?? false
      let ids = try tokenizer.encode(line.text, special: .allowAll, addsSpecialTokens: adds).ids
      #expect(ids == line.ids, "\(line.text.debugDescription)")
      for (text, skips) in line.published {
        // The folders of these models ask for it.
        let cleansUp = ["gpt2/", "falcon/", "llama-3/"].contains { reader.path.hasPrefix($0) }
        let decoded = try tokenizer.decode(
          line.ids, skippingSpecialTokens: skips, cleaningUpSpaces: cleansUp)
        #expect(Array(decoded.utf8) == Array(text.utf8), "\(line.ids)")
      }
    }
  }

  private func decode(_ line: GoldenLine, with tokenizer: Tokenizer) throws {
    let text = try tokenizer.decode(line.ids, skippingSpecialTokens: line.skipsSpecialTokens)
    #expect(Array(text.utf8) == Array(line.text.utf8), "\(line.ids)")
  }

  private func stream(_ line: GoldenLine, with tokenizer: Tokenizer) throws {
    var decoder = tokenizer.makeStreamDecoder(skippingSpecialTokens: line.skipsSpecialTokens)
    let chunks = try line.ids.map { try decoder.append($0) ?? "" }
    #expect(
      chunks.map { Array($0.utf8) } == line.chunks?.map { Array($0.utf8) }, "\(line.ids)")
    if line.value["final"] != nil {
      #expect(Array(try decoder.finish() ?? "") == Array(line.final), "\(line.ids)")
    }
  }

  @Test(.enabled(if: Conformance.has("vocab/manifest.json"), "needs the conformance corpus"))
  func `every component encodes and decodes as the reference does`() throws {
    let manifest = try Conformance.json("vocab/manifest.json")
    for entry in manifest["synthetic"]?.array ?? [] {
      let path = entry["file"]?.text ?? ""
      let file = try Conformance.json("vocab/\(path)")
      let source = Array((file["tokenizer"] ?? .null).serialized().utf8)
      let tokenizer = try Tokenizer(tokenizerJSON: source, name: path)
      for value in file["cases"]?.array ?? [] {
        let line = GoldenLine(value: value)
        let encoding = try tokenizer.encode(line.text, special: .allowAll, addsSpecialTokens: true)
        #expect(encoding.ids == line.ids, "\(path): \(line.text.debugDescription)")
        guard let decoded = value["decoded"]?.text else { continue }
        let text = try tokenizer.decode(encoding.ids, skippingSpecialTokens: true)
        #expect(Array(text.utf8) == Array(decoded.utf8), "\(path): \(line.ids)")
      }
    }
  }
}
