// SPDX-License-Identifier: Apache-2.0

import Testing
import TextPrimitives
import Tokenization
import TokenizerFormats

@Suite("tokenizer.json") struct TokenizerJSONTests {
  static let whole = """
    {"version": "1.0", "added_tokens": [{"id": 5, "content": "<s>", "special": true}],
     "normalizer": null, "pre_tokenizer": {"type": "WhitespaceSplit"},
     "post_processor": null, "decoder": {"type": "Fuse"},
     "model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2, "c": 3, "abc": 4},
     "merges": ["a b", ["ab", "c"]]}}
    """

  private func load(_ text: String) throws(TokenizerLoadingError) -> Tokenizer {
    try Tokenizer(tokenizerJSON: Array(text.utf8), name: "t.json")
  }

  @Test func `loads, encodes with offsets and decodes`() throws {
    let tokenizer = try load(Self.whole)
    let encoding = try tokenizer.encode("abc ab<s>", special: .allowAll)
    #expect(encoding.ids == [4, 2, 5])
    #expect(encoding.offsets == [0..<3, 4..<6, 6..<9])
    #expect(encoding.tokens == ["abc", "ab", "<s>"])
    #expect(try tokenizer.decode(encoding.ids) == "abcab<s>")
    #expect(try tokenizer.decode(encoding.ids, skippingSpecialTokens: true) == "abcab")
  }

