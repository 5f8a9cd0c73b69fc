// SPDX-License-Identifier: Apache-2.0

import Testing
import TextPrimitives
import Tokenization
import TokenizerFormats

@Suite("tekken.json") struct TekkenFormatTests {
  /// All bytes, "ab", and "abc" beyond the cut; 24 special tokens.
  static let whole: String = {
    let tokens = (0..<256).map { [UInt8($0)] } + [Array("ab".utf8), Array("abc".utf8)]
    let vocabulary = tokens.enumerated().map { rank, token in
      "{\"rank\": \(rank), \"token_bytes\": \"\(RankLines.base64(token))\", \"token_str\": null}"
    }
    return """
      {"config": {"pattern": "\\\\p{L}+|\\\\s+", "num_vocab_tokens": 258,
       "default_vocab_size": 281, "default_num_special_tokens": 24, "version": "v3"},
       "image": {"image_patch_size": 16},
       "vocab": [\(vocabulary.joined(separator: ", "))]}
      """
  }()

  /// The same with nothing but what must be there, and a pattern that is quickly compiled.
  static let small: String = {
    let tokens = (0..<256).map { [UInt8($0)] } + [Array("ab".utf8)]
    let vocabulary = tokens.enumerated().map { rank, token in
      #"{"rank":\#(rank),"token_bytes":"\#(RankLines.base64(token))"}"#
    }
    return #"{"config":{"pattern":"a+","default_vocab_size":281,"default_num_special_tokens":24,"#
      + #""version":"v3"},"vocab":[\#(vocabulary.joined(separator: ","))]}"#
  }()

  private func load(_ text: String) throws(TokenizerLoadingError) -> Tokenizer {
    try TekkenFormat.load(Array(text.utf8), file: "tekken.json")
  }

  @Test func `special tokens come first and ranks end at the vocabulary's size`() throws {
    let tokenizer = try load(Self.whole)
    #expect(TekkenFormat.recognizes(Array(Self.whole.utf8)))
    #expect(try tokenizer.encode("abc").ids == [280, 123])
    #expect(try tokenizer.encode("ab", addsSpecialTokens: true).ids == [1, 280])
    #expect(try tokenizer.encode("<s>ab").ids == [139, 280])
    #expect(tokenizer.identifier(of: "[TOOL_CONTENT]") == 19)
    #expect(tokenizer.identifier(of: "<SPECIAL_23>") == 23)
    #expect(tokenizer.identifierBound == 281)
    #expect(try tokenizer.decode([1, 280, 2]) == "<s>ab</s>")
    #expect(try tokenizer.decode([1, 280, 2], skippingSpecialTokens: true) == "ab")
    #expect(try tokenizer.decode([250, 154, 196]) == "\u{20AC}")
    let apart = try tokenizer.decode([250, 154, 2, 196], skippingSpecialTokens: true)
    #expect(Array(apart.utf8) == Array("\u{FFFD}\u{FFFD}".utf8))
  }

  @Test func `the file's special tokens replace the fixed ones`() throws {
    let text = Edit.replacing(
      "\"image\"", in: Self.whole,
      with: """
        "special_tokens": [{"rank": 0, "token_str": "<a>", "is_control": true},
        {"rank": 1, "token_str": "<s>", "is_control": true}], "image"
        """)
    let tokenizer = try load(text)
    #expect(tokenizer.token(0) == "<a>")
    #expect(tokenizer.token(2) == "<SPECIAL_2>")
  }

  /// A change to the whole file, and the message that it must give.
  static let broken: [(find: String, replace: String, message: String)] = [
    (
      "\"v3\"", "\"v4\"",
      "config.version: 'v4' is no version that we know; known are v1, v2, v3, v7, v11, v13, v15"
    ),
    (
      "\"v3\"", "\"v11\"",
      "special_tokens: there is none, and files after v7 must have one; "
        + "take a newer file of the model"
    ),
    (
      "281", "283",
      "config.default_vocab_size: 259 ranks are asked for, the file has 258; the file is not whole"
    ),
    ("281", "20", "config.default_vocab_size: 20 is less than the 24 special tokens"),
    ("281", "255", "vocab: the byte 231 has no token of its own; the file is not whole"),
    (
      "tokens\": 24", "tokens\": 12",
      "special_tokens: there are 20 special tokens, config.default_num_special_tokens is 12"
    ),
    (
      "tokens\": 24", "tokens\": 2000000000",
      "config.default_num_special_tokens: 2000000000 special tokens are more than any model has; "
        + "at most 65536 are supported"
    ),
    ("\"YWI=\"", "\"YW\"", "vocab[256]: this is no Base64"),
    ("\"YWI=\"", "\"YQ==\"", "vocab[256]: another rank has the same token"),
    (
      "\"rank\": 256", "\"rank\": 300",
      "vocab[256]: the rank must be 256, as ranks are listed in order"
    ),
    ("{\"image_patch_size\": 16}", "7", "image: expected an object, found a number"),
    (
      "\"image\"", "\"model_settings_builder\"",
      "model_settings_builder: files before v15 have no such section"
    ),
  ]

  @Test func `what cannot be used is refused with its place`() {
    for (find, replacement, message) in Self.broken {
      let error = #expect(throws: TokenizerLoadingError.self, "\(message)") {
        try load(Edit.replacing(find, in: Self.whole, with: replacement))
      }
      #expect(error?.description == "tekken.json: " + message)
    }
  }
}
