// SPDX-License-Identifier: Apache-2.0

import Testing
import TextPrimitives
import Tokenization
import TokenizerFormats

@Suite("vocab.json and merges.txt") struct LegacyBPEFormatTests {
  static let vocabulary = """
    {"a": 0, "b": 1, "\u{120}": 2, "ab": 3, "\u{120}ab": 4, "<|endoftext|>": 5}
    """
  static let merges = "#version: 0.2\na b\n\u{120} ab\n"

  private func load(_ vocabulary: String, _ merges: String) throws(TokenizerLoadingError)
    -> Tokenizer
  {
    try LegacyBPEFormat.load(vocabulary: Array(vocabulary.utf8), merges: Array(merges.utf8))
  }

  @Test func `encodes words with their spaces, and finds the control token`() throws {
    let tokenizer = try load(Self.vocabulary, Self.merges)
    let encoding = try tokenizer.encode("ab ab<|endoftext|>", special: .allowAll)
    #expect(encoding.ids == [3, 4, 5])
    #expect(tokenizer.isSpecial(5))
    #expect(!tokenizer.isSpecial(4))
    #expect(try tokenizer.decode([3, 4, 5], skippingSpecialTokens: true) == "ab ab")
  }

  /// Both files, and the message that they must give.
  static let broken: [(vocabulary: String, merges: String, message: String)] = [
    (
      vocabulary, "a b c\n",
      "merges.txt:1: a line must name two tokens; write them with one space between"
    ),
    (vocabulary, "#version\nab\n", "merges.txt:2: a line must name two tokens; "),
    (vocabulary, "a x\n", "merges.txt:1: 'x' is not in the vocabulary; "),
    (vocabulary, "b a\n", "merges.txt:1: 'ba' is not in the vocabulary; "),
    (
      #"{"a": 0, "b": 1}"#, "",
      "vocab.json: 'Ġ' is no token, so this is not byte-level; convert the model"
    ),
    (#"{"a": 0, "b": 0}"#, "", "vocab.json: 'b' has the id 0, which another token has"),
    (#"{"a": 0, "b": -1}"#, "", "vocab.json: 'b' has the id -1, but there are 2 tokens"),
    (#"{"a": 2000000000}"#, "", "vocab.json: 'a' has the id 2000000000, but there are 1 tokens"),
    (#"{"a": 0, "a": 1}"#, "", "vocab.json: the ids "),
    (#"{"a": "0"}"#, "", "vocab.json:1:7: "),
    (#"["a"]"#, "", "vocab.json:1:1: "),
  ]

  @Test func `what cannot be used is refused with its place`() {
    for (vocabulary, merges, message) in Self.broken {
      let error = #expect(throws: TokenizerLoadingError.self, "\(message)") {
        try load(vocabulary, merges)
      }
      #expect(error?.description.hasPrefix(message) == true, "\(error?.description ?? "")")
    }
  }

  @Test func `truncated or flipped bytes never crash`() {
    let vocabulary = Array(Self.vocabulary.utf8)
    let merges = Array(Self.merges.utf8)
    for length in vocabulary.indices {
      #expect(throws: TokenizerLoadingError.self, "\(length) bytes") {
        try LegacyBPEFormat.load(vocabulary: Array(vocabulary.prefix(length)), merges: merges)
      }
      var flipped = vocabulary
      flipped[length] ^= 0x80 >> UInt8(length % 8)
      _ = try? LegacyBPEFormat.load(vocabulary: flipped, merges: merges)
    }
    for length in merges.indices {
      var flipped = merges
      flipped[length] ^= 0x80 >> UInt8(length % 8)
      _ = try? LegacyBPEFormat.load(vocabulary: vocabulary, merges: flipped)
      _ = try? LegacyBPEFormat.load(vocabulary: vocabulary, merges: Array(merges.prefix(length)))
    }
  }
}
