// SPDX-License-Identifier: Apache-2.0

import Foundation
import OrderedJSON
import TestSupport
import Testing
import TextPrimitives

@Suite("Commands that run a model") struct ModelCommandTests {
  private let question = #"[{"role": "user", "content": "copy tal"}]"#

  @Test func `generate streams an answer, byte for byte`() throws {
    let answer = try Tool.run("generate", "--model", "tiny-inst", input: question)
    #expect(answer.errors == "")
    #expect(answer.output == "tal")
    let timed = try Tool.run("generate", "--timing", "--threads", "2", input: question)
    #expect(timed.output == "tal")
    #expect(timed.errors.hasPrefix("prompt: 11 tokens, "))
    #expect(timed.errors.hasSuffix(" tokens/s\n"))
  }

  @Test func `generate gives the reply as a message`() throws {
    let answer = try Tool.run(
      "generate", "--model", "tiny-inst", "--json", "--max-tokens", "2", input: question)
    let value = try JSONValue(parsing: answer.output)
    #expect(value["message"]?["content"]?.string == "ta")
    #expect(value["message"]?["role"]?.string == "assistant")
    #expect(value["ending"]?.string == "length")
    #expect(value["ids"]?.array?.count == 2)
    let stopped = try Tool.run("generate", "--stop", "al", input: question)
    #expect(stopped.output == "t")
  }

  @Test func `chat answers every line and remembers`() throws {
    let talk = try Tool.run(
      "generate", "--model", "tiny-inst", "--chat", input: "copy tal\n\nagain, backwards\n")
    #expect(talk.errors == "")
    #expect(talk.output == "tal\nlat\n")
  }

  @Test func `score prints the tokens and the loss, and compares dialects`() throws {
    let conversation = """
      [{"role": "user", "content": "copy tal"}, {"role": "assistant", "content": "tal"}]
      """
    let table = try Tool.run("score", "--model", "tiny-inst", input: conversation)
    #expect(table.errors == "")
    #expect(table.output.hasPrefix("token"))
    #expect(table.output.contains("[INST]"))
    #expect(table.output.contains(" over 4 of "))
    let compared = try Tool.run(
      "score", "--model", "tiny-inst", "--dialects", "mistral-v3-tekken,llama-3,mistral-v7",
      "--json", input: conversation)
    let rows = try #require(try JSONValue(parsing: compared.output).array)
    #expect(rows.count == 3)
    func loss(_ row: JSONValue) -> Double? {
      if case .double(let value) = row["loss"] { value } else { nil }
    }
    let (own, other) = (try #require(loss(rows[0])), try #require(loss(rows[1])))
    #expect(own < other)
    let plain = try Tool.run(
      "score", "--dialects", "mistral-v3-tekken,llama-3", input: conversation)
    #expect(plain.output.split(separator: "\n").count == 3)
  }

  @Test func `mistakes have their exit status`() throws {
    let usage = try Tool.run("generate", "--temperature", "-1", input: question)
    #expect(usage.status == 2)
    let missing = try Tool.run("generate", "--model", "/nonexistent", input: question)
    #expect(missing.status == 3)
    let nothing = try Tool.run("score", input: question)
    #expect(nothing.status == 1)
    #expect(nothing.errors.contains("add an assistant's message"))
    let long = #"[{"role": "user", "content": "\#(String(repeating: "a", count: 600))"}]"#
    let tooLong = try Tool.run("generate", input: long)
    #expect(tooLong.status == 1)
    #expect(tooLong.errors.contains("the model was made for at most 512"))
  }

  @Test func `bench forward measures a folder's model and a GGUF file`() throws {
    let folder = "\(Fixtures.packageRoot)/Tests/Fixtures/Transformer/llama"
    for path in [folder, folder + "/model.gguf"] {
      let answer = try Tool.run(
        "bench", "forward", "--model", path, "--prompt", "8", "--tokens", "2", "--passes", "1",
        "--json")
      #expect(answer.errors == "")
      let value = try JSONValue(parsing: answer.output)
      #expect(value["decode_tokens_s"] != nil)
    }
  }
}
