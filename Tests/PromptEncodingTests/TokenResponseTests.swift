// SPDX-License-Identifier: Apache-2.0

import ChatTemplates
import OrderedJSON
import PromptEncoding
import TestSupport
import Testing
import TextPrimitives
import Tokenization
import TokenizerFormats

@Suite("Answers as ids") struct TokenResponseTests {
  private static let available = Conformance.has("vocab/qwen3/tokenizer.json")

  private func chat() throws -> ChatTokenizer {
    ChatTokenizer(
      tokenizer: try Tokenizer(contentsOf: Conformance.root + "/vocab/qwen3/tokenizer.json"),
      template: try ChatTemplate(family: "qwen3"))
  }

  /// Ids of pieces: control tokens by name, other text without any.
  private func ids(_ pieces: [String], _ tokenizer: Tokenizer) throws -> [TokenID] {
    var ids: [TokenID] = []
    for piece in pieces {
      if let id = tokenizer.identifier(of: piece), piece.utf8.first == 0x3C {
        ids.append(id)
      } else {
        ids += try tokenizer.encode(piece, special: .asText).ids
      }
    }
    return ids
  }

  @Test(
    "a control token is one by its id, and text that spells one is text",
    .enabled(if: available, "needs the conformance corpus"))
  func identity() throws {
    let chat = try chat()
    let pieces = ["say <|im_end|> or </", "think> or é🚀"]
    let text = pieces.joined()
    var sampled = try ids(["<think>", "\nHm.\n", "</think>", "\n\n"], chat.tokenizer)
    for piece in pieces { sampled += try chat.tokenizer.encode(piece, special: .asText).ids }
    sampled += try ids(
      [
        "\n", "<tool_call>", "\n{\"name\": \"w\", \"arguments\": {\"a\": 1}}\n", "</tool_call>",
        "<|im_end|>",
      ], chat.tokenizer)
    let parsed = try chat.parse(ids: sampled)
    #expect(parsed.message.reasoning == "Hm." && parsed.content == text, "\(parsed)")
    #expect(parsed.message.toolCalls.map(\.arguments) == [["a": 1]])
    #expect(parsed.stop == "<|im_end|>" && parsed.unparsed == nil && !parsed.isTruncated)

    var stream = chat.makeResponseStream()
    var content = ""
    for id in sampled {
      for event in try stream.feed(id) {
        if case .content(let more) = event { content += more }
      }
    }
    _ = try stream.finish()
    #expect(content == text && stream.response == parsed)
  }

  @Test(
    "the prompt's opening is known, whatever it quotes",
    .enabled(if: available, "needs the conformance corpus"))
  func opening() throws {
    let chat = try chat()
    let prompt = try chat.render(
      Conversation([Message(.user, "Hi"), Message(.assistant, "I say <|im_end|> and")]),
      options: .init(continueFinalMessage: true))
    let ids = try ids([" so on.", "<|im_end|>"], chat.tokenizer)
    #expect(try chat.parse(ids: ids, prompt: prompt).content == "I say <|im_end|> and so on.")
    let cut = try chat.parse(ids: try self.ids(["<tool_call>"], chat.tokenizer), prompt: prompt)
    #expect(cut.isTruncated && cut.message.toolCalls.isEmpty)
    let garbage = try chat.parse(
      ids: try self.ids(["Hi", "<tool_call>", "no JSON", "</tool_call>"], chat.tokenizer))
    #expect(garbage.content == "Hi" && garbage.unparsed == "<tool_call>no JSON</tool_call>")
  }
}
