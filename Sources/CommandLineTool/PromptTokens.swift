// SPDX-License-Identifier: Apache-2.0

import ChatTemplates
import OrderedJSON
import PromptEncoding
import TextPrimitives
import Tokenization

/// A conversation, rendered and encoded.
struct PromptTokens {
  let prompt: Prompt
  let encoded: EncodedPrompt

  init(
    _ template: ChatTemplate, _ conversation: Conversation, _ options: RenderOptions,
    _ tokenizer: Tokenizer, trustsText: Bool
  ) throws {
    do {
      prompt = try template.render(conversation, options: options)
      encoded = try PromptEncoder(tokenizer).encode(prompt, trustText: trustsText)
    } catch {
      throw ToolError(.input, "\(error)")
    }
  }

  /// Ids, mask and layout, an entry per token.
  var report: JSONObject {
    [
      "ids": .array(encoded.ids.map { .integer(Int($0)) }),
      "mask": .array(encoded.assistantMask.map { .integer($0 ? 1 : 0) }),
      "layout": .array(
        encoded.layout.map { token in
          [
            "author": .string(ExactString(token.author.rawValue)),
            "role": token.role.map { .string($0) } ?? .null,
            "message": token.message.map { .integer($0) } ?? .null,
            "control": .bool(token.isControl),
          ]
        }),
    ]
  }
}
