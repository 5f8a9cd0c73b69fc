// SPDX-License-Identifier: Apache-2.0

import ChatTemplates
import OrderedJSON
import PromptEncoding
import TestSupport
import Testing
import TextPrimitives
import Tokenization
import TokenizerFormats

/// Calls of transformers' `apply_chat_template` (Scripts/generate_chat_fixtures.py).
@Suite("applyChatTemplate against transformers") struct ApplyChatTemplateTests {
  @Test("ids, masks, padding and truncation are transformers'")
  func calls() throws {
    let lines = try Fixtures.lines("ApplyChatTemplate/cases.jsonl")
    let head = try #require(lines.first)
    let template = try ChatTemplate(
      jinja: try #require(head["template"]?.string?.string), name: "chatml")
    let chat = ChatTokenizer(
      tokenizer: try Tokenizer(
        tokenizerJSON: BuiltInVocabulary.byteLevel.tokenizerJSON, name: "byte-level"),
      template: template,
      eosToken: head["eos_token"]?.string, padToken: head["pad_token"]?.string)
    #expect(lines.count > 25)
    for line in lines.dropFirst() {
      let call = try Call(line)
      let batch = try chat.applyChatTemplate(
        call.conversations, options: call.options, limits: call.limits, padding: call.padding)
      #expect(batch.ids.map { $0.map(Int.init) } == call.ids, "\(call.description)")
      #expect(batch.attentionMask == call.attentionMask, "\(call.description)")
      if let mask = call.assistantMask {
        #expect(batch.assistantMask == mask, "\(call.description)")
      }
    }
  }
}

/// One call and its result; a conversation by itself is a batch of one.
private struct Call {
  var conversations: [Conversation] = []
  var options = RenderOptions()
  var limits = ChatLimits(trustsText: true)
  var padding = ChatPadding()
  let ids: [[Int]]
  let attentionMask: [[Bool]]
  var assistantMask: [[Bool]]?
  let description: String

  init(_ line: JSONValue) throws {
    let arguments = line["options"]?.object ?? [:]
    description = line["options"]?.serialized() ?? ""
    let messages = try #require(line["messages"]?.array)
    let isBatch = messages.first?.array != nil
    conversations = try (isBatch ? messages : [.array(messages)]).map {
      try Conversation(json: ["messages": $0])
    }
    func rows(_ key: ExactString) throws -> [[Int]] {
      let value = try #require(line[key]?.array)
      return (isBatch ? value : [.array(value)]).map { ($0.array ?? []).compactMap(\.integer) }
    }
    ids = try rows("ids")
    attentionMask = try rows("attention_mask").map { $0.map { $0 == 1 } }
    if line["assistant_masks"]?.isNull == false {
      assistantMask = try rows("assistant_masks").map { $0.map { $0 == 1 } }
    }
    for (name, value) in arguments { try apply(name.string, value, arguments) }
  }

  private mutating func apply(_ name: String, _ value: JSONValue, _ all: JSONObject) throws {
    switch name {
    case "add_generation_prompt": options.addGenerationPrompt = value.bool == true
    case "continue_final_message":
      options.continueFinalMessage = .init(field: value.string ?? "content")
    case "truncation":
      limits.truncation = all["truncation_side"]?.string == "left" ? .cutStart : .cutEnd
      limits.maximumCount = all["max_length"]?.integer
    case "padding":
      if value.string == "max_length" { padding.count = all["max_length"]?.integer }
    case "padding_side": padding.side = value.string == "left" ? .left : .right
    case "pad_to_multiple_of": padding.multiple = try #require(value.integer)
    case "max_length", "truncation_side": break
    default: options.arguments[ExactString(name)] = value
    }
  }
}
