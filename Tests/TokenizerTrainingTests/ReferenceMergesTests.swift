// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TestSupport
import Testing
import TextPrimitives
import TokenizerTraining

/// What Hugging Face's trainer learned, written by Scripts/generate_training_facts.py.
@Suite("Training learns what the reference learns") struct ReferenceMergesTests {
  @Test func `vocabulary and merges are the reference's, in order`() throws {
    let facts = try Fixtures.lines("Training/facts.jsonl")
    let corpora = try #require(facts.first?["corpora"])
    #expect(facts.count > 150)
    for fact in facts.dropFirst() {
      let name = try #require(fact["corpus"]?.text)
      let corpus = try #require(corpora[ExactString(name)]?.texts)
      let format = try #require(TrainingOptions.Format(rawValue: fact["format"]?.text ?? ""))
      let options = Self.options(format, try #require(fact["options"]))
      let trained = try BPETrainer(options).train(texts: corpus)
      let comment = Comment(rawValue: "\(name) \(format) \(fact["options"]?.serialized() ?? "")")
      let merges = trained.merges.map {
        trained.tokens[$0.left] + [0x20] + trained.tokens[$0.right]
      }
      let first = merges.prefix(12).map { String(decoding: $0, as: UTF8.self) }
      #expect(trained.tokens.count == (try #require(fact["tokens"]?.number)), comment)
      #expect(merges.count == fact["merges"]?.number, comment)
      #expect(first.map { Array($0.utf8) } == fact["first"]?.texts?.map { Array($0.utf8) }, comment)
      #expect(Self.hash(trained.tokens, merges) == fact["fnv1a"]?.text, comment)
    }
  }

  private static func options(
    _ format: TrainingOptions.Format, _ settings: JSONValue
  ) -> TrainingOptions {
    var options = TrainingOptions(format: format)
    options.vocabularySize = settings["vocab_size"]?.number ?? 700
    options.minimumFrequency = settings["min_frequency"]?.number ?? 0
    options.maximumTokenLength = settings["max_token_length"]?.number
    options.alphabetLimit = settings["limit_alphabet"]?.number
    options.specialTokens = settings["special_tokens"]?.texts ?? []
    return options
  }

  private static func hash(_ tokens: [[UInt8]], _ merges: [[UInt8]]) -> String {
    var state: UInt64 = 0xCBF2_9CE4_8422_2325
    func add(_ byte: UInt8) { state = (state ^ UInt64(byte)) &* 0x100_0000_01B3 }
    tokens.joined(separator: [0x0A]).forEach(add)
    add(0)
    merges.joined(separator: [0x0A]).forEach(add)
    let digits = String(state, radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }
}

extension JSONValue {
  var text: String? {
    guard case .string(let text) = self else { return nil }
    return text.string
  }

  var number: Int? {
    guard case .integer(let number) = self else { return nil }
    return number
  }

  var texts: [String]? {
    guard case .array(let elements) = self else { return nil }
    return elements.compactMap(\.text)
  }
}
