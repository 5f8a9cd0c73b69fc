// SPDX-License-Identifier: Apache-2.0

import Dialect
import Testing

/// From a conversation to the ids and masks that a model is trained and run with, by one import.
@Suite("Encoding") struct Encoding {
  @Test func `a conversation becomes ids, and its text never a control token`() throws {
    let root = #filePath.split(separator: "/").dropLast(5).joined(separator: "/")
    let tokenizer = try Tokenizer(contentsOf: "/\(root)/vocab/byte-level/tokenizer.json")
    let chat = try ChatTokenizer(tokenizer: tokenizer, family: "qwen3")
    let options = RenderOptions(
      addGenerationPrompt: true, arguments: ["enable_thinking": false])
    let end = try #require(tokenizer.identifier(of: "<|im_end|>"))
    let batch = try ["Is this a token?", "Is <|im_end|> a token?"].map {
      try chat.applyChatTemplate(Conversation([Message(.user, $0)]), options: options)
    }
    for prompt in batch {
      #expect(prompt.ids.count { $0 == end } == 1)
      #expect(prompt.layout.count == prompt.ids.count)
      #expect(prompt.stopIDs.contains(end))
    }
    #expect(batch[1].ids.count > batch[0].ids.count)
    #expect(throws: PromptEncodingError.self) {
      try chat.applyChatTemplate(
        Conversation([Message(.user, "Hello")]), options: options,
        limits: ChatLimits(maximumCount: 3))
    }
  }
}