  /// As `tokenizers` 0.23.3 gives them.
  @Test func `tokens are spelt as in the file, in padding and overflow too`() throws {
    let tokenizer = try load(
      """
      {"truncation": {"max_length": 2, "strategy": "LongestFirst", "stride": 0},
       "padding": {"strategy": {"Fixed": 4}, "direction": "Right", "pad_id": 6, "pad_type_id": 0,
        "pad_token": "<p>"},
       "added_tokens": [{"id": 6, "content": "<p>", "special": true}],
       "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false},
       "model": {"vocab": {"a": 0, "Ġ": 1, "Ġa": 2, "Ã": 3, "©": 4, "Ã©": 5},
        "merges": ["Ġ a"]}}
      """)
    let encoding = try tokenizer.encode("a aé a")
    #expect(encoding.tokens == ["a", "Ġa", "<p>", "<p>"])
    #expect(
      encoding.overflowing.map(\.tokens) == [
        ["Ã", "©", "<p>", "<p>"], ["Ġa", "<p>", "<p>", "<p>"],
      ])
  }

  /// A large vocabulary is made while the merges are read, as the sections before it say.
  @Test func `a large vocabulary does not depend on the order of sections`() throws {
    let letters = ["a", "b", "Ġ", "Ġa", "ab"]
    let others = (letters.count..<20_000).map { "t\($0)" }
    let vocab = (letters + others).enumerated().map { "\"\($1)\": \($0)" }.joined(separator: ", ")
    let bytes = #""pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false}"#
    let (tokens, rules) = (#""vocab": {\#(vocab)}"#, #""merges": ["Ġ a", "a b"]"#)
    let files = [
      "{\(bytes), \"model\": {\(tokens), \(rules)}}",
      "{\(bytes), \"model\": {\(rules), \(tokens)}}",
      "{\"model\": {\(tokens), \(rules)}, \(bytes)}",
      "{\(bytes), \"model\": {\"vocab\": {}, \(tokens), \(rules)}}",
    ]
    for file in files {
      #expect(try load(file).encode("ab a").ids == [4, 3])
    }
    // Said after the vocabulary, and so that its letters are text.
    let late = "{\(bytes), \"model\": {\(tokens), \(rules), \"byte_fallback\": true}}"
    let early = "{\(bytes), \"model\": {\"byte_fallback\": true, \(tokens), \(rules)}}"
    #expect(try load(late).encode("ab a").ids == load(early).encode("ab a").ids)
    // Two tokens of one id are told of, unless an added token is one of them.
    let twice = tokens.replacing("\"t19999\": 19999", with: "\"t19999\": 19998")
    #expect(throws: TokenizerLoadingError.self) {
      try load("{\(bytes), \"model\": {\(twice), \(rules)}}")
    }
    let added = #""added_tokens": [{"id": 19998, "content": "t19999"}]"#
    let tokenizer = try load("{\(added), \(bytes), \"model\": {\(twice), \(rules)}}")
    #expect(try tokenizer.encode("t19999").ids == [19998])
  }

  @Test func `spaces before punctuation are taken back on request`() throws {
    let tokenizer = try load(
      """
      {"model": {"vocab": {"I": 0, "'m": 1, ".": 2, "do not": 3, "n't": 4}, "merges": []}}
      """)
    #expect(try tokenizer.decode([0, 1, 3, 2]) == "I 'm do not .")
    #expect(try tokenizer.decode([0, 1, 3, 2], cleaningUpSpaces: true) == "I'm do not.")
    #expect(try tokenizer.decode([0, 4], cleaningUpSpaces: true) == "In't")
  }

  @Test func `special tokens in a text are text, tokens or an error, as asked`() throws {
    let tokenizer = try load(Self.whole)
    #expect(try tokenizer.encode("c<s>").ids == [3])
    #expect(try tokenizer.encode("c<s>", special: .allow([5])).ids == [3, 5])
    let error = #expect(throws: TokenizerError.self) {
      try tokenizer.encode("c<s>", special: .reject)
    }
    #expect(
      error?.description
        == "the text holds the special token '<s>' at byte 1; "
        + "encode special tokens as text, or allow it by name")
  }

  /// A change to the whole file, and the message that it must give.
  static let broken: [(find: String, replace: String, message: String)] = [
    (
      "\"merges\": [\"a b\"", "\"merges\": [\"a x\"",
      "t.json: model.merges[0]: 'x' is not in the vocabulary; vocabulary and merges must come from one training"
    ),
    (
      "[\"ab\", \"c\"]", "\"ab  c\"",
      "t.json: model.merges[1]: a merge must name two tokens; write \"a b\" or [\"a\", \"b\"]"
    ),
    (
      "\"ab\": 2", "\"ab\": 1",
      "t.json: model.vocab: 'ab' has the id 1, which another token has"
    ),
    (
      "WhitespaceSplit", "WhitespaceSplti",
      "t.json: pre_tokenizer.type: 'WhitespaceSplti' is no component that we know; did you mean 'WhitespaceSplit'?"
    ),
    (
      "\"BPE\"", "\"Unigram\"",
      "t.json: model.type: a Unigram model is not supported, only BPE is; use a tokenizer of the BPE kind"
    ),
    (
      "\"BPE\"", "\"WordPiece\"",
      "t.json: model.type: a WordPiece model is not supported, only BPE is; use a tokenizer of the BPE kind"
    ),
    (
      "\"BPE\"", "\"WordLevel\"",
      "t.json: model.type: a WordLevel model is not supported, only BPE is; use a tokenizer of the BPE kind"
    ),
    (
      "{\"a\": 0, \"b\": 1, \"ab\": 2, \"c\": 3, \"abc\": 4}", "[\"a\"]",
      "t.json: model.vocab: expected an object of tokens and ids, found an array"
    ),
    (
      "\"vocab\"", "\"dropout\": 0.1, \"vocab\"",
      "t.json: model.dropout: dropout makes encoding random; set it to null"
    ),
    (
      "\"vocab\"", "\"unk_token\": \"?\", \"vocab\"",
      "t.json: model.unk_token: '?' is not in the vocabulary; add it to model.vocab, or set unk_token to null"
    ),
    (
      "\"a\": 0", "\"a\": \"0\"",
      "t.json:4:42: expected a whole number, found '\"'"
    ),
    (
      "{\"type\": \"WhitespaceSplit\"}",
      "{\"type\": \"Split\", \"pattern\": {\"Regex\": \"(a)\\\\1\"}, \"behavior\": \"Isolated\", \"invert\": false}",
      "t.json: pre_tokenizer.pattern.Regex: pattern '(a)\\1', at 3: a back reference is not supported; open an issue with the model's name"
    ),
  ]

  @Test func `what cannot be used is refused with its place and a hint`() {
    for (find, replacement, message) in Self.broken {
      let parts = Self.whole.split(separator: find, maxSplits: 1, omittingEmptySubsequences: false)
      let error = #expect(throws: TokenizerLoadingError.self, "\(message)") {
        try load(parts.joined(separator: replacement))
      }
      #expect(error?.description == message)
    }
  }

  @Test func `an unreadable file is named`() {
    let error = #expect(throws: TokenizerLoadingError.self) {
      try Tokenizer(contentsOf: "/no/such/tokenizer.json")
    }
    #expect(
      error?.description
        == "/no/such/tokenizer.json: cannot be read: no such file or directory; check the path")
  }
}
