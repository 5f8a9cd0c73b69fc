// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@Suite("dialect tokenize --next") struct NextTurnsTests {
  private static let asked = #"{"role": "user", "content": "What is 2+2?"}"#
  private static let answered =
    #"{"role": "assistant", "content": "4.", "reasoning_content": "Easy."}"#
  private static let more = #"{"role": "user", "content": "And 3+3?"}"#

  private func run(_ first: [String], _ second: [String], _ arguments: String...) throws
    -> Tool.Answer
  {
    let files = [
      "first.json": "[\(first.joined(separator: ","))]",
      "second.json": "[\(second.joined(separator: ","))]",
    ]
    return try Tool.withFolder("turns", files) { folder in
      try Tool.run(
        [
          "tokenize", "--family", "qwen3", "--input", folder + "/first.json", "--next",
          folder + "/second.json", "--json",
        ] + arguments, input: Data())
    }
  }

  private func report(_ answer: Tool.Answer) throws -> [String: Any] {
    try #require(
      try JSONSerialization.jsonObject(with: Data(answer.output.utf8)) as? [String: Any])
  }

  @Test func `tells what stays, and which line of the template changes the rest`() throws {
    let answer = try run([Self.asked, Self.answered], [Self.asked, Self.answered, Self.more])
    let report = try report(answer)
    let (tokens, kept) = (report["tokens"] as? Int, report["kept"] as? Int)
    #expect(tokens == 30 && kept == 17)
    #expect((report["first_change"] as? String)?.hasPrefix("message 1 (qwen3.yaml:") == true)
  }

  @Test func `bridges from sampled ids to the next turn`() throws {
    let plain = #"{"role": "assistant", "content": "4."}"#
    let ids = try Tool.run(
      "tokenize", "--family", "qwen3", "--text", "4.<|im_end|>", "--parse-special", "--ids")
    try Tool.withFolder("sampled", ["ids.txt": ids.output]) { folder in
      let answer = try run(
        [Self.asked], [Self.asked, plain, Self.more], "--add-generation-prompt", "--sampled",
        folder + "/ids.txt")
      let report = try report(answer)
      let bridge = report["bridge"] as? [Int] ?? []
      #expect(report["keeps_answer"] as? Bool == true, "\(answer)")
      #expect(bridge.count > 3 && report["first_change"] == nil)
    }
  }

  @Test func `refuses a conversation that does not begin as the first`() throws {
    let answer = try run([Self.asked], [Self.more, Self.asked])
    #expect(answer.status == 1)
    #expect(answer.errors.contains("--next must hold the messages of --input"))
  }
}
