// SPDX-License-Identifier: Apache-2.0

import ChatTemplates
import OrderedJSON
import TextNormalization
import TextPrimitives
import Tokenization
import TokenizerFormats

/// A vocabulary of the 256 bytes and a template's control tokens: any family can be encoded with it.
enum ByteVocabulary {
  static func tokenizer(for template: ChatTemplate) throws -> Tokenizer {
    var vocabulary: JSONObject = [:]
    for byte in UInt8.min...UInt8.max {
      let letter = String(decoding: ByteAlphabet.spelling(of: [byte]), as: UTF8.self)
      vocabulary[ExactString(letter)] = .integer(Int(byte))
    }
    let added = template.controlTokens.enumerated().map { index, token -> JSONValue in
      [
        "id": .integer(256 + index), "content": .string(token), "single_word": false,
        "lstrip": false, "rstrip": false, "normalized": false, "special": true,
      ]
    }
    let bytes: JSONValue = [
      "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false,
    ]
    let file: JSONValue = [
      "version": "1.0", "truncation": nil, "padding": nil, "added_tokens": .array(added),
      "normalizer": nil, "pre_tokenizer": bytes, "post_processor": nil, "decoder": bytes,
      "model": ["type": "BPE", "vocab": .object(vocabulary), "merges": []],
    ]
    return try Tokenizer(
      tokenizerJSON: Array(file.serialized().utf8), name: "\(template.name).json")
  }
}
