// SPDX-License-Identifier: Apache-2.0

import Testing
import TextPrimitives
import Tokenization
import TokenizerFormats

/// Damaged files end with a typed error or with a tokenizer that works, never with a crash.
@Suite("Damaged files") struct DamageTests {
  @Test(arguments: DamageSample.all)
  func `cut at every length`(sample: DamageSample) throws {
    try use(try sample.load(sample.bytes))
    for length in sample.bytes.indices {
      try tryLoading(Array(sample.bytes.prefix(length)), sample, "\(length) bytes")
    }
  }

  @Test(arguments: DamageSample.all)
  func `with every byte flipped`(sample: DamageSample) throws {
    for place in sample.bytes.indices {
      let bit: UInt8 = 0x80 >> UInt8(place % 8)
      // Files that must hold a token for each byte are long: each of their bytes is flipped once.
      let masks = sample.bytes.count < 2000 ? [0xFF, bit] : [place % 2 == 0 ? 0xFF : bit]
      for mask in masks {
        var bytes = sample.bytes
        bytes[place] ^= mask
        try tryLoading(bytes, sample, "byte \(place)")
      }
    }
  }

  private func tryLoading(_ bytes: [UInt8], _ sample: DamageSample, _ damage: String) throws {
    let tokenizer: Tokenizer
    do throws(TokenizerLoadingError) {
      tokenizer = try sample.load(bytes)
    } catch {
      #expect(error.description.utf8.starts(with: "t:".utf8) || error.file != "t", "\(damage)")
      return
    }
    try use(tokenizer)
  }

  /// Encodes and decodes; errors that name an id or a text are fine.
  private func use(_ tokenizer: Tokenizer) throws {
    let encoding = try? tokenizer.encode(
      "ab a <s>é\n<|end|>", special: .allowAll, addsSpecialTokens: true)
    _ = try? tokenizer.decode(encoding?.ids ?? [])
    _ = try? tokenizer.decode((0..<8).map { $0 }, skippingSpecialTokens: true)
  }

  @Test func `a token that is no UTF-8 is named`() {
    let text = Array("\"ab\": 2".utf8)
    var bytes = Array(TokenizerJSONTests.whole.utf8)
    let place = (0..<bytes.count).first { bytes[$0...].starts(with: text) } ?? 0
    bytes[place + 1] = 0xC3
    let error = #expect(throws: TokenizerLoadingError.self) {
      try Tokenizer(tokenizerJSON: bytes, name: "t")
    }
    #expect(error?.description == "t:4:54: bytes that are not UTF-8; save the file as UTF-8")
    var gguf = GGUFSample()
    gguf.add("model", type: 8, GGUFSample.string("gpt2"))
    gguf.add(
      "tokens", type: 9,
      GGUFSample.little(UInt32(8)) + GGUFSample.little(UInt64(2)) + GGUFSample.string("a")
        + GGUFSample.little(UInt64(1)) + [0xFF])
    let damaged = #expect(throws: TokenizerLoadingError.self) {
      try GGUFTokenizerFormat.load(gguf.bytes, file: "t")
    }
    #expect(
      damaged?.description == "t: tokenizer.ggml.tokens[1]: not UTF-8; the file is damaged")
  }

  @Test func `merges may be listed twice and lead back, and still end`() throws {
    let tokenizer = try Tokenizer(
      tokenizerJSON: Array(
        """
        {"model": {"type": "BPE", "continuing_subword_prefix": "#",
         "vocab": {"a": 0, "#": 1, "#a": 2, "aa": 3},
         "merges": ["a #a", "a #", "a #a", "a #"]}}
        """.utf8), name: "t")
    #expect(try tokenizer.encode("aa").ids == [3])
    #expect(try tokenizer.encode("aaaa").ids == [3, 2, 2])
    let twice = try LegacyBPEFormat.load(
      vocabulary: Array(LegacyBPEFormatTests.vocabulary.utf8),
      merges: Array((LegacyBPEFormatTests.merges + LegacyBPEFormatTests.merges).utf8))
    let once = try LegacyBPEFormat.load(
      vocabulary: Array(LegacyBPEFormatTests.vocabulary.utf8),
      merges: Array(LegacyBPEFormatTests.merges.utf8))
    #expect(try twice.encode("ab abab").ids == once.encode("ab abab").ids)
  }
}
