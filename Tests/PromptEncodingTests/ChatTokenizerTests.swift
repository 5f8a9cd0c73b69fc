// SPDX-License-Identifier: Apache-2.0

import ChatTemplates
import OrderedJSON
import PromptEncoding
import TestSupport
import Testing
import TextPrimitives
import Tokenization
import TokenizerFormats

@Suite("ChatTokenizer") struct ChatTokenizerTests {
  private static let available = Conformance.has("vocab/qwen3/tokenizer.json")

  @Test(
    "limits and padding keep the turns whole",
    .enabled(if: available, "needs the conformance corpus"))
  func limits() throws {
    let tokenizer = try Tokenizer(contentsOf: Conformance.root + "/vocab/qwen3/tokenizer.json")
    let chat = ChatTokenizer(
      tokenizer: tokenizer, template: try ChatTemplate(family: "chatml"), eosToken: "<|im_end|>",
      padToken: "<|endoftext|>")
    let long = Conversation([
      Message(.system, "Be brief."), Message(.user, "first question"), Message(.assistant, "yes"),
      Message(.user, "second question"),
    ])
    let options = RenderOptions(addGenerationPrompt: true)
    let whole = try chat.applyChatTemplate(long, options: options)
    let limit = whole.ids.count - 1

    #expect(throws: PromptEncodingError.self) {
      _ = try chat.applyChatTemplate(long, options: options, limits: .init(maximumCount: limit))
    }
    let dropped = try chat.applyChatTemplate(
      long, options: options, limits: .init(maximumCount: limit, truncation: .dropOldTurns))
    let text = try tokenizer.decode(dropped.ids)
    #expect(text.contains("Be brief.") && text.contains("second") && !text.contains("first"))
    #expect(text.utf8.reversed().starts(with: "assistant\n".utf8.reversed()))
    let cut = try chat.applyChatTemplate(
      long, options: options, limits: .init(maximumCount: limit, truncation: .cutEnd))
    #expect(cut.ids == Array(whole.ids.prefix(limit)))

    let short = Conversation([Message(.user, "Hi")])
    let batch = try chat.applyChatTemplate(
      [long, short], options: options, padding: .init(side: .left))
    #expect(batch.ids[0].count == batch.ids[1].count)
    #expect(batch.attentionMask[1].first == false && batch.attentionMask[1].last == true)
    #expect(batch.ids[1].first == tokenizer.identifier(of: "<|endoftext|>"))
  }
}

@Suite("A template with a tokenizer that is not its model's") struct TokenizerMismatchTests {
  @Test func `a control token that is no single token is an error at load`() throws {
    let built = BuiltInVocabulary.byteLevel
    let tokenizer = try Tokenizer(tokenizerJSON: built.tokenizerJSON, name: built.rawValue)
    _ = try ChatTokenizer(tokenizer: tokenizer, family: "llama-3")
    let template = try ChatTemplate(
      yaml: """
        format: "dialect/1"
        family: "mine"
        source: {model: "m", date: "2026-01-01"}
        variant: chat
        turns: {any: {body: [{when: last_turn, then: [{ctl: "<|no_such_token|>"}]}]}}
        """, fileName: "mine.yaml")
    #expect {
      try PromptEncoder(tokenizer).check(template)
    } throws: { error in
      "\(error)".hasPrefix(
        "mine.yaml:5:53: the template's control token '<|no_such_token|>' is no single token")
    }
  }
}
