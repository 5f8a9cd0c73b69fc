// SPDX-License-Identifier: Apache-2.0

import ChatTemplates
import PromptEncoding
import ReferenceTransformer
import Testing
import TextPrimitives
import Tokenization

@testable import ChatInference

@Suite("Generation") struct GenerationTests {
  private let question = Conversation([Message(.user, "copy tal")])

  @Test(arguments: [BuiltInModel.inst, .headerID, .role])
  func `a model answers in its dialect, and ends by itself`(_ name: BuiltInModel) throws {
    let model = try name.load()
    var pieces: [String] = []
    let reply = try model.generate(question) { pieces.append($0) }
    #expect(reply.message.role == .assistant)
    #expect(reply.message.text == "tal")
    #expect(reply.parsed.unparsed == nil)
    #expect(reply.answer.ending == .stopToken)
    #expect(reply.answer.ids.count == 4)
    #expect(pieces.joined() == "tal")
    #expect(pieces.count == 3)
  }

  @Test func `what was read for one answer is not read again for the next`() throws {
    let model = try BuiltInModel.inst.load()
    var dialogue = ChatDialogue(model)
    var conversation = question
    let first = try dialogue.reply(to: conversation)
    conversation.messages += [first.message, Message(.user, "again, backwards")]
    let second = try dialogue.reply(to: conversation)
    let fresh = try model.generate(conversation)
    #expect(second.answer.ids == fresh.answer.ids)
    // All but the end token, which was never read, and the question were known.
    #expect(fresh.answer.promptTokens - second.answer.promptTokens > 10)
  }

  @Test func `answers end at the limit and at texts`() throws {
    let model = try BuiltInModel.inst.load()
    var options = GenerationOptions()
    options.maximumTokens = 2
    let short = try model.generate(question, generation: options)
    #expect(short.answer.ending == .length)
    #expect(short.answer.text == "ta")
    options.maximumTokens = nil
    options.stopStrings = ["xyz", "al"]
    let cut = try model.generate(question, generation: options)
    #expect(cut.answer.ending == .stopString)
    #expect(cut.answer.text == "t")
    #expect(cut.message.text == "t")
  }

  @Test func `equal seeds give equal answers`() throws {
    let model = try BuiltInModel.base.load()
    var options = GenerationOptions()
    options.sampling.temperature = 1
    options.sampling.seed = 5
    options.maximumTokens = 40
    let text = Conversation([Message(.user, "The sum of ")])
    let one = try model.generate(text, generation: options)
    let two = try model.generate(text, generation: options)
    options.sampling.seed = 6
    let other = try model.generate(text, generation: options)
    #expect(one.answer.ids == two.answer.ids)
    #expect(one.answer.ids != other.answer.ids)
  }

  @Test func `options that cannot be meant are refused`() throws {
    let model = try BuiltInModel.inst.load()
    var options = GenerationOptions()
    options.sampling.topP = 2
    let error = #expect(throws: ChatInferenceError.self) {
      try model.generate(question, generation: options)
    }
    #expect(error?.description == "top-p must be above 0 and at most 1")
    for change: (inout GenerationOptions) -> Void in [
      { $0.stopStrings = [""] }, { $0.threads = 0 }, { $0.maximumTokens = 0 },
    ] {
      options = GenerationOptions()
      change(&options)
      #expect(throws: ChatInferenceError.self) {
        try model.generate(question, generation: options)
      }
    }
  }

  @Test func `a prompt that fills the context is refused in words`() throws {
    let model = try BuiltInModel.inst.load()
    let long = Conversation([Message(.user, String(repeating: "a", count: 600))])
    let error = #expect(throws: ChatInferenceError.self) { try model.generate(long) }
    #expect(error?.description.contains("the model was made for at most 512") == true)
  }

  @Test func `a tokenizer with more ids than the model is refused`() throws {
    let model = try BuiltInModel.inst.load()
    var configuration = model.chat.tokenizer.configuration
    configuration.addedTokens.append(
      AddedToken(content: "<extra>", id: 900, isSpecial: true))
    let error = #expect(throws: ChatInferenceError.self) {
      try ChatModel(
        chat: .init(tokenizer: Tokenizer(configuration), template: model.chat.template),
        transformer: model.transformer)
    }
    #expect(
      error?.description
        == "the tokenizer has ids up to 900, and the model's embedding goes up to 269; "
        + "are they of one model?")
  }

  @Test func `an embedding may be filled up, but not by far`() {
    // Qwen 2.5, DeepSeek LLM and Llama 3 as they are; GPT-2's tokenizer with Llama 3's embedding.
    for (ids, rows, fits) in [
      (151_665, 151_936, true), (100_016, 102_400, true), (128_256, 128_256, true),
      (50_257, 128_256, false), (128_256, 50_257, false),
    ] {
      #expect(ChatModel.fits(identifiers: ids, rows: rows) == fits, "\(ids) in \(rows)")
    }
  }

  @Test func `a text that may begin a stop string is held back`() {
    var stop = StopText(["END", "\n\n"])
    #expect(stop.append("one E") == "one ")
    #expect(stop.append("N") == "")
    #expect(stop.append("T\n") == "ENT")
    #expect(stop.append("x") == "\nx")
    #expect(stop.append("a\n") == "a")
    #expect(stop.append("\nb") == "")
    #expect(stop.isFound)
    #expect(stop.finish() == "")
    var open = StopText(["END"])
    #expect(open.append("EN") == "")
    #expect(open.finish() == "EN")
  }
}
