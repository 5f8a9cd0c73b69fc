// SPDX-License-Identifier: Apache-2.0

/// The measures of a decoder-only model: what `config.json` or a GGUF file's metadata says.
public struct TransformerConfiguration: Sendable, Equatable {
  /// The kinds of models that are known; they differ in a few switches below.
  public enum ModelType: String, Sendable, CaseIterable {
    case llama, mistral, qwen2, qwen3
  }

  /// `model_type`.
  public var modelType: ModelType
  /// Rows of the embedding.
  public var vocabularySize: Int
  /// Numbers that stand for a token between layers.
  public var hiddenSize: Int
  /// Numbers in the middle of the feed-forward network.
  public var intermediateSize: Int
  /// Layers.
  public var layerCount: Int
  /// Heads that ask.
  public var headCount: Int
  /// Heads that are asked; each serves `headCount / keyValueHeadCount` of the others.
  public var keyValueHeadCount: Int
  /// Numbers of a head, which need not be `hiddenSize / headCount`.
  public var headSize: Int
  /// The most tokens that the model was made for.
  public var contextLength: Int
  /// Added under the root of the normalization.
  public var normEpsilon: Float
  /// How positions are told.
  public var rotary: RotarySettings
  /// For each layer, how many of the last tokens it sees, itself included; nil is all.
  public var windows: [Int?]
  /// Whether the embedding is the output matrix too.
  public var tiesEmbeddings: Bool
  /// Whether queries, keys and values have a bias.
  public var hasAttentionBias: Bool
  /// Whether the attention's output has a bias.
  public var hasOutputBias: Bool
  /// Whether the heads of queries and keys are normalized, as in Qwen 3.
  public var hasHeadNorm: Bool

  /// Numbers of all queries of a token.
  public var querySize: Int { headCount * headSize }
  /// Numbers of all keys, or all values, of a token.
  public var keyValueSize: Int { keyValueHeadCount * headSize }
  /// Bytes that a token takes in the cache of keys and values.
  public var cacheBytesPerToken: Int { 2 * layerCount * keyValueSize * MemoryLayout<Float>.size }

  /// Layers beyond this are no model that was ever made, but a damaged file.
  static let layerLimit = 4096

  /// Refuses what does not fit together, or does not fit the 32-bit sizes of BLAS.
  func validated() throws(TransformerError) -> TransformerConfiguration {
    let sizes = [
      ("vocab_size", vocabularySize), ("hidden_size", hiddenSize),
      ("intermediate_size", intermediateSize), ("num_attention_heads", headCount),
      ("num_key_value_heads", keyValueHeadCount), ("head_dim", headSize),
      ("max_position_embeddings", contextLength),
    ]
    for (field, size) in sizes {
      guard size > 0, size <= Int(Int32.max) else {
        throw TransformerError(.invalidField(field, reason: "is \(size), not 1 to \(Int32.max)"))
      }
    }
    guard headCount.isMultiple(of: keyValueHeadCount) else {
      throw TransformerError(
        .invalidField(
          "num_attention_heads",
          reason: "is \(headCount), no multiple of num_key_value_heads, \(keyValueHeadCount)"))
    }
    guard headSize.isMultiple(of: 2) else {
      throw TransformerError(
        .invalidField("head_dim", reason: "is \(headSize); rotation needs an even number"))
    }
    guard headCount.multipliedReportingOverflow(by: headSize).partialValue <= Int(Int32.max) else {
      throw TransformerError(
        .invalidField("num_attention_heads", reason: "times head_dim is beyond \(Int32.max)"))
    }
    guard normEpsilon.isFinite, normEpsilon >= 0 else {
      throw TransformerError(.invalidField("rms_norm_eps", reason: "is \(normEpsilon)"))
    }
    for window in windows.compactMap(\.self) where window < 1 {
      throw TransformerError(.invalidField("sliding_window", reason: "is \(window), not positive"))
    }
    return self
  }
}
