// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization
import TestSupport
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

  @Test func `processes at the same time leave one whole file, also where it was damaged`() throws {
    let folder = Fixtures.packageRoot + "/vocab/byte-level/"
    let source = try String(contentsOfFile: folder + "tokenizer.json", encoding: .utf8)
    let arguments = ["--ids", "--text", "Processes at the same time, 12345 of them"]
    try Tool.withFile("tokenizer.json", source) { (path: String) throws in
      Thread.sleep(forTimeInterval: 0.08)
      let expected = try Tool.run(["tokenize", "--tokenizer", path] + arguments, input: Data())
      #expect(expected.status == 0 && expected.output.count > 20)
      let cache = path + ".cache"
      var whole: Data?
      for damage in [Damage.none, .flipped, .cut, .empty] {
        if let whole {
          try damage.apply(to: whole).write(to: try entry(in: cache))
        }
        let answers = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: 6) { _ in
          let answer = try? Tool.run(
            ["tokenize", "--tokenizer", path, "--cache", cache] + arguments, input: Data())
          answers.withLock { $0.append((answer?.output ?? "") + (answer?.errors ?? "")) }
        }
        #expect(answers.withLock { $0 } == Array(repeating: expected.output, count: 6))
        #expect(try FileManager.default.contentsOfDirectory(atPath: cache).count == 1)
        let left = try Data(contentsOf: try entry(in: cache))
        #expect(left == whole ?? left, "\(damage)")
        whole = left
      }
    }
  }

  private func entry(in cache: String) throws -> URL {
    let names = try FileManager.default.contentsOfDirectory(atPath: cache)
    return URL(fileURLWithPath: cache).appendingPathComponent(try #require(names.first))
  }

  /// What happens to a file while nobody looks.
  private enum Damage {
    case none, flipped, cut, empty

    func apply(to whole: Data) -> Data {
      var bytes = whole
      switch self {
      case .none: break
      case .flipped: bytes[bytes.count / 2] ^= 0x10
      case .cut: bytes = whole.prefix(whole.count / 3)
      case .empty: bytes = Data()
      }
      return bytes
    }
  }
}
