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

  @Test func `a conversation of one shape is written in another`() throws {
    let shared =
      #"{"conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Yo"}]}"#
    let openAI = try Tool.run("convert", "-", "--to", "openai", input: shared)
    #expect(openAI.status == 0 && openAI.output.contains(#""role": "assistant""#))
    let system =
      #"{"messages": [{"role": "system", "content": "S"}, {"role": "user", "content": "U"}]}"#
    let anthropic = try Tool.run("convert", "-", "--to", "anthropic", input: system)
    #expect(anthropic.output.contains(#""system": "S""#))
    let broken = try Tool.run(
      "convert", "-", "--to", "anthropic",
      input: #"{"messages": [{"role": "user"}, {"content": 1}]}"#)
    #expect(broken.status == 1 && broken.errors.contains("message 1: field 'role' is missing"))
  }

  @Test func `arguments of calls are written as OpenAI's API wants them, on request`() throws {
    let call = #"""
      {"messages": [{"role": "user", "content": "U"}, {"role": "assistant", "content": [
       {"type": "tool_use", "id": "c", "name": "f", "input": {"b": 1.0, "a": [2]}}]}]}
      """#
    let asObject = try Tool.run("convert", "-", "--to", "openai", input: call)
    let asString = try Tool.run(
      "convert", "-", "--to", "openai", "--tool-arguments", "string", input: call)
    #expect(asString.output.contains(#""arguments": "{\"b\": 1.0, \"a\": [2]}""#))
    let back = try Tool.run(
      "convert", "-", "--to", "openai", "--tool-arguments", "object", input: asString.output)
    #expect(back.output == asObject.output && back.output != asString.output)
    let other = try Tool.run(
      "convert", "-", "--to", "anthropic", "--tool-arguments", "string", input: call)
    #expect(other.status == 2 && other.errors.contains("for --to openai alone"))
  }

  @Test func `an unknown target is a usage error that lists the known ones`() throws {
    let answer = try Tool.run("convert", "x", "--to", "tokeniser.json")
    #expect(answer.status == 2)
    #expect(answer.errors.contains("tokenizer.json"))
  }
}
