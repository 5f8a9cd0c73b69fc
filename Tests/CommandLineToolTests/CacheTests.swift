// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@Suite("The tool's cache") struct CacheTests {
  @Test func `a tokenizer is compiled once and used from then on`() throws {
    let source = #"{"model": {"vocab": {"a": 0, "b": 1, "ab": 2}, "merges": ["a b"]}}"#
    try Tool.withFile("tokenizer.json", source) { (path: String) throws in
      Thread.sleep(forTimeInterval: 0.08)
      let folder = path + ".cache"
      for _ in 0..<2 {
        let answer = try Tool.run(
          "tokenize", "--tokenizer", path, "--cache", folder, "--ids", "--text", "abb")
        #expect(answer.status == 0 && answer.errors.isEmpty)
        #expect(answer.output == "[2, 1]\n")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 1)
      }
    }
  }
}
