// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives
import Tokenization

/// Whose reading of a model's folder is followed, where implementations disagree.
public enum TokenizerReading: String, Hashable, Sendable, CaseIterable {
  /// The library that the format belongs to: `tokenizers` for a `tokenizer.json`, sentencepiece for
  /// a `.model`.
  case reference
  /// transformers 5.23, whose LlamaTokenizer keeps a file's vocabulary and merges and makes the
  /// rest anew: the normalizer is dropped, and merges of a `.model` are in the order of ids.
  case transformers
}

/// What transformers' LlamaTokenizer makes of a folder.
///
/// As `LlamaTokenizer.__init__` and `SentencePieceExtractor` do (huggingface/transformers 5.23).
struct TransformersLlama {
  /// `legacy`, false unless the folder says otherwise.
  let isLegacy: Bool
  /// `add_prefix_space`, true unless the folder says otherwise.
  let addsPrefixSpace: Bool

  /// The special tokens that the class names where the folder does not.
  static let names: [ExactString: ExactString] = [
    "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>",
  ]

  /// The reading of a folder; nil where transformers takes another class.
  ///
  /// `tokenizer_class` names the class, but for some model types it is known to be wrong, and a
  /// byte-level file is read as it is.
  init?(config: ComponentNode, modelConfig: ComponentNode, isByteLevel: Bool)
    throws(TokenizerLoadingError)
  {
    let key = "tokenizer_class"
    let named = config[key].value.string ?? modelConfig[key].value.string
    guard named == "LlamaTokenizer" || named == "LlamaTokenizerFast", !isByteLevel else {
      return nil
    }
    if let type = modelConfig["model_type"].value.string?.string,
      ModelTypes.readingFilesAsTheyAre.contains(type)
    {
      return nil
    }
    isLegacy = try config["legacy"].optionalBool() ?? false
    addsPrefixSpace = try config["add_prefix_space"].optionalBool() ?? true
  }

  /// Makes everything but vocabulary, merges, added tokens and post-processor anew.
  func rebuild(_ configuration: inout Tokenizer.Configuration) {
    var options = BPE.Options()
    options.byteFallback = true
    options.fusesUnknown = true
    configuration.model = BPE(
      vocabulary: configuration.model.vocabulary, rules: configuration.model.rules,
      options: options)
    configuration.normalizer = nil
    let prepend: PreTokenizer.PrependScheme =
      addsPrefixSpace ? (isLegacy ? .always : .first) : .never
    configuration.preTokenizer = .metaspace(
      replacement: Metaspace.scalar, prepend: prepend, splits: false)
    configuration.decoder = .byteFallbackOfMetaspace(stripsSpace: addsPrefixSpace)
  }

  /// The vocabulary and merges of a SentencePiece model, and its added tokens.
  ///
  /// Every split of every piece, control pieces included, merges in the order of the pieces' ids.
  func configuration(of model: SentencePieceModel, file: String) throws(TokenizerLoadingError)
    -> Tokenizer.Configuration
  {
    let vocabulary = try SentencePieceFormat.vocabulary(model, file)
    var splits = TokenSplits(vocabulary, lengths: model.pieces.map(\.text.count))
    do throws(TokenSplits.Problem) {
      for (id, piece) in model.pieces.enumerated() {
        try splits.add(
          piece.text.span, id: TokenID(id), rank: nil, number: id, canSplit: { $0 & 0xC0 != 0x80 })
      }
    } catch {
      throw TokenizerLoadingError(error, file: file, path: "pieces")
    }
    var configuration = Tokenizer.Configuration(
      model: BPE(vocabulary: vocabulary, rules: splits.rules()))
    configuration.addedTokens = SentencePieceFormat.addedTokens(model, isNormalized: false)
    rebuild(&configuration)
    return configuration
  }
}

/// Model types by what transformers 5.23 does with their folders (`tokenization_auto.py`).
enum ModelTypes {
  /// Types whose `tokenizer.json` is read as it is, whatever class the folder names.
  static let readingFilesAsTheyAre: Set<String> = [
    "EvollaModel", "arctic", "aria", "beam", "bigbird_pegasus", "camembertv2-base", "canary",
    "chatlm", "cohere_asr", "ernie4_5", "ernie4_5_moe", "flex_olmo", "fuyu", "glm", "glm4",
    "glm4_moe", "glm4_moe_lite", "glm4v", "glm4v_moe", "glm_image", "glmasr", "got_ocr2",
    "gpt_bigcode", "gradium_phonon_tts", "granite", "granitemoe", "granitemoehybrid",
    "granitemoeshared", "h2ovl_chat", "hyperclovax", "hyperclovax_vision_v2", "hyperclovax_vlm",
    "internlm2", "internlm3", "iquestcoder", "jamba", "kimi_k25", "kimi_linear", "kosmos-2",
    "llava", "llava_next", "mimo_v2_flash", "minicpm3", "minicpm_ocr", "minicpmv", "minicpmv4_6",
    "minicpmv4_7", "minimax_m2", "ministral", "ministral3", "mistral", "mistral3",
    "mistral_large4", "mixtral", "modernbert", "modernbert-decoder", "molmo", "molmo2",
    "nemo_speechlm", "nemotron", "nvfp4", "nystromformer", "olmo2", "olmo3", "olmo_hybrid",
    "opencua", "openvla", "paddleocr_vl", "pegasus_x", "persimmon", "phi3", "phi3_v", "phimoe",
    "pix2struct", "pixtral", "pocket_tts", "qwen2", "qwen3_5", "qwen3_5_moe", "qwen3_5_moe_text",
    "qwen4_exp", "siglip2", "smolvlm", "stablelm", "step3_vl", "umt5", "vipllava", "voxtral",
    "voxtral_realtime", "xlm-roberta-xl",
  ]
}
