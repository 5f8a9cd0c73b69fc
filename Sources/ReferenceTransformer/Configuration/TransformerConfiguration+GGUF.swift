// SPDX-License-Identifier: Apache-2.0

import GGUFFormat
import TextPrimitives

extension TransformerConfiguration {
  /// Reads the metadata of a GGUF file (ggml-org/ggml, docs/gguf.md).
  ///
  /// - Parameter header: The file's header.
  /// - Throws: ``TransformerError`` that names the architecture and the key.
  init(_ header: GGUFHeader) throws(TransformerError) {
    let metadata = header.metadata
    let name = metadata["general.architecture"]?.string?.string ?? ""
    guard let type = ModelType(rawValue: name), type != .mistral else {
      throw TransformerError(
        .unsupported(
          modelType: name, field: "general.architecture", value: name,
          supported: "llama, qwen2 and qwen3 are"))
    }
    let keys = GGUFKeys(metadata: metadata, architecture: name)
    let layers = try keys.required("block_count")
    guard (1...Self.layerLimit).contains(layers) else {
      throw TransformerError(
        .invalidField("\(name).block_count", reason: "is \(layers), not 1 to \(Self.layerLimit)"))
    }
    let hidden = try keys.required("embedding_length")
    let heads = try keys.required("attention.head_count")
    guard heads > 0 else {
      throw TransformerError(.invalidField("\(name).attention.head_count", reason: "is \(heads)"))
    }
    let size = try keys.integer("attention.key_length") ?? hidden / heads
    for key in ["attention.value_length", "rope.dimension_count"] {
      guard let other = try keys.integer(key), other != size else { continue }
      throw TransformerError(
        .unsupported(
          modelType: name, field: "\(name).\(key)", value: "\(other)",
          supported: "\(size), the length of keys, is"))
    }
    let window = try keys.integer("attention.sliding_window")
    let embedding = header.tensor(named: "token_embd.weight")
    let rows = embedding?.dimensions.count == 2 ? embedding?.dimensions[1] : nil
    self = try TransformerConfiguration(
      modelType: type,
      vocabularySize: try keys.integer("vocab_size") ?? rows ?? 0,
      hiddenSize: hidden,
      intermediateSize: try keys.required("feed_forward_length"),
      layerCount: layers,
      headCount: heads,
      keyValueHeadCount: try keys.integer("attention.head_count_kv") ?? heads,
      headSize: size,
      contextLength: try keys.required("context_length"),
      normEpsilon: try keys.number("attention.layer_norm_rms_epsilon") ?? 1e-6,
      rotary: try keys.rotary(),
      windows: Array(repeating: window, count: layers),
      tiesEmbeddings: header.tensor(named: "output.weight") == nil,
      hasAttentionBias: type == .qwen2 || header.tensor(named: "blk.0.attn_q.bias") != nil,
      hasOutputBias: header.tensor(named: "blk.0.attn_output.bias") != nil,
      hasHeadNorm: type == .qwen3
    ).validated()
  }
}

/// The keys of an architecture in a GGUF file's metadata.
private struct GGUFKeys {
  let metadata: GGUFMetadata
  let architecture: String

  func integer(_ key: String) throws(TransformerError) -> Int? {
    guard let value = value(key) else { return nil }
    guard let integer = value.integer else { throw wrong(key, "an integer", value) }
    return integer
  }

  func required(_ key: String) throws(TransformerError) -> Int {
    guard let value = try integer(key) else {
      throw TransformerError(.invalidField("\(architecture).\(key)", reason: "is missing"))
    }
    return value
  }

  func number(_ key: String) throws(TransformerError) -> Float? {
    guard let value = value(key) else { return nil }
    guard let number = value.number else { throw wrong(key, "a number", value) }
    return Float(number)
  }

  func rotary() throws(TransformerError) -> RotarySettings {
    var settings = RotarySettings(theta: try number("rope.freq_base") ?? 10_000)
    // llama.cpp turns neighbours in the architecture llama, and reorders its weights to fit.
    settings.pairing = architecture == "llama" ? .neighbours : .halves
    let kind = value("rope.scaling.type")?.string?.string ?? "none"
    switch kind {
    case "none": break
    case "linear":
      settings.scaling = .linear(factor: try number("rope.scaling.factor") ?? 1)
    default:
      throw TransformerError(
        .unsupported(
          modelType: architecture, field: "\(architecture).rope.scaling.type", value: kind,
          supported: "none and linear are"))
    }
    return settings
  }

  private func value(_ key: String) -> GGUFValue? {
    metadata[ExactString("\(architecture).\(key)")]
  }

  private func wrong(_ key: String, _ expected: String, _ value: GGUFValue) -> TransformerError {
    TransformerError(
      .invalidField(
        "\(architecture).\(key)", reason: "must be \(expected), found \(value.kindName)"))
  }
}
