// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TestSupport
import Testing
import TextPrimitives
import Tokenization
import TokenizerFormats

@Suite("GGUF tokenizers") struct GGUFTokenizerTests {
  @Test(
    .enabled(if: Conformance.isPresent, "needs the conformance corpus"),
    arguments: [
      ("gpt-2", "gpt2"), ("falcon", "falcon"), ("starcoder", "starcoder"), ("mpt", "mpt"),
      ("deepseek-coder", "deepseek-coder"), ("deepseek-llm", "deepseek-llm"),
      ("llama-spm", "llama-2"),
    ])
  func `a vocabulary encodes as the file that it was made from`(file: String, set: String) throws {
    let tokenizer = try Tokenizer(contentsOf: "\(Conformance.root)/vocab/gguf/\(file).gguf")
    for line in try Conformance.lines("vocab/encode/\(set).jsonl") {
      let text = line["text"]?.string?.string ?? ""
      let expected = (line["ids"]?.array ?? []).compactMap { $0.integer.map(TokenID.init) }
      #expect(try tokenizer.encode(text).ids == expected, "\(text.debugDescription)")
    }
  }
}
