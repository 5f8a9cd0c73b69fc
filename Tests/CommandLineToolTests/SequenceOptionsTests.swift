// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// What is expected is what Python's tokenizers 0.23.3 gives for the same file.
@Suite("dialect tokenize: pairs, cutting and filling up") struct SequenceOptionsTests {
  private func run(_ arguments: String..., input: String = "") throws -> Tool.Answer {
    try Tool.withFile("tokenizer.json", TokenizeCommandTests.tokenizer) { (path: String) throws in
      try Tool.run(
        ["tokenize", "--tokenizer", path, "--add-special"] + arguments, input: Data(input.utf8))
    }
  }

  @Test func `a pair has type ids and offsets in both texts`() throws {
    #expect(
      try run("--text", "ab b", "--pair", "a", "--json").output == """
        {"ids": [2, 3, 1, 0], "tokens": ["ab", " ", "b", "a"], \
        "offsets": [[0, 2], [2, 3], [3, 4], [0, 1]], \
        "scalar_offsets": [[0, 2], [2, 3], [3, 4], [0, 1]], "type_ids": [0, 0, 0, 1], \
        "attention_mask": [1, 1, 1, 1], "special_tokens_mask": [0, 0, 0, 0]}

        """)
    let lines = #"{"text": "ab b", "pair": "a"}"# + "\n" + #"{"text": "a", "pair": 1}"#
    #expect(
      try run("--jsonl", input: lines).output == """
        {"ids": [2, 3, 1, 0]}
        {"error": "'pair' is no text"}

        """)
  }

  @Test func `what is cut off is told, and shares a stride`() throws {
    let cut = try run("--text", "abbab", "--max-length", "3", "--stride", "1", "--json").output
    #expect(cut.hasPrefix(#"{"ids": [4, 2, 1], "tokens": ["<s>", "ab", "b"], "#))
    #expect(
      cut.contains(
        #""overflowing": [{"ids": [4, 1, 2], "tokens": ["<s>", "b", "ab"], "#
          + #""offsets": [[0, 0], [2, 3], [3, 5]], "#))
    #expect(
      try run(
        "--text", "abab ", "--pair", "bb", "--max-length", "3", "--truncation", "only_first",
        "--truncation-side", "left", "--ids"
      ).output == "[3, 1, 1]\n")
  }

  @Test func `encodings are filled up to a length or a multiple`() throws {
    let filled = try run(
      "--text", "ab", "--pad-to", "5", "--pad-token", "<s>", "--padding-side", "left", "--json"
    ).output
    #expect(filled.hasPrefix(#"{"ids": [4, 4, 4, 4, 2], "#))
    #expect(filled.contains(#""attention_mask": [0, 0, 0, 1, 1]"#))
    #expect(
      try run("--text", "abb", "--pad-to-multiple-of", "4", "--pad-token", "<s>", "--ids").output
        == "[4, 2, 1, 4]\n")
  }

  @Test func `options that mean nothing alone are a matter of usage`() throws {
    for (arguments, message) in [
      (["--stride", "1"], "cutting needs --max-length"),
      (["--pad-token", "a"], "filling up needs --pad-to or --pad-to-multiple-of"),
      (["--pad-to", "4"], "the tokenizer names no padding; name a token with --pad-token"),
      (["--pad-to", "4", "--pad-token", "z"], "the tokenizer has no token 'z'"),
    ] {
      let answer = try Tool.withFile("tokenizer.json", TokenizeCommandTests.tokenizer) {
        (path: String) throws in
        try Tool.run(["tokenize", "--tokenizer", path, "--text", "a"] + arguments, input: Data())
      }
      #expect(answer.status == 2)
      #expect(answer.errors.contains(message), "\(answer.errors)")
    }
  }
}
