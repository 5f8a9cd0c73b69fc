// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@Suite("dialect convert") struct ConvertCommandTests {
  @Test func `a rank file needs its encoding`() throws {
    let letters = (0..<256).map { Data([UInt8($0)]).base64EncodedString() + " \($0)" }
    let ranks = (letters + ["aGk= 256"]).joined(separator: "\n")
    try Tool.withFile("ranks.tiktoken", ranks) { (path: String) throws in
      let refused = try Tool.run("convert", path, "--to", "tokenizer.json")
      #expect(refused.status == 3)
      #expect(refused.errors.contains("a rank file does not say which encoding it is of"))
    }
  }

  @Test func `a tokenizer.json is written whole and reads back`() throws {
    let source = #"""
      {"model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": ["a b"]},
       "added_tokens": [{"id": 3, "content": "<s>", "special": true, "normalized": false}]}
      """#
    try Tool.withFile("tokenizer.json", source) { (path: String) throws in
      let output = path + ".converted"
      let answer = try Tool.run("convert", path, "--to", "tokenizer.json", "--output", output)
      #expect(answer.status == 0 && answer.output.isEmpty && answer.errors.isEmpty)
      let ids = try Tool.run(
        "tokenize", "--tokenizer", output, "--parse-special", "--ids", "--text", "ab<s>b")
      #expect(ids.output == "[2, 3, 1]\n")
    }
  }

  @Test func `an unknown target is a usage error that lists the known ones`() throws {
    let answer = try Tool.run("convert", "x", "--to", "tokeniser.json")
    #expect(answer.status == 2)
    #expect(answer.errors.contains("tokenizer.json"))
  }
}
