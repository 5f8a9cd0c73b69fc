// SPDX-License-Identifier: Apache-2.0

import BinaryInput
import OrderedJSON
import TestSupport
import Testing
import TextPrimitives
import Tokenization
import TokenizerFormats

/// Models of every option against the sentencepiece library;
/// Scripts/generate_sentencepiece_fixtures.py made the fixture.
@Suite("The sentencepiece library") struct SentencePieceParityTests {
  /// A model and what the library makes of each text.
  private struct Line {
    let name: String
    let bytes: [UInt8]
    let ids: [[TokenID]]
    let decoded: [String]
    /// The field that a tokenizer.json has no words for.
    let lost: String?
  }

  private func read() throws -> (texts: [String], lines: [Line]) {
    let values = try Fixtures.lines("SentencePiece/models.jsonl")
    let texts = (values.first?["texts"]?.array ?? []).map(\.text)
    let lines = try values.dropFirst().map { value in
      Line(
        name: value["name"]?.text ?? "",
        bytes: try #require(Base64.decode((value["model"]?.text ?? "").utf8)),
        ids: (value["ids"]?.array ?? []).map { GoldenLine.ids($0) },
        decoded: texts.enumerated().map { place, text in
          value["decoded"]?[ExactString("\(place)")]?.text ?? text
        }, lost: value["lost"]?.string?.string)
    }
    return (texts, lines)
  }

  /// The first text whose ids are not the line's.
  private func difference(_ tokenizer: Tokenizer, _ line: Line, _ texts: [String]) throws -> String?
  {
    for (text, ids) in zip(texts, line.ids) {
      let found = try tokenizer.encode(text).ids
      if found != ids { return "\(line.name): \(text.debugDescription): \(found), not \(ids)" }
    }
    return nil
  }

  @Test func `ids and texts are the library's`() throws {
    let (texts, lines) = try read()
    #expect(texts.count > 200 && lines.count == 16)
    for line in lines {
      let tokenizer = try SentencePieceFormat.load(line.bytes, file: line.name)
      #expect(try difference(tokenizer, line, texts) == nil)
      let decoded = try line.ids.map { try tokenizer.decode($0, skippingSpecialTokens: true) }
      for (found, expected) in zip(decoded, line.decoded)
      where Array(found.utf8) != Array(expected.utf8) {
        Issue.record("\(line.name): \(found.debugDescription), not \(expected.debugDescription)")
      }
    }
  }

  @Test func `a tokenizer.json gives the same ids, or names what it cannot say`() throws {
    let (texts, lines) = try read()
    for line in lines {
      let original = try SentencePieceFormat.load(line.bytes, file: line.name)
      guard let lost = line.lost else {
        let copy = try Tokenizer(tokenizerJSON: original.tokenizerJSON().bytes, name: line.name)
        #expect(try difference(copy, line, texts) == nil)
        continue
      }
      let error = #expect(throws: TokenizerConversionError.self, "\(line.name)") {
        try original.tokenizerJSON()
      }
      #expect(error?.losses.map(\.field) == [lost], "\(line.name)")
    }
  }

  @Test func `a table that cannot be told names a text that shows it`() throws {
    let line = try #require(try read().lines.first { $0.name == "table of rules that touch" })
    let original = try SentencePieceFormat.load(line.bytes, file: line.name)
    let error = #expect(throws: TokenizerConversionError.self) { try original.tokenizerJSON() }
    #expect(
      error?.losses.first?.consequence
        == "'é\u{301}' becomes 'e\u{301}', and would become 'e', since Precompiled replaces a "
        + "grapheme by what its first match becomes")
  }

  @Test func `unused pieces are refused`() throws {
    let line = try #require(try read().lines.first)
    var piece = Message()
    piece.text(1, Array("unused".utf8))
    piece.number(3, 5)
    var more = Message()
    more.text(1, piece.bytes)
    let error = #expect(throws: TokenizerLoadingError.self) {
      try SentencePieceFormat.load(line.bytes + more.bytes, file: "m")
    }
    let count = try SentencePieceFormat.load(line.bytes, file: "m").vocabulary.count
    #expect(
      error?.description
        == "m: pieces[\(count)]: unused pieces, which are taken apart again after merging, are not "
        + "supported")
  }
}
