// SPDX-License-Identifier: Apache-2.0

import TextPrimitives
import Tokenization

/// What a model's tokenizer does that its GGUF file has no field for, told by the model's name.
///
/// llama.cpp knows these models in the same way (`llama-vocab.cpp`, attributes by model name).
struct GGUFQuirk {
  /// Parts of `general.name`, in lower case, that mean the model.
  let names: [String]
  /// Whether added tokens swallow the white space after them.
  let stripsRight: Bool
  /// The tokens that do not.
  let exceptions: [String]
  /// How tokens become text, where SentencePiece's way is not the model's.
  let decoder: TokenDecoder?

  /// All models that are known to need one.
  private static let all = [
    // The Hub's tokenizer.json is a Llama tokenizer with these flags.
    GGUFQuirk(
      names: ["phi-3", "phi3"], stripsRight: true, exceptions: ["<unk>", "<s>", "<|endoftext|>"],
      decoder: .byteFallbackOfMetaspace(stripsSpace: true))
  ]

  /// The quirk of a model; nil where it has none.
  static func of(modelName: String) -> GGUFQuirk? {
    let name = modelName.lowercased()
    return all.first { quirk in quirk.names.contains { name.contains($0) } }
  }

  func apply(to configuration: inout Tokenizer.Configuration) {
    if stripsRight {
      for index in configuration.addedTokens.indices {
        let content = configuration.addedTokens[index].content
        let isException = exceptions.contains { content == ExactString($0) }
        configuration.addedTokens[index].stripsRight = !isException
      }
    }
    if let decoder { configuration.decoder = decoder }
  }
}

extension TokenDecoder {
  /// The decoder of Llama's `tokenizer.json`: marks are spaces, bytes are joined, and the space that
  /// was prepended goes.
  static func byteFallbackOfMetaspace(stripsSpace: Bool) -> TokenDecoder {
    let steps: [TokenDecoder] = [
      .replace(.literal(Metaspace.utf8), with: [0x20]), .byteFallback, .fuse,
    ]
    return .sequence(stripsSpace ? steps + [.strip(" ", start: 1, stop: 0)] : steps)
  }
}
