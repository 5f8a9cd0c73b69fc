// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import PromptChecks
import Testing
import TextPrimitives

@Suite("Two sides") struct PromptComparisonTests {
  private func compare(_ left: String, _ right: String, _ request: JSONObject) throws
    -> PromptComparison
  {
    PromptComparison(
      try PromptSide(.init(left)), try PromptSide(.init(right)), name: "c", request: request)
  }

  private let question: JSONValue = ["role": "user", "content": "Hi"]

  @Test func `equal prompts have no cause`() throws {
    let comparison = try compare("chatml", "chatml", ["messages": [question]])
    #expect(comparison.isEqual)
    #expect(comparison.detail().text(isColored: false).isEmpty)
  }

  @Test func `causes are told apart`() throws {
    let system: JSONValue = ["role": "system", "content": "Be brief."]
    let thought: JSONValue = [
      "role": "assistant", "reasoning_content": "Hm.", "content": "Yes.",
    ]
    let tools: JSONValue = [
      ["type": "function", "function": ["name": "f", "parameters": ["type": "object"]]]
    ]
    #expect(
      try compare("llama-3", "llama-3.1", ["messages": [system, question]]).causes
        == [.systemPlacement])
    #expect(
      try compare("qwen2.5", "qwen3", ["messages": [question, thought]]).causes
        .contains(.reasoningHistory))
    #expect(
      try compare("qwen2.5", "qwen2.5", ["messages": [question], "tools": tools]).isEqual)
    #expect(
      try compare("llama-3.1", "qwen2.5", ["messages": [question], "tools": tools]).causes
        .contains(.toolSerialization))
    #expect(
      try compare("llama-3", "llama-3-models", ["messages": [["role": "user", "content": " x "]]])
        .causes == [.whitespace])
    #expect(
      try compare("gemma-2", "llama-3", ["messages": [system, question]]).causes == [.refusal])
  }

  @Test func `a token at the beginning is a cause of its own`() throws {
    let comparison = try compare("llama-2-base", "qwen3-base", ["messages": [question]])
    #expect(comparison.causes == [.begin])
    #expect(
      comparison.detail().text(isColored: false)
        == "    token 0: bos\n      - <s>\n      = Hi\n")
  }
}
