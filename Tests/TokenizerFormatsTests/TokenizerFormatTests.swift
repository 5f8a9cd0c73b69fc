// SPDX-License-Identifier: Apache-2.0

import Testing
import Tokenization
import TokenizerFormats

@Suite("Telling formats apart") struct TokenizerFormatTests {
  static let contents: [(text: String, format: TokenizerFormat?)] = [
    (#"{"version": "1.0", "added_tokens": [], "model": {}}"#, .tokenizerJSON),
    (#"{"model": {"type": "BPE"}}"#, .tokenizerJSON),
    (#"{"version": 1, "a": 2}"#, .legacyBPE),
    (#" {"model": 0, "vocab": 1}"#, .legacyBPE),
    // Settings are no vocabulary: the error then says that there is no model.
    (#"{"bos_token": "<s>", "model_max_length": 5}"#, .tokenizerJSON),
    (#"{"config": {}, "vocab": []}"#, .tekken),
    (#"{"image": {}, "vocab": []}"#, .tekken),
    (#"{"config": {"#, .tekken),
    ("IQ== 0\nIg== 1\n", .tiktoken),
    ("\n\r\nIQ== 0\r\n", .tiktoken), ("IQ= 0\n", nil), ("IQ== x\n", nil),
    ("#version: 0.2\na b\n", .legacyBPE),
    ("GGUF\u{3}", .gguf),
    ("\n\u{0E}\n\u{05}<unk>\u{15}", .sentencePiece),
    ("hello", nil), ("hello world", nil), ("", nil), ("[]", nil),
  ]

  @Test func `the content tells the format`() {
    for (text, format) in Self.contents {
      #expect(TokenizerFormat.detect(Array(text.utf8)) == format, "\(text.debugDescription)")
    }
  }

  @Test func `a folder without a tokenizer is an error that says what it may hold`() {
    let error = #expect(throws: TokenizerLoadingError.self) { try Tokenizer(contentsOf: "/usr") }
    #expect(
      error?.description
        == "/usr: the folder holds no tokenizer; it must have one of tokenizer.json, tekken.json, "
        + "tokenizer.model, vocab.json, or name the file itself")
  }
}
