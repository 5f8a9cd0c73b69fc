// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// Large files that are made to cost much more than their size.
@Suite("Hostile files") struct HostileFileTests {
  private static let size = 20 << 20

  /// 20 MB each, and what the tool must say of them.
  static let rankFiles: [(name: String, line: String, message: String)] = [
    ("one line of letters", "A", "the content is of no tokenizer format that we know"),
    ("one rank on every line", "IQ== 0\n", "the file has 2995931 tokens, cl100k_base has 100256"),
    ("one token on every line", "IQ== 12345678\n", "the file has 1497965 tokens"),
    ("empty lines", "IQ== 0\n\n\n\n\n\n\n\n\n\n\n\n\n\n", "the file has 1048576 tokens"),
  ]

  /// Memory that the tool writes to is bounded by the shell: what maps files is not counted.
  @Test(arguments: rankFiles)
  func `a rank file of 20 MB takes a small multiple of its size`(
    name: String, line: String, message: String
  ) throws {
    let text = String(repeating: line, count: Self.size / line.utf8.count)
    try Tool.withFile("ranks.tiktoken", text) { (path: String) throws in
      let answer = try Tool.run(
        ["tokenize", "--tokenizer", path, "--encoding", "cl100k_base", "--text", "a"],
        input: Data(), memoryLimit: 90 << 20)
      #expect(answer.status == 3, "\(name)")
      #expect(answer.errors.contains(message), "\(name): \(answer.errors.prefix(300))")
    }
  }

  /// 20 MB each that are read, and how often the smallest part stands in them.
  static let files: [(name: String, start: String, part: String, end: String)] = [
    ("an unknown section", #"{"x":[0"#, ",0", #"],"model":{"vocab":{"a":0},"merges":[]}}"#),
    (
      "one merge again and again",
      #"{"model":{"vocab":{"a":0,"b":1,"ab":2},"merges":["a b""#, #","a b""#, "]}}"
    ),
  ]

  @Test(arguments: files)
  func `a tokenizer.json of 20 MB takes a small multiple of its size`(
    name: String, start: String, part: String, end: String
  ) throws {
    let text = start + String(repeating: part, count: Self.size / part.utf8.count) + end
    try Tool.withFile("tokenizer.json", text) { (path: String) throws in
      let answer = try Tool.run(
        ["tokenize", "--tokenizer", path, "--text", "a", "--ids"], input: Data(),
        memoryLimit: 12 * Self.size)
      #expect(answer.output == "[0]\n", "\(name): \(answer.errors.prefix(300))")
    }
  }

  @Test func `the limit holds`() throws {
    let answer = try Tool.run(
      ["tokenize", "--text", "a"], input: Data(), memoryLimit: 4 << 20)
    #expect(answer.status != 0)
  }
}
