// SPDX-License-Identifier: Apache-2.0

import BinaryInput
import Foundation
import OrderedJSON
import TestSupport
import Testing
import TextPrimitives

@testable import ReferenceTransformer

@Suite("Loading") struct LoadingTests {
  /// A folder with the files of a tiny model, some of them changed.
  private func load(
    _ name: String, configuration: (inout JSONObject) -> Void = { _ in },
    weights: (inout [UInt8]) -> Void = { _ in }
  ) throws -> Transformer {
    let source = TinyModel(name: name).folder
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("dialect-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let value = try JSONValue(parsing: FileReader.bytes(path: source + "/config.json"))
    var object = try #require(value.object)
    configuration(&object)
    var bytes = try FileReader.bytes(path: source + "/model.safetensors")
    weights(&bytes)
    try Data(JSONValue.object(object).serialized().utf8)
      .write(to: folder.appendingPathComponent("config.json"))
    try Data(bytes).write(to: folder.appendingPathComponent("model.safetensors"))
    return try Transformer(contentsOf: folder.path)
  }

  private func problem(
    _ name: String = "llama", configuration: (inout JSONObject) -> Void = { _ in },
    weights: (inout [UInt8]) -> Void = { _ in }
  ) -> TransformerError.Kind? {
    do {
      _ = try load(name, configuration: configuration, weights: weights)
      return nil
    } catch {
      return (error as? TransformerError)?.kind
    }
  }

  /// Puts another header of the same meaning, but for an edit of its text, before the tensors.
  private func edit(_ old: String, _ new: String) -> (inout [UInt8]) -> Void {
    { bytes in
      let size = (0..<8).reduce(0) { $0 | Int(bytes[$1]) << ($1 * 8) }
      let header = String(decoding: bytes[8..<8 + size], as: UTF8.self)
      let edited = Array(header.replacingOccurrences(of: old, with: new).utf8)
      let padding = [UInt8](repeating: 0x20, count: (8 - edited.count % 8) % 8)
      let count = edited.count + padding.count
      let length = (0..<8).map { UInt8(truncatingIfNeeded: count >> ($0 * 8)) }
      bytes = length + edited + padding + bytes[(8 + size)...]
    }
  }

  @Test func `the files as they are load`() throws {
    #expect(problem() == nil)
    #expect(try load("llama").configuration.rotary.theta == 10_000)
  }

  @Test func `unknown kinds of models are named with the field`() {
    #expect(
      problem(configuration: { $0["model_type"] = "gpt2" })
        == .unsupported(
          modelType: "gpt2", field: "model_type", value: "gpt2",
          supported: "llama, mistral, qwen2 and qwen3 are"))
    #expect(
      problem(configuration: { $0["hidden_act"] = "gelu" })
        == .unsupported(
          modelType: "llama", field: "hidden_act", value: "gelu", supported: "silu is"))
    #expect(
      problem(configuration: { $0["rope_parameters"] = ["rope_type": "yarn"] })
        == .unsupported(
          modelType: "llama", field: "rope_parameters.rope_type", value: "yarn",
          supported: "default, linear and llama3 are"))
    #expect(
      problem(configuration: { $0["hidden_size"] = nil })
        == .invalidField("hidden_size", reason: "is missing"))
    #expect(
      problem(configuration: { $0["hidden_size"] = "32" })
        == .invalidField("hidden_size", reason: "must be an integer, found a string"))
    #expect(
      problem(configuration: { $0["vocab_size"] = .integer(1 << 40) })
        == .invalidField("vocab_size", reason: "is 1099511627776, not 1 to 2147483647"))
    #expect(
      problem(configuration: { $0["num_hidden_layers"] = .integer(1 << 40) })
        == .invalidField("num_hidden_layers", reason: "is 1099511627776, not 1 to 4096"))
    #expect(
      problem(configuration: { $0["num_key_value_heads"] = 3 })
        == .invalidField(
          "num_attention_heads", reason: "is 4, no multiple of num_key_value_heads, 3"))
  }

  @Test func `old spellings of the rotation are read`() throws {
    let model = try load("llama") { object in
      object["rope_parameters"] = nil
      object["rope_theta"] = 5000.0
      object["rope_scaling"] = ["type": "linear", "factor": 2.0]
    }
    #expect(model.configuration.rotary.theta == 5000)
    #expect(model.configuration.rotary.scaling == .linear(factor: 2))
  }

  @Test func `tensors that are missing, left over or misshaped are named with their shapes`() {
    #expect(
      problem(weights: edit("model.norm.weight", "model.nrom.weight"))
        == .missingTensor("model.norm.weight", shape: [32]))
    #expect(
      problem(configuration: { $0["num_hidden_layers"] = 1 })
        == .unexpectedTensor("model.layers.1.input_layernorm.weight", shape: [32]))
    #expect(
      problem(configuration: { $0["intermediate_size"] = 65 })
        == .wrongShape("model.layers.0.mlp.gate_proj.weight", expected: [65, 32], found: [64, 32]))
    #expect(
      problem(configuration: { $0["num_hidden_layers"] = 3 })
        == .missingTensor("model.layers.2.input_layernorm.weight", shape: [32]))
    let error = TransformerError(.wrongShape("w", expected: [2, 3], found: [3, 2]), path: "m")
    #expect(
      error.description == "m: tensor 'w' has shape [3, 2] where the configuration makes it [2, 3]")
  }

  @Test func `tensors of a GGUF file are told by the names they have there`() throws {
    let original = try FileReader.bytes(path: TinyModel(name: "llama").folder + "/model.gguf")
    func error(_ name: String, byAdding byte: UInt8, at offset: Int) throws -> TransformerError {
      var bytes = original
      let found = try #require(bytes.firstRange(of: Array(name.utf8)))
      bytes[found.lowerBound + offset] += byte
      let file = FileManager.default.temporaryDirectory
        .appendingPathComponent("dialect-tests-\(UUID().uuidString).gguf")
      try Data(bytes).write(to: file)
      defer { try? FileManager.default.removeItem(at: file) }
      return try #require(throws: TransformerError.self) {
        var session = try Transformer(contentsOf: file.path).makeSession()
        try session.append([1])
      }
    }
    // Another letter in the name, and another first dimension behind the name.
    #expect(
      try error("blk.1.ffn_up.weight", byAdding: 1, at: 11).kind
        == .missingTensor("blk.1.ffn_up.weight", shape: [64, 32]))
    #expect(
      try error("output_norm.weight", byAdding: 1, at: 18 + 4).kind
        == .wrongShape("output_norm.weight", expected: [32], found: [33]))
  }

  @Test func `files that are cut or lie about themselves are refused`() {
    #expect(
      problem(weights: { $0.removeLast(4) })
        == .tensorOutsideFile(
          "model.norm.weight", shape: [32], end: 101_048, size: 101_044))
    #expect(
      problem(weights: { $0.append(0) })
        == .malformedHeader(
          reason: "the last tensor ends at byte 101048 of a file of 101049 bytes"))
    #expect(
      problem(weights: { $0 = Array($0.prefix(5)) })
        == .malformedHeader(reason: "no safetensors file: 5 bytes are too few"))
    #expect(
      problem(weights: {
        $0.replaceSubrange(0..<8, with: [UInt8](repeating: 0xFF, count: 7) + [0x7F])
      })
        == .headerTooLarge(size: UInt64(Int.max), limit: 101_040))
    #expect(
      problem(weights: edit(#""dtype":"F32","shape":[96,32]"#, #""dtype":"F32","shape":[96,33]"#))
        == .wrongSize("lm_head.weight", shape: [96, 33], needed: 12_672, found: 12_288))
    #expect(
      problem(weights: edit(#""shape":[96,32]"#, #""shape":[4611686018427387904,32]"#))
        == .wrongSize(
          "lm_head.weight", shape: [4_611_686_018_427_387_904, 32], needed: .max, found: 12_288))
    #expect(
      problem(weights: edit(#""shape":[96,32]"#, #""shape":[-96,32]"#))
        == .malformedHeader(reason: "the shape of tensor 'lm_head.weight' must be sizes"))
    #expect(
      problem(weights: edit("F32", "F8_E4M3"))
        == .unsupportedTensorType("lm_head.weight", type: "F8_E4M3"))
  }

  @Test func `any flipped byte of the header is read or refused`() throws {
    let folder = TinyModel(name: "llama").folder
    let original = try FileReader.bytes(path: folder + "/model.safetensors")
    let configuration = try FileReader.bytes(path: folder + "/config.json")
    for place in 0..<1200 {
      for mask: UInt8 in [0x01, 0x10, 0x80] {
        var bytes = original
        bytes[place] ^= mask
        unsafe bytes.withUnsafeBytes { content in
          _ = try? unsafe Transformer(configJSON: configuration, constant: content)
        }
      }
    }
  }

  @Test func `a weight that is no number is found when it matters`() throws {
    for (last, name) in [(true, "model.norm.weight"), (false, "lm_head.weight")] {
      let model = try load("llama") { _ in
      } weights: { bytes in
        let size = (0..<8).reduce(0) { $0 | Int(bytes[$1]) << ($1 * 8) }
        let place = last ? bytes.count - 4 : 8 + size
        bytes.replaceSubrange(place..<place + 4, with: [0, 0, 0xC0, 0x7F])
      }
      var session = model.makeSession()
      let error = #expect(throws: TransformerError.self) { try session.append([1]) }
      #expect(error?.kind == .notFinite(tensor: name))
      #expect(error?.path != nil)
    }
  }

  @Test func `ids and lengths that the model cannot take are refused`() throws {
    let model = try load("llama")
    var session = model.makeSession()
    func problem(_ ids: [UInt32]) -> TransformerError.Kind? {
      do throws(TransformerError) {
        try session.append(ids)
        return nil
      } catch { return error.kind }
    }
    #expect(problem([]) == .emptyPrompt)
    #expect(problem([1, 96]) == .unknownToken(96, place: 1, vocabularySize: 96))
    #expect(
      problem(Array(repeating: 1, count: 513)) == .contextTooLong(needed: 513, limit: 512))
    #expect(session.count == 0)
    #expect(problem(Array(repeating: 1, count: 512)) == nil)
    #expect(problem([1]) == .contextTooLong(needed: 513, limit: 512))
  }

  @Test func `a folder without a model says so`() {
    #expect(throws: TransformerError.self) { try Transformer(contentsOf: "/nonexistent") }
    let error = #expect(throws: TransformerError.self) {
      try Transformer(contentsOf: Fixtures.packageRoot + "/Tests/Fixtures")
    }
    #expect(error?.description.contains("config.json: cannot be read") == true)
  }
}
