// SPDX-License-Identifier: Apache-2.0

import ChatInference
import ChatTemplates
import OrderedJSON
import PromptEncoding
import TestSupport
import Testing
import TextPrimitives

@Suite("A GGUF file as a model to talk to") struct GGUFChatTests {
  private let path = "\(Fixtures.packageRoot)/Tests/Fixtures/Transformer/chat/model.gguf"

  @Test func `its own template makes the prompt that transformers makes, and its tokens end it`()
    throws
  {
    let expected = try Fixtures.json("Transformer/chat/expected.json")
    let question = try #require(expected["question"]?.string?.string)
    let ids = { (name: String) in expected[ExactString(name)]?.array?.compactMap(\.integer) }
    let model = try ChatModel(contentsOf: path)
    #expect(model.chat.bosToken == "<s>")
    #expect(model.chat.eosToken == "</s>")
    #expect(model.chat.endTokenIDs == [257, 258])
    let conversation = Conversation([Message(.user, question)])
    let prompt = try model.chat.render(
      conversation, options: RenderOptions(addGenerationPrompt: true))
    #expect(prompt.text == expected["prompt"]?.string?.string)
    #expect(try model.chat.tokenizer.encode(prompt).ids.map(Int.init) == ids("ids"))
    let reply = try model.generate(conversation)
    #expect(reply.answer.ids.map(Int.init) == ids("answer"))
    #expect(reply.answer.ending == .stopToken)
  }

  @Test func `another template may be named`() throws {
    let other = try ChatTemplate(jinja: "{{ messages[0]['content'] }}", name: "other.jinja")
    let chat = try ChatTokenizer(contentsOf: path, template: other)
    #expect(try chat.applyChatTemplate(Conversation([Message(.user, "the")])).ids == [260, 101])
  }

  @Test func `a GGUF file without a template says what to do`() {
    let bare = "\(Fixtures.packageRoot)/Tests/Fixtures/Transformer/llama/model.gguf"
    let error = #expect(throws: ChatInferenceError.self) { try ChatModel(contentsOf: bare) }
    #expect(error?.isLoadingError == true)
    #expect(error?.description.contains(bare) == true)
  }
}
