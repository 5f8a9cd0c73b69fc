// SPDX-License-Identifier: Apache-2.0

import Testing
import TextPrimitives
import Tokenization
import TokenizerFormats

/// Small files that ask for much, and large ones that ask for the square of their size.
@Suite("Hostile sizes") struct HostileSizeTests {
  private func message(_ text: String) -> String? {
    #expect(throws: TokenizerLoadingError.self) {
      try Tokenizer(tokenizerJSON: Array(text.utf8), name: "t")
    }?.description
  }

  @Test func `an id far beyond the number of tokens is refused`() {
    #expect(
      message(#"{"model": {"vocab": {"a": 0, "b": 16000000}, "merges": []}}"#)
        == "t: model.vocab: 'b' has the id 16000000, but there are 2 tokens")
    #expect(
      message(#"{"model": {"vocab": {"a": -1}, "merges": []}}"#)
        == "t: model.vocab: 'a' has the id -1, which no model has")
    #expect(
      message(#"{"model": {"vocab": {"a": 99999999999999999999}, "merges": []}}"#) != nil)
  }

  @Test func `padding beyond what a model reads is refused`() {
    #expect(
      message(
        #"""
        {"model": {"vocab": {"a": 0}, "merges": []},
         "padding": {"strategy": {"Fixed": 2000000000}, "pad_id": 0}}
        """#) == "t: padding.strategy.Fixed: padding to more tokens than any model reads")
  }

  @Test func `more steps than any tokenizer has are refused, in sequences of sequences too`() {
    let step = #"{"type": "Whitespace"}"#
    func sequence(_ steps: [String]) -> String {
      #"{"type": "Sequence", "pretokenizers": [\#(steps.joined(separator: ", "))]}"#
    }
    let half = sequence(Array(repeating: step, count: 513))
    let whole = sequence([half, half])
    #expect(
      message(#"{"model": {"vocab": {"a": 0}, "merges": []}, "pre_tokenizer": \#(whole)}"#)
        == "t: pre_tokenizer: there are more than 1024 steps")
  }

  @Test func `what is no component is passed over, and a component is small`() throws {
    let zeros = "[\(Array(repeating: "0", count: 1 << 20).joined(separator: ","))]"
    let model = #""model": {"vocab": {"a": 0}, "merges": []}"#
    _ = try Tokenizer(tokenizerJSON: Array(#"{"extra": \#(zeros), \#(model)}"#.utf8), name: "t")
    #expect(
      message(#"{"decoder": \#(zeros), \#(model)}"#)
        == "t:1:13: expected a component, found more than 2 MB")
  }

  @Test func `a vocabulary that hardly any merge makes is not whole`() {
    let tokens = (0..<70_000).map { "\"x\($0)\":\($0 + 1)" }
    let error = #expect(throws: TokenizerLoadingError.self) {
      try LegacyBPEFormat.load(
        vocabulary: Array("{\"\u{120}\":0,\(tokens.joined(separator: ","))}".utf8), merges: [])
    }
    #expect(
      error?.description == "vocab.json: more than 65536 tokens are made by no merge; "
        + "merges.txt is not whole, or of another model")
  }

  /// A length or count of 2 GB and more, in the place of a right one.
  static let lengths: [[UInt8]] = [
    GGUFSample.little(UInt64(1) << 31), GGUFSample.little(UInt64.max),
    GGUFSample.little(UInt64(1) << 62),
  ]

  @Test func `lengths beyond the file are refused, in every place of a GGUF file`() {
    for sample in [GGUFSample.scored, GGUFSample.byteLevel] {
      for place in 16..<sample.count - 8 {
        for length in Self.lengths {
          var bytes = sample
          bytes.replaceSubrange(place..<place + 8, with: length)
          _ = try? GGUFTokenizerFormat.load(bytes, file: "t")
        }
      }
      var bytes = sample
      bytes.replaceSubrange(24..<32, with: Self.lengths[0])
      let error = #expect(throws: TokenizerLoadingError.self) {
        try GGUFTokenizerFormat.load(bytes, file: "t")
      }
      #expect(
        error?.description
          == "t: at byte 24: a metadata key of 2147483648 bytes; the format allows 65535")
    }
  }

  @Test func `a length of 2 GB in a SentencePiece model is refused with its place`() {
    let error = #expect(throws: TokenizerLoadingError.self) {
      try SentencePieceFormat.load([0x0A, 0x80, 0x80, 0x80, 0x80, 0x08, 0x0A], file: "t")
    }
    #expect(
      error?.description
        == "t: at byte 6: a length that reaches beyond the end; is the file whole?")
  }

  @Test func `a token that stands many times is found at once`() {
    var piece = Message()
    piece.text(1, Array("a".utf8))
    var model = Message()
    for _ in 0..<40_000 { model.text(1, piece.bytes) }
    let error = #expect(throws: TokenizerLoadingError.self) {
      try SentencePieceFormat.load(model.bytes + [0x12, 0x02, 0x18, 0x02], file: "t")
    }
    #expect(error?.description == "t: pieces: two pieces have the same text")
  }

  @Test func `ids that are no token's are refused, or never met`() throws {
    let start = #"{"model": {"vocab": {"a": 0}, "merges": []}, "#
    #expect(message(start + #""added_tokens": [{"id": -1, "content": "b"}]}"#) != nil)
    #expect(
      message(
        start
          + #""post_processor": {"type": "BertProcessing", "sep": ["b", -1], "cls": ["c", 2]}}"#)
        != nil)
    // The reference numbers added tokens itself, and lets processors name ids without a token.
    let tokenizer = try Tokenizer(
      tokenizerJSON: Array(
        (start + #""added_tokens": [{"id": 99, "content": "b"}], "#
          + #""post_processor": {"type": "BertProcessing", "sep": ["x", 70], "cls": ["y", 71]}}"#)
          .utf8), name: "t")
    #expect(try tokenizer.encode("ab", addsSpecialTokens: true).ids == [71, 0, 1, 70])
    #expect(throws: TokenizerError.self) { try tokenizer.decode([71]) }
  }

  @Test func `a piece that is no UTF-8 is refused with its byte`() {
    var piece = Message()
    piece.text(1, [0x61, 0xFF])
    var model = Message()
    model.text(1, piece.bytes)
    let error = #expect(throws: TokenizerLoadingError.self) {
      try SentencePieceFormat.load(model.bytes, file: "t")
    }
    #expect(
      error?.description == "t: at byte 6: a piece that is empty or not UTF-8; is the file whole?")
  }

  @Test func `tokens of many lengths do not cost the square of the file`() {
    // Every prefix of a run of one letter: each token is put together in as many ways as it has
    // bytes.
    let runs = (2...1024).map { "\(RankLines.base64(Array(repeating: 97, count: $0))) \($0 + 254)" }
    let lines = TiktokenFormatTests.lines.dropLast(2) + runs
    let error = #expect(throws: TokenizerLoadingError.self) {
      try Tokenizer(
        tiktoken: Array(lines.joined(separator: "\n").utf8), name: "t", pattern: #"\S+"#)
    }
    #expect(
      error?.description == "t:671: the tokens so far can be put together in too many ways")
    let run = RankLines.base64(Array(repeating: 97, count: 1025))
    let long = "\(TiktokenFormatTests.whole)\(run) 258"
    let refused = #expect(throws: TokenizerLoadingError.self) {
      try Tokenizer(tiktoken: Array(long.utf8), name: "t", pattern: #"\S+"#)
    }
    #expect(refused?.description == "t:259: the token is longer than 1024 bytes")
  }
}
