// SPDX-License-Identifier: Apache-2.0

/// All weights of a model, by what they do.
struct ModelWeights: Sendable {
  /// One layer.
  ///
  /// Matrices have a row per output: shape `(outputs, inputs)`.
  struct Layer: Sendable {
    /// Shape `(hiddenSize)`.
    let attentionNorm: NormWeights
    /// Shape `(querySize, hiddenSize)`.
    let query: WeightMatrix
    /// Shape `(keyValueSize, hiddenSize)`.
    let key: WeightMatrix
    /// Shape `(keyValueSize, hiddenSize)`.
    let value: WeightMatrix
    /// Shape `(headSize)`; nil where heads are not normalized.
    let queryNorm: NormWeights?
    /// Shape `(headSize)`; nil where heads are not normalized.
    let keyNorm: NormWeights?
    /// Shape `(hiddenSize, querySize)`.
    let attentionOutput: WeightMatrix
    /// Shape `(hiddenSize)`.
    let feedForwardNorm: NormWeights
    /// Shape `(intermediateSize, hiddenSize)`.
    let gate: WeightMatrix
    /// Shape `(intermediateSize, hiddenSize)`.
    let up: WeightMatrix
    /// Shape `(hiddenSize, intermediateSize)`.
    let down: WeightMatrix
  }

  /// Shape `(vocabularySize, hiddenSize)`.
  let embedding: WeightMatrix
  let layers: [Layer]
  /// Shape `(hiddenSize)`.
  let outputNorm: NormWeights
  /// Shape `(vocabularySize, hiddenSize)`; the embedding where the two are tied.
  let output: WeightMatrix

  /// Takes the tensors by the names that Hugging Face's checkpoints give them.
  ///
  /// - Throws: ``TransformerError`` for a tensor that is missing, misshaped or left over.
  init(_ tensors: [WeightTensor], _ configuration: TransformerConfiguration)
    throws(TransformerError)
  {
    var table = WeightTable(tensors)
    let (hidden, middle) = (configuration.hiddenSize, configuration.intermediateSize)
    let (queries, keys) = (configuration.querySize, configuration.keyValueSize)
    let head = configuration.headSize
    let bias = configuration.hasAttentionBias
    // Old checkpoints store the frequencies of the rotation, which follow from the configuration.
    table.discard { $0.utf8.reversed().starts(with: ".rotary_emb.inv_freq".utf8.reversed()) }

    embedding = try table.matrix("model.embed_tokens", configuration.vocabularySize, hidden)
    var layers: [Layer] = []
    for index in 0..<configuration.layerCount {
      let name = "model.layers.\(index)"
      layers.append(
        Layer(
          attentionNorm: try table.norm("\(name).input_layernorm", hidden),
          query: try table.matrix("\(name).self_attn.q_proj", queries, hidden, bias: bias),
          key: try table.matrix("\(name).self_attn.k_proj", keys, hidden, bias: bias),
          value: try table.matrix("\(name).self_attn.v_proj", keys, hidden, bias: bias),
          queryNorm: configuration.hasHeadNorm
            ? try table.norm("\(name).self_attn.q_norm", head) : nil,
          keyNorm: configuration.hasHeadNorm
            ? try table.norm("\(name).self_attn.k_norm", head) : nil,
          attentionOutput: try table.matrix(
            "\(name).self_attn.o_proj", hidden, queries, bias: configuration.hasOutputBias),
          feedForwardNorm: try table.norm("\(name).post_attention_layernorm", hidden),
          gate: try table.matrix("\(name).mlp.gate_proj", middle, hidden),
          up: try table.matrix("\(name).mlp.up_proj", middle, hidden),
          down: try table.matrix("\(name).mlp.down_proj", hidden, middle)))
    }
    self.layers = layers
    outputNorm = try table.norm("model.norm", hidden)
    if configuration.tiesEmbeddings {
      // transformers overwrites a stored output matrix with the embedding.
      table.discard { $0 == "lm_head.weight" }
      output = embedding
    } else {
      output = try table.matrix("lm_head", configuration.vocabularySize, hidden)
    }
    try table.finish()
  }

  /// Bytes of all tensors, as they are stored.
  var byteCount: Int { tensors.reduce(0) { $0 + $1.range.count } }

  /// The name of the first tensor that holds NaN or infinity.
  ///
  /// - Complexity: Linear in the size of the weights.
  func firstNotFinite() -> String? {
    tensors.first { !$0.isFinite }?.name
  }

  /// Every tensor once.
  private var tensors: [WeightTensor] {
    var tensors = [embedding.tensor, outputNorm.tensor]
    if output.tensor.name != embedding.tensor.name { tensors.append(output.tensor) }
    for layer in layers {
      let matrices = [
        layer.query, layer.key, layer.value, layer.attentionOutput, layer.gate, layer.up,
        layer.down,
      ]
      tensors += matrices.flatMap { [$0.tensor, $0.biasTensor].compactMap(\.self) }
      tensors += [layer.attentionNorm, layer.feedForwardNorm].map(\.tensor)
      tensors += [layer.queryNorm, layer.keyNorm].compactMap(\.?.tensor)
    }
    return tensors
  }
}

/// The weights of a normalization, as float32.
struct NormWeights: Sendable {
  let tensor: WeightTensor
  /// Shape `(size)`.
  let values: [Float]
}

extension WeightTable {
  fileprivate mutating func norm(_ name: String, _ size: Int) throws(TransformerError)
    -> NormWeights
  {
    let tensor = try take("\(name).weight", shape: [size])
    return NormWeights(tensor: tensor, values: tensor.values())
  }

  fileprivate mutating func matrix(
    _ name: String, _ rows: Int, _ columns: Int, bias: Bool = false
  ) throws(TransformerError) -> WeightMatrix {
    let weights = try take("\(name).weight", shape: [rows, columns])
    return WeightMatrix(weights, bias: bias ? try take("\(name).bias", shape: [rows]) : nil)
  }
}
