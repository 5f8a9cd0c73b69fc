// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@Suite("dialect with a rank file of one's own") struct RankFileOptionsTests {
  /// All bytes and "ab".
  private static let ranks =
    (0..<256).map { "\(Data([UInt8($0)]).base64EncodedString()) \($0)\n" }.joined() + "YWI= 256\n"

  @Test func `pattern and special tokens stand on the command line`() throws {
    try Tool.withFile("own.tiktoken", Self.ranks) { (path: String) throws in
      let options = ["--pattern", #"\p{L}+|\P{L}"#, "--special-token", "<|end|>=257"]
      let answer = try Tool.run(
        ["tokenize", "--tokenizer", path, "--text", "ab c<|end|>", "--parse-special", "--ids"]
          + options, input: Data())
      #expect(answer.output == "[256, 32, 99, 257]\n", "\(answer.errors)")
      let converted = try Tool.run(
        ["convert", path, "--to", "tokenizer.json"] + options, input: Data())
      #expect(converted.status == 0, "\(converted.errors)")
      #expect(converted.output.contains("<|end|>"))
      let nameless = try Tool.run("tokenize", "--tokenizer", path, "--text", "a")
      #expect(nameless.status == 3)
      #expect(nameless.errors.contains("name the encoding: r50k_base, p50k_base, "))
    }
  }

  @Test func `a pattern and an encoding exclude each other`() throws {
    for (arguments, message) in [
      (["--pattern", "a", "--encoding", "gpt2"], "--encoding and --pattern exclude each other"),
      (["--special-token", "a=1"], "--special-token needs --pattern"),
      (["--pattern", "a", "--special-token", "a"], "--special-token is a token and its id"),
    ] {
      let answer = try Tool.run(["tokenize", "--text", "a"] + arguments, input: Data())
      #expect(answer.status == 2)
      #expect(answer.errors.contains(message), "\(answer.errors)")
    }
  }
}
