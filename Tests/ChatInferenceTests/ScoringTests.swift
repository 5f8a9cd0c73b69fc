// SPDX-License-Identifier: Apache-2.0

import ChatInference
import ChatTemplates
import PromptEncoding
import ReferenceTransformer
import Testing

@Suite("Scoring") struct ScoringTests {
  private let conversation = Conversation([
    Message(.user, "copy tal"), Message(.assistant, "tal"),
    Message(.user, "reverse lobi"), Message(.assistant, "ibol"),
  ])

  @Test func `each token has the probability that the logits before it say`() throws {
    let model = try BuiltInModel.inst.load()
    let score = try model.score(conversation)
    let ids = score.encoded.ids
    #expect(score.logProbabilities.count == ids.count)
    #expect(score.logProbabilities[0] == nil)
    var session = model.transformer.makeSession()
    for place in 1..<ids.count {
      try session.append([ids[place - 1]])
      let expected = LogProbability.of(ids[place], in: session.logits.span)
      let found = try #require(score.logProbabilities[place])
      #expect(abs(found - expected) < 1e-3, "token \(place)")
    }
  }

  @Test func `the loss is over the tokens that the model writes`() throws {
    let score = try BuiltInModel.inst.load().score(conversation)
    // "tal", "ibol" and an end for each.
    #expect(score.assistantTokens.count == 9)
    let sum = score.assistantTokens.reduce(0.0) { $0 + (score.logProbabilities[$1] ?? 0) }
    #expect(score.loss == -sum / 9)
    #expect(score.assistantTotal == sum)
  }

  @Test func `a model expects its own dialect most`() throws {
    for name in [BuiltInModel.inst, .headerID, .role] {
      let model = try name.load()
      let own = try model.score(conversation).loss
      #expect(own < 0.5)
      for other in ["mistral-v3-tekken", "llama-3", "phi-3"] where other != name.family {
        let loss = try model.with(ChatTemplate(family: other)).score(conversation).loss
        #expect(loss > own + 1, "\(name.rawValue) in \(other)")
      }
    }
  }

  @Test func `a conversation without an answer cannot be scored`() throws {
    let error = #expect(throws: ChatInferenceError.self) {
      try BuiltInModel.inst.load().score(Conversation([Message(.user, "copy tal")]))
    }
    #expect(error?.description.contains("add an assistant's message") == true)
  }
}
