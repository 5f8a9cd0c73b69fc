// SPDX-License-Identifier: Apache-2.0

import GGUFFormat
import TextPrimitives

/// The weights of a GGUF file, under the names that Hugging Face's checkpoints have.
enum GGUFWeights {
  /// Reads a file.
  ///
  /// - Throws: ``TransformerError`` that names the file.
  static func load(path: String) throws(TransformerError)
    -> (TransformerConfiguration, [WeightTensor])
  {
    do throws(TransformerError) {
      let file = try open(path)
      let header = file.header
      var configuration = try TransformerConfiguration(header)
      let bytes = WeightBytes(file)
      var tensors: [WeightTensor] = []
      for tensor in header.tensors {
        let read = try weightTensor(tensor, bytes)
        if tensor.name == "rope_freqs.weight" {
          configuration.rotary.scaling = .perFrequency(try factors(read, configuration))
        } else {
          tensors.append(read)
        }
      }
      return (configuration, tensors)
    } catch {
      throw TransformerError(error.kind, path: path)
    }
  }

  private static func open(_ path: String) throws(TransformerError) -> GGUFFile {
    do throws(GGUFError) {
      return try GGUFFile(path: path)
    } catch {
      var bare = error
      bare.path = nil
      throw TransformerError(.unreadable(reason: "\(bare)"))
    }
  }

  private static func weightTensor(_ tensor: GGUFTensor, _ bytes: WeightBytes)
    throws(TransformerError) -> WeightTensor
  {
    let type: WeightType? =
      switch tensor.type {
      case .f32: .float32
      case .f16: .float16
      case .bf16: .bfloat16
      case .q8_0: .q8_0
      default: nil
      }
    guard let type else {
      throw TransformerError(
        .unsupportedTensorType(tensor.name.string, type: "\(tensor.type)".uppercased()))
    }
    return try WeightTensor(
      name: checkpointName(tensor.name.string), shape: tensor.dimensions.reversed(), type: type,
      bytes: bytes, range: tensor.byteRange)
  }

  private static func factors(
    _ tensor: WeightTensor, _ configuration: TransformerConfiguration
  ) throws(TransformerError) -> [Float] {
    let expected = [configuration.headSize / 2]
    guard tensor.shape == expected else {
      throw TransformerError(
        .wrongShape("rope_freqs.weight", expected: expected, found: tensor.shape))
    }
    return tensor.values()
  }

  /// The parts of a layer: GGUF's name, and that of checkpoints.
  private static let parts = [
    "attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm",
    "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj", "attn_q_norm": "self_attn.q_norm",
    "attn_k_norm": "self_attn.k_norm", "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
  ]

  /// The tensors beside the layers: GGUF's name, and that of checkpoints.
  private static let others = [
    "token_embd.weight": "model.embed_tokens.weight", "output_norm.weight": "model.norm.weight",
    "output.weight": "lm_head.weight",
  ]

  /// `blk.3.attn_q.weight` is `model.layers.3.self_attn.q_proj.weight`; unknown names stay.
  private static func checkpointName(_ name: String) -> String {
    if let other = others[name] { return other }
    let pieces = name.split(separator: ".")
    guard pieces.count == 4, pieces[0] == "blk", let part = parts[String(pieces[2])] else {
      return name
    }
    return "model.layers.\(pieces[1]).\(part).\(pieces[3])"
  }

  /// The name that the file has for a tensor of a checkpoint's name, for messages.
  static func fileName(_ name: String) -> String {
    if let other = others.first(where: { $0.value == name }) { return other.key }
    let pieces = name.split(separator: ".")
    guard pieces.count > 4, pieces[0] == "model", pieces[1] == "layers",
      let last = pieces.last
    else { return name }
    let middle = pieces[3..<pieces.count - 1].joined(separator: ".")
    guard let part = parts.first(where: { $0.value == middle }) else { return name }
    return "blk.\(pieces[2]).\(part.key).\(last)"
  }
}
