// SPDX-License-Identifier: Apache-2.0

import ChatTemplates
import PromptEncoding
import Testing
import Tokenization
import TokenizerFormats

@Suite("From sampled ids to the next turn") struct PromptContinuationTests {
  private static let conversation = Conversation([Message(.user, "What is 2+2?")])

  private func setUp(_ family: String) throws -> (ChatTemplate, Tokenizer, PromptEncoder) {
    let tokenizer = try Tokenizer(
      tokenizerJSON: BuiltInVocabulary.byteLevel.tokenizerJSON, name: "byte-level")
    return (try ChatTemplate(family: family), tokenizer, PromptEncoder(tokenizer))
  }

  /// The prompt, the next prompt after an answer, and the sampled ids: letter by letter, as no
  /// encoder would give them.
  private func turn(_ family: String, _ answer: String, end: String) throws -> (
    Prompt, Prompt, [TokenID], PromptEncoder
  ) {
    let (template, tokenizer, encoder) = try setUp(family)
    let options = RenderOptions(addGenerationPrompt: true)
    let prompt = try template.render(Self.conversation, options: options)
    var longer = Self.conversation
    longer.messages += [Message(.assistant, answer), Message(.user, "And 3+3?")]
    let next = try template.render(longer, options: options)
    var sampled: [TokenID] = []
    for letter in answer.unicodeScalars {
      sampled += try tokenizer.identifiers(of: Array(String(letter).utf8))
    }
    if let id = tokenizer.identifier(of: end) { sampled.append(id) }
    return (prompt, next, sampled, encoder)
  }

  @Test(arguments: [
    ("chatml", "<|im_end|>"), ("llama-3", "<|eot_id|>"), ("gemma-2", "<end_of_turn>"),
    ("phi-4", "<|im_end|>"),
  ])
  func `the answer stays as it was sampled, and the bridge leads on`(family: String, end: String)
    throws
  {
    let (prompt, next, sampled, encoder) = try turn(family, "It is four", end: end)
    let continuation = try encoder.continuation(of: prompt, sampled: sampled, to: next)
    #expect(continuation.keepsAnswer)
    let context = try encoder.encode(prompt).ids + sampled
    #expect(continuation.keptCount == context.count)
    let whole = try encoder.encode(next).ids
    #expect(whole.suffix(continuation.bridge.count) == continuation.bridge[...])
    #expect(context + continuation.bridge != whole)
    let (_, tokenizer, _) = try setUp(family)
    #expect(try tokenizer.decode(context + continuation.bridge) == next.text)
  }

  @Test func `an answer that the template changes is read anew from there`() throws {
    let (prompt, next, sampled, encoder) = try turn("llama-3", "  four", end: "<|eot_id|>")
    let continuation = try encoder.continuation(of: prompt, sampled: sampled, to: next)
    #expect(!continuation.keepsAnswer)
    let context = try encoder.encode(prompt).ids + sampled
    let ids = Array(context.prefix(continuation.keptCount)) + continuation.bridge
    #expect(try ids == encoder.encode(next).ids)
  }
}
