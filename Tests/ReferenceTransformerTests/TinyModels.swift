// SPDX-License-Identifier: Apache-2.0

import BinaryInput
import OrderedJSON
import ReferenceTransformer
import TestSupport
import Testing
import TextPrimitives

/// A tiny random model, and what torch computes with it
/// (Scripts/generate_transformer_fixtures.py).
struct TinyModel: CustomTestStringConvertible {
  /// Those that have a GGUF file of the same weights.
  static let withGGUF = ["llama", "llama-linear", "mistral", "qwen2", "qwen3"].map(TinyModel.init)
  static let all = withGGUF + [TinyModel(name: "qwen2-window")]

  let name: String

  var testDescription: String { name }
  var folder: String { "\(Fixtures.packageRoot)/Tests/Fixtures/Transformer/\(name)" }

  func load() throws -> Transformer {
    try Transformer(contentsOf: folder)
  }

  func loadGGUF() throws -> Transformer {
    try Transformer(contentsOf: "\(folder)/model.gguf")
  }

  func expected() throws -> Expectation {
    try Expectation(Fixtures.json("Transformer/\(name)/expected.json"))
  }

  /// The ids of a prompt, as the script computes them.
  static func prompt(_ length: Int) -> [UInt32] {
    (0..<length).map { place -> UInt32 in
      let value: Int = 7 * place * place + 11 * place + 5
      return UInt32(value % 96)
    }
  }
}

struct Expectation {
  /// Logits by the length of the prompt and the position in it.
  var rows: [(length: Int, position: Int, logits: [Float])] = []
  var greedy: [UInt32] = []
  /// Of each token of the prompt of 64 but the first.
  var logProbabilities: [Float] = []

  init(_ value: JSONValue) throws {
    for prompt in try #require(value["prompts"]?.array) {
      let length = try #require(prompt["length"]?.integer)
      for row in try #require(prompt["rows"]?.array) {
        let position = try #require(row["position"]?.integer)
        rows.append((length, position, try Self.floats(row["logits"])))
      }
    }
    greedy = try #require(value["greedy"]?.array).compactMap { $0.integer.map { UInt32($0) } }
    logProbabilities = try Self.floats(value["log_probabilities"])
  }

  /// Little-endian float32 in Base64.
  static func floats(_ value: JSONValue?) throws -> [Float] {
    let text = try #require(value?.string)
    let bytes = try #require(Base64.decode(text.utf8))
    return stride(from: 0, to: bytes.count, by: 4).map { start in
      Float(
        bitPattern: (0..<4).reduce(0) { $0 | UInt32(bytes[start + $1]) << UInt32($1 * 8) })
    }
  }
}

/// The greatest difference, relative to the greatest of the expected numbers.
func difference(_ found: [Float], _ expected: [Float]) -> Float {
  guard found.count == expected.count else { return .infinity }
  let scale = expected.map { abs($0) }.max() ?? 0
  return (zip(found, expected).map { abs($0 - $1) }.max() ?? 0) / scale
}

extension Transformer {
  /// The logits after each of some ids.
  func allLogits(_ ids: [UInt32], threads: Int = 1) throws -> [[Float]] {
    var session = makeSession(capacity: 512, threads: threads)
    var rows: [[Float]] = []
    try session.append(ids) { _, logits in rows.append(logits.indices.map { logits[$0] }) }
    return rows
  }

  /// The tokens that greedy decoding appends.
  func greedy(_ ids: [UInt32], count: Int, threads: Int = 1) throws -> [UInt32] {
    var session = makeSession(capacity: 512, threads: threads)
    var sampler = Sampler(SamplingOptions())
    var result: [UInt32] = []
    try session.append(ids)
    while result.count < count {
      let next = sampler.next(session.logits, previous: [])
      result.append(next)
      try session.append([next])
    }
    return result
  }
}
