// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TestSupport
import TextPrimitives
import Tokenization
import TokenizerFormats

/// The vocabulary that a layout file was made with.
struct LayoutVocabulary {
  /// The path of its file in the corpus, with that of its overlay.
  let name: String
  private let path: String
  /// A file whose members stand over those of `tekken.json`: another version, other control tokens.
  private let overlay: String?
  private let encoding: String?

  /// Reads a layout's entry in the manifest; nil where its vocabulary is none of these.
  init?(_ layout: JSONValue) {
    let vocabulary = layout["vocab"]?.string?.string
    overlay = layout["tekken_overlay"]?.string?.string
    encoding = vocabulary == "llama-4" ? "llama-4" : nil
    if let path = layout["tokenizer"]?.string?.string {
      self.path = path
    } else if overlay != nil {
      path = "tekken-240718/tekken_240718.json"
    } else if let path = vocabulary.flatMap({ Self.paths[$0] }) {
      self.path = path
    } else {
      return nil
    }
    name = path + (overlay ?? "")
  }

  private static let paths = [
    "llama-3": "llama-3/tokenizer.json",
    "llama-4": "llama-4/tokenizer.model",
    "o200k_harmony": "o200k_harmony/tokenizer.json",
    "tekken-240718": "tekken-240718/tokenizer.json",
    "mistral-v1": "mistral-v1/tokenizer.model.v1",
    "mistral-v2": "mistral-v2/mistral_instruct_tokenizer_240216.model.v2",
    "mistral-v3": "mistral-v3/mistral_instruct_tokenizer_240323.model.v3",
    "mistral-v7": "mistral-v7/mistral_instruct_tokenizer_241114.model.v7",
  ]

  func makeTokenizer() throws -> Tokenizer {
    guard let overlay else {
      return try Tokenizer(contentsOf: "\(Conformance.root)/vocab/\(path)", encoding: encoding)
    }
    guard case .object(var file) = try Conformance.json("vocab/" + path),
      case .object(let changes) = try Conformance.json("vocab/" + overlay)
    else { throw Fixtures.Malformed(path: path) }
    for (key, value) in changes {
      if case .object(let members) = value, case .object(var whole)? = file[key] {
        for (name, member) in members { whole[name] = member }
        file[key] = .object(whole)
      } else {
        file[key] = value
      }
    }
    return try TekkenFormat.load(Array(JSONValue.object(file).serialized().utf8), file: overlay)
  }
}
