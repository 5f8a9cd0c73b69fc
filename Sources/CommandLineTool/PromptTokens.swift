// SPDX-License-Identifier: Apache-2.0

import ChatTemplates
import OrderedJSON
import PromptEncoding
import TextPrimitives
import Tokenization
import TokenizerFormats

/// Renders conversations and encodes them with the tokenizer that was named, or with the built-in
/// one that fits the template.
struct PromptTokenizer {
  private let named: Tokenizer?
  private let trustsText: Bool
  private let masksTerminators: Bool
  private var encoders: [BuiltInVocabulary: (Tokenizer, PromptEncoder)] = [:]
  private var namedEncoder: PromptEncoder?

  init(_ named: Tokenizer?, trustsText: Bool, masksTerminators: Bool = true) {
    self.named = named
    self.masksTerminators = masksTerminators
    self.trustsText = trustsText
    namedEncoder = named.map { PromptEncoder($0) }
  }

  mutating func encode(
    _ template: ChatTemplate, _ conversation: Conversation, _ options: RenderOptions
  ) throws -> PromptTokens {
    do {
      let prompt = try template.render(conversation, options: options)
      let (tokenizer, encoder) = try encoder(for: prompt)
      return PromptTokens(
        prompt: prompt, encoded: try encoder.encode(prompt, trustText: trustsText),
        tokenizer: tokenizer, masksTerminators: masksTerminators)
    } catch let error as ToolError {
      throw error
    } catch {
      throw ToolError(.input, "\(error)")
    }
  }

  /// The named tokenizer, or the built-in one that fits a prompt.
  mutating func encoder(for prompt: Prompt) throws -> (Tokenizer, PromptEncoder) {
    if let named, let namedEncoder { return (named, namedEncoder) }
    let vocabulary = BuiltInTokenizer.vocabulary(for: prompt)
    if let known = encoders[vocabulary] { return known }
    let tokenizer = try BuiltInTokenizer.load(vocabulary)
    let made = (tokenizer, PromptEncoder(tokenizer))
    encoders[vocabulary] = made
    return made
  }
}

/// A conversation, rendered and encoded.
struct PromptTokens {
  let prompt: Prompt
  let encoded: EncodedPrompt
  let tokenizer: Tokenizer
  /// Whether the mask holds the tokens that end an assistant's turn.
  var masksTerminators = true

  /// The tokens for a table.
  var rows: [TokenTable.Row] {
    encoded.ids.indices.map { index in
      TokenTable.Row(
        id: encoded.ids[index], bytes: tokenizer.bytes(of: encoded.ids[index]) ?? [],
        offset: encoded.offsets[index], label: Self.label(of: encoded.layout[index]),
        isControl: encoded.layout[index].isControl)
    }
  }

  private static func label(of token: TokenLayout) -> String {
    let role = token.role?.string ?? "-"
    return token.spansAuthors ? role + ", two authors" : role
  }

  /// Ids, mask and layout, an entry per token.
  var report: JSONObject {
    let mask = encoded.assistantMask(includingTerminators: masksTerminators)
    return [
      "ids": .array(encoded.ids.map { .integer(Int($0)) }),
      "mask": .array(mask.map { .integer($0 ? 1 : 0) }),
      "layout": .array(encoded.layout.map { .object(Self.report(of: $0)) }),
    ]
  }

  private static func report(of token: TokenLayout) -> JSONObject {
    var object: JSONObject = [
      "author": .string(ExactString(token.author.rawValue)),
      "role": token.role.map { .string($0) } ?? .null,
      "message": token.message.map { .integer($0) } ?? .null,
      "control": .bool(token.isControl),
    ]
    if token.spansAuthors { object["spans_authors"] = true }
    return object
  }
}
