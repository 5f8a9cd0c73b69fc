// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

extension TransformerConfiguration {
  /// Reads a `config.json` as transformers 5.23 does, old spellings included.
  ///
  /// ```swift
  /// let configuration = try TransformerConfiguration(configJSON: bytes)
  /// configuration.modelType     // .qwen3
  /// ```
  ///
  /// - Parameter bytes: The file's bytes, UTF-8.
  /// - Throws: ``TransformerError`` that names the model type and the field.
  public init(configJSON bytes: [UInt8]) throws(TransformerError) {
    let value: JSONValue
    do throws(JSONError) {
      value = try JSONValue(parsing: bytes)
    } catch {
      throw TransformerError(.malformedHeader(reason: "\(error)"))
    }
    guard let object = value.object else {
      throw TransformerError(
        .malformedHeader(reason: "expected an object, found \(value.kindName)"))
    }
    self = try Self.read(ConfigurationFields(object: object)).validated()
  }

  private static func read(_ fields: ConfigurationFields) throws(TransformerError)
    -> TransformerConfiguration
  {
    let name = try fields.string("model_type") ?? ""
    guard let type = ModelType(rawValue: name) else {
      throw TransformerError(
        .unsupported(
          modelType: name, field: "model_type", value: name,
          supported: "llama, mistral, qwen2 and qwen3 are"))
    }
    try refuse(fields, type)
    let hidden = try fields.requiredInteger("hidden_size")
    let heads = try fields.requiredInteger("num_attention_heads")
    guard heads > 0 else {
      throw TransformerError(.invalidField("num_attention_heads", reason: "is \(heads)"))
    }
    // The defaults are those of each type's configuration class.
    let size =
      try fields.integer("head_dim") ?? (type == .qwen3 ? 128 : hidden / heads)
    let keyValueHeads = try fields.integer("num_key_value_heads")
    let layers = try fields.requiredInteger("num_hidden_layers")
    guard (1...layerLimit).contains(layers) else {
      throw TransformerError(
        .invalidField("num_hidden_layers", reason: "is \(layers), not 1 to \(layerLimit)"))
    }
    let context = try fields.requiredInteger("max_position_embeddings")
    let bias = type == .qwen2 ? true : type == .mistral ? false : try fields.flag("attention_bias")
    return TransformerConfiguration(
      modelType: type,
      vocabularySize: try fields.requiredInteger("vocab_size"),
      hiddenSize: hidden,
      intermediateSize: try fields.requiredInteger("intermediate_size"),
      layerCount: layers,
      headCount: heads,
      keyValueHeadCount: keyValueHeads ?? (type == .mistral ? 8 : heads),
      headSize: size,
      contextLength: context,
      normEpsilon: try fields.number("rms_norm_eps") ?? 1e-6,
      rotary: try rotary(fields, type, context: context),
      windows: try windows(fields, type, layers: layers),
      tiesEmbeddings: try fields.flag("tie_word_embeddings"),
      hasAttentionBias: bias,
      hasOutputBias: bias && type != .qwen2,
      hasHeadNorm: type == .qwen3)
  }

  /// Refuses what the types allow and this transformer does not have.
  private static func refuse(_ fields: ConfigurationFields, _ type: ModelType)
    throws(TransformerError)
  {
    if let activation = try fields.string("hidden_act"), activation != "silu" {
      throw TransformerError(
        .unsupported(
          modelType: type.rawValue, field: "hidden_act", value: activation, supported: "silu is"))
    }
    if type == .llama, try fields.flag("mlp_bias") {
      throw TransformerError(
        .unsupported(
          modelType: type.rawValue, field: "mlp_bias", value: "true", supported: "false is"))
    }
    if fields.value("quantization_config") != nil {
      throw TransformerError(
        .unsupported(
          modelType: type.rawValue, field: "quantization_config", value: "{…}",
          supported: "weights in F32, F16 and BF16 are"))
    }
  }

  /// `rope_parameters` since version 5; `rope_theta` and `rope_scaling` before it.
  private static func rotary(
    _ fields: ConfigurationFields, _ type: ModelType, context: Int
  ) throws(TransformerError) -> RotarySettings {
    let (old, new) = (try fields.fields("rope_scaling"), try fields.fields("rope_parameters"))
    let parameters = old ?? new ?? ConfigurationFields(object: [:])
    let outerTheta = try fields.number("rope_theta")
    let theta = try parameters.number("rope_theta") ?? outerTheta ?? 10_000
    guard theta > 0, theta.isFinite else {
      throw TransformerError(.invalidField("rope_theta", reason: "is \(theta), not positive"))
    }
    let outerPart = try fields.number("partial_rotary_factor")
    if let part = try parameters.number("partial_rotary_factor") ?? outerPart, part != 1 {
      throw TransformerError(
        .unsupported(
          modelType: type.rawValue, field: "partial_rotary_factor", value: "\(part)",
          supported: "1 is"))
    }
    var settings = RotarySettings(theta: theta)
    let oldKind = try parameters.string("type")
    let kind = try parameters.string("rope_type") ?? oldKind ?? "default"
    switch kind {
    case "default": break
    case "linear":
      settings.scaling = .linear(factor: try parameters.requiredNumber("factor"))
    case "llama3":
      settings.scaling = .llama3(
        factor: try parameters.requiredNumber("factor"),
        lowFrequencyFactor: try parameters.requiredNumber("low_freq_factor"),
        highFrequencyFactor: try parameters.requiredNumber("high_freq_factor"),
        originalContext: try parameters.number("original_max_position_embeddings")
          ?? Float(context))
    default:
      throw TransformerError(
        .unsupported(
          modelType: type.rawValue, field: parameters.prefix + "rope_type", value: kind,
          supported: "default, linear and llama3 are"))
    }
    return settings
  }

  private static func windows(
    _ fields: ConfigurationFields, _ type: ModelType, layers: Int
  ) throws(TransformerError) -> [Int?] {
    switch type {
    case .llama:
      return Array(repeating: nil, count: layers)
    case .mistral:
      // An absent window is the class's default; null is none.
      let isAbsent = fields.object["sliding_window"] == nil
      let window = try fields.integer("sliding_window") ?? (isAbsent ? 4096 : nil)
      return Array(repeating: window, count: layers)
    case .qwen2, .qwen3:
      guard try fields.flag("use_sliding_window") else {
        return Array(repeating: nil, count: layers)
      }
      let window = try fields.integer("sliding_window")
      guard let list = fields.value("layer_types") else {
        let first = try fields.integer("max_window_layers") ?? 28
        return (0..<layers).map { $0 >= first ? window : nil }
      }
      guard let names = list.array?.map({ $0.string }), names.count == layers else {
        throw TransformerError(
          .invalidField("layer_types", reason: "must list \(layers) types, one a layer"))
      }
      var windows: [Int?] = []
      for name in names {
        switch name {
        case "full_attention": windows.append(nil)
        case "sliding_attention": windows.append(window)
        default:
          throw TransformerError(
            .unsupported(
              modelType: type.rawValue, field: "layer_types", value: name?.string ?? "null",
              supported: "full_attention and sliding_attention are"))
        }
      }
      return windows
    }
  }
}
