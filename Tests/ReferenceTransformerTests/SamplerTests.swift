// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TestSupport
import Testing
import TextPrimitives

@testable import ReferenceTransformer

@Suite("Sampler") struct SamplerTests {
  @Test func `probabilities are those of transformers' processors`() throws {
    let golden = try Fixtures.json("Transformer/sampling.json")
    let logits = try Expectation.floats(golden["logits"])
    let previous = try #require(golden["previous"]?.array).compactMap(\.integer).map { UInt32($0) }
    let cases = try #require(golden["cases"]?.array)
    #expect(cases.count == 9)
    for (number, entry) in cases.enumerated() {
      func value(_ key: ExactString) -> Float? {
        switch entry[key] {
        case .integer(let value): Float(value)
        case .double(let value): Float(value)
        default: nil
        }
      }
      var options = SamplingOptions()
      options.temperature = value("temperature") ?? 1
      options.topK = entry["top_k"]?.integer
      options.topP = value("top_p") ?? 1
      options.minP = value("min_p") ?? 0
      options.repetitionPenalty = value("repetition_penalty") ?? 1
      let expected = try Expectation.floats(entry["probabilities"])
      let found = Sampler(options).probabilities(logits, previous: previous)
      #expect(found.map { $0 > 0 } == expected.map { $0 > 0 }, "case \(number)")
      #expect(difference(found, expected) < 1e-5, "case \(number)")
    }
  }

  @Test func `draws follow the probabilities`() {
    var options = SamplingOptions()
    options.temperature = 1
    options.seed = 11
    var sampler = Sampler(options)
    let logits: [Float] = [0, 1, 2, -.infinity]
    var counts = [0, 0, 0, 0]
    for _ in 0..<30_000 { counts[Int(sampler.next(logits, previous: []))] += 1 }
    let expected = [0.0900, 0.2447, 0.6652, 0]
    for (count, probability) in zip(counts, expected) {
      #expect(abs(Double(count) / 30_000 - probability) < 0.01)
    }
  }

  @Test func `equal seeds give equal tokens, others others`() {
    func draw(_ seed: UInt64) -> [UInt32] {
      var options = SamplingOptions()
      options.temperature = 1
      options.seed = seed
      var sampler = Sampler(options)
      return (0..<50).map { _ in sampler.next([0, 0, 0, 0], previous: []) }
    }
    #expect(draw(3) == draw(3))
    #expect(draw(3) != draw(4))
  }

  @Test func `options that cannot be meant are told`() {
    func problem(_ change: (inout SamplingOptions) -> Void) -> String? {
      var options = SamplingOptions()
      change(&options)
      return options.problem
    }
    #expect(problem { _ in } == nil)
    #expect(problem { $0.temperature = -1 } == "temperature must be 0 or more")
    #expect(problem { $0.temperature = .nan } == "temperature must be 0 or more")
    #expect(problem { $0.topK = 0 } == "top-k must be 1 or more")
    #expect(problem { $0.topP = 0 } == "top-p must be above 0 and at most 1")
    #expect(problem { $0.minP = 2 } == "min-p must be 0 to 1")
    #expect(problem { $0.repetitionPenalty = 0 } == "the repetition penalty must be above 0")
  }
}
