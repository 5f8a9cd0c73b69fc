// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// A vocabulary and its merges, fresh from training.
public struct TrainedTokenizer: Sendable {
  static let unknownToken = "<unk>"

  private let options: TrainingOptions
  private let specialTokens: [[UInt8]]
  /// The tokens in the order of their ids, spelled in the format's alphabet, UTF-8.
  public let tokens: [[UInt8]]
  /// The ids of the tokens that each merge joins, the earliest merge first.
  public let merges: [(left: Int, right: Int)]

  init(
    options: TrainingOptions, specialTokens: [[UInt8]], vocabulary: TrainingVocabulary,
    merges: [MergeLearner.Merge]
  ) {
    self.options = options
    self.specialTokens = specialTokens
    tokens = vocabulary.tokens
    // A pair that came up again has the rank of its last time, as in the reference's map.
    var seen: Set<TokenPair> = []
    self.merges = merges.reversed().filter { seen.insert($0.pair).inserted }.reversed()
      .map { (Int($0.pair.left), Int($0.pair.right)) }
  }

  /// The tokenizer as a `tokenizer.json` for Hugging Face's `tokenizers`, on one line.
  public func tokenizerJSON() -> [UInt8] {
    var output: [UInt8] = []
    JSONSerializer.compact.write(json, to: &output)
    output.append(UInt8(ascii: "\n"))
    return output
  }

  private var json: JSONValue {
    .object([
      "version": "1.0".json, "truncation": .null, "padding": .null,
      "added_tokens": .array(addedTokens), "normalizer": .null, "pre_tokenizer": preTokenizer,
      "post_processor": .null, "decoder": decoder, "model": model,
    ])
  }

  private var addedTokens: [JSONValue] {
    let special = Set(specialTokens)
    return tokens.enumerated().filter { special.contains($0.element) }.map { identifier, token in
      .object([
        "id": .integer(identifier), "content": Self.text(token), "single_word": .bool(false),
        "lstrip": .bool(false), "rstrip": .bool(false), "normalized": .bool(false),
        "special": .bool(true),
      ])
    }
  }

  private var preTokenizer: JSONValue {
    switch options.format {
    case .byteLevel: Self.byteLevel(addsPrefixSpace: false)
    case .metaspace:
      .object([
        "type": "Metaspace".json, "replacement": "▁".json, "prepend_scheme": "first".json,
        "split": .bool(true),
      ])
    }
  }

  private var decoder: JSONValue {
    switch options.format {
    case .byteLevel: Self.byteLevel(addsPrefixSpace: true)
    case .metaspace:
      .object([
        "type": "Sequence".json,
        "decoders": .array([
          .object([
            "type": "Replace".json, "pattern": .object(["String": "▁".json]), "content": " ".json,
          ]),
          .object(["type": "ByteFallback".json]),
          .object(["type": "Fuse".json]),
          .object([
            "type": "Strip".json, "content": " ".json, "start": .integer(1), "stop": .integer(0),
          ]),
        ]),
      ])
    }
  }

  private static func byteLevel(addsPrefixSpace: Bool) -> JSONValue {
    .object([
      "type": "ByteLevel".json, "add_prefix_space": .bool(addsPrefixSpace),
      "trim_offsets": .bool(true), "use_regex": .bool(true),
    ])
  }

  private var model: JSONValue {
    let fallsBack = options.format == .metaspace
    let vocabulary = tokens.enumerated().map { identifier, token in
      (Self.exact(token), JSONValue.integer(identifier))
    }
    return .object([
      "type": "BPE".json, "dropout": .null,
      "unk_token": fallsBack ? Self.unknownToken.json : .null,
      "continuing_subword_prefix": options.continuingSubwordPrefix?.json ?? .null,
      "end_of_word_suffix": options.endOfWordSuffix?.json ?? .null,
      "fuse_unk": .bool(fallsBack), "byte_fallback": .bool(fallsBack),
      "ignore_merges": .bool(false), "vocab": .object(JSONObject(vocabulary)),
      "merges": .array(
        merges.map { .array([Self.text(tokens[$0.left]), Self.text(tokens[$0.right])]) }),
    ])
  }

  private static func exact(_ token: [UInt8]) -> ExactString {
    ExactString(String(decoding: token, as: UTF8.self))
  }

  private static func text(_ token: [UInt8]) -> JSONValue { .string(exact(token)) }
}

extension String {
  fileprivate var json: JSONValue { .string(ExactString(self)) }
}
