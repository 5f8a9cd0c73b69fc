// SPDX-License-Identifier: Apache-2.0

import Testing
import TextPrimitives
import Tokenization
import TokenizerFormats

/// A small file of each format, to be damaged.
struct DamageSample: Sendable, CustomTestStringConvertible {
  let name: String
  let bytes: [UInt8]
  let load: @Sendable ([UInt8]) throws(TokenizerLoadingError) -> Tokenizer

  var testDescription: String { name }

  static let all: [DamageSample] = [
    DamageSample(name: "tokenizer.json", bytes: Array(TokenizerJSONTests.whole.utf8)) {
      bytes throws(TokenizerLoadingError) in
      try Tokenizer(tokenizerJSON: bytes, name: "t")
    },
    DamageSample(name: "tokenizer.model", bytes: SentencePieceTests.model()) {
      bytes throws(TokenizerLoadingError) in
      try SentencePieceFormat.load(bytes, file: "t")
    },
    DamageSample(name: "rank file", bytes: Array(TiktokenFormatTests.whole.utf8)) {
      bytes throws(TokenizerLoadingError) in
      try Tokenizer(tiktoken: bytes, name: "t", pattern: #"\S+"#)
    },
    DamageSample(name: "tekken.json", bytes: Array(TekkenFormatTests.small.utf8)) {
      bytes throws(TokenizerLoadingError) in
      try TekkenFormat.load(bytes, file: "t")
    },
    DamageSample(name: "GGUF, scored", bytes: GGUFSample.scored) {
      bytes throws(TokenizerLoadingError) in
      try GGUFTokenizerFormat.load(bytes, file: "t")
    },
    DamageSample(name: "GGUF, byte-level", bytes: GGUFSample.byteLevel) {
      bytes throws(TokenizerLoadingError) in
      try GGUFTokenizerFormat.load(bytes, file: "t")
    },
    DamageSample(name: "vocab.json", bytes: Array(LegacyBPEFormatTests.vocabulary.utf8)) {
      bytes throws(TokenizerLoadingError) in
      try LegacyBPEFormat.load(
        vocabulary: bytes, merges: Array(LegacyBPEFormatTests.merges.utf8), vocabularyFile: "t")
    },
    DamageSample(name: "merges.txt", bytes: Array(LegacyBPEFormatTests.merges.utf8)) {
      bytes throws(TokenizerLoadingError) in
      try LegacyBPEFormat.load(
        vocabulary: Array(LegacyBPEFormatTests.vocabulary.utf8), merges: bytes, mergesFile: "t")
    },
  ]
}

/// Writes GGUF files that hold nothing but a tokenizer.
struct GGUFSample {
  private(set) var entries: [UInt8] = []
  private(set) var count = 0

  var bytes: [UInt8] {
    Array("GGUF".utf8) + Self.little(UInt32(3)) + Self.little(UInt64(0))
      + Self.little(UInt64(count)) + entries
  }

  static func little<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    (0..<MemoryLayout<Value>.size).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
  }

  static func string(_ text: String) -> [UInt8] {
    little(UInt64(text.utf8.count)) + Array(text.utf8)
  }

  mutating func add(_ key: String, type: UInt32, _ value: [UInt8]) {
    entries += Self.string("tokenizer.ggml.\(key)") + Self.little(type) + value
    count += 1
  }

  mutating func add(_ key: String, strings: [String]) {
    add(
      key, type: 9,
      Self.little(UInt32(8)) + Self.little(UInt64(strings.count)) + strings.flatMap(Self.string))
  }

  mutating func add(_ key: String, numbers: [Int32]) {
    add(
      key, type: 9,
      Self.little(UInt32(5)) + Self.little(UInt64(numbers.count)) + numbers.flatMap(Self.little))
  }

  /// Pieces with scores: `<unk>`, `<s>`, a byte, `▁`, `a`, `b`, `▁a`, `ab`.
  static let scored: [UInt8] = {
    var file = GGUFSample()
    file.add("model", type: 8, string("llama"))
    file.add("tokens", strings: ["<unk>", "<s>", "<0x0A>", "▁", "a", "b", "▁a", "ab"])
    let scores: [Float] = [0, 0, 0, -3, -4, -5, -2, -1]
    file.add(
      "scores", type: 9,
      little(UInt32(6)) + little(UInt64(scores.count)) + scores.flatMap { little($0.bitPattern) })
    file.add("token_type", numbers: [2, 3, 6, 1, 1, 1, 1, 1])
    file.add("bos_token_id", type: 4, little(UInt32(1)))
    file.add("add_bos_token", type: 7, [1])
    return file.bytes
  }()

  /// Letters with merges.
  static let byteLevel: [UInt8] = {
    var file = GGUFSample()
    file.add("model", type: 8, string("gpt2"))
    file.add("pre", type: 8, string("gpt-2"))
    file.add("tokens", strings: ["a", "b", "Ġ", "ab", "<|end|>"])
    file.add("token_type", numbers: [1, 1, 1, 1, 3])
    file.add("merges", strings: ["a b"])
    return file.bytes
  }()
}
