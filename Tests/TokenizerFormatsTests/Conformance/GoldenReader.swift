// SPDX-License-Identifier: Apache-2.0

import BinaryInput
import OrderedJSON
import TestSupport
import Testing
import TextPrimitives
import Tokenization
import TokenizerFormats

/// One way of reading a vocabulary of the corpus: a file, and the goldens of its reference.
struct GoldenReader: CustomTestStringConvertible {
  let path: String
  private let encoding: String?
  /// The golden files by kind: encode, encode-bytes, encode-special, decode.
  let goldens: [String: String]
  /// Files of vectors that llama.cpp, transformers.js and swift-transformers publish.
  let vectors: [String]

  var testDescription: String { path }

  /// All files of the manifest; none where the corpus is absent.
  static let all: [GoldenReader] = {
    guard let manifest = try? Conformance.json("vocab/manifest.json") else { return [] }
    return (manifest["vocabs"]?.array ?? []).flatMap { vocabulary in
      let name = vocabulary["name"]?.text ?? ""
      let rankFiles = (vocabulary["files"]?.array ?? [])
        .filter { $0["format"]?.text == "tiktoken" }.compactMap { $0["path"]?.text }
      return (vocabulary["readers"]?.array ?? []).flatMap { reader in
        let isTiktoken = reader["set"]?.text.utf8.suffix(9).elementsEqual("-tiktoken".utf8) ?? false
        var goldens: [String: String] = [:]
        for (kind, golden) in reader["goldens"]?.object ?? JSONObject() {
          goldens[kind.string] = golden["file"]?.text
        }
        return (reader["paths"]?.array ?? []).map { path in
          // "vocab.json + merges.txt" is named by its first file.
          let file = String(decoding: path.text.utf8.prefix { $0 != 0x20 }, as: UTF8.self)
          let needsName = isTiktoken || rankFiles.contains(file)
          return GoldenReader(
            path: file, encoding: needsName ? (name == "gpt2" ? "r50k_base" : name) : nil,
            goldens: goldens, vectors: vectors(of: file, vocabulary: name, manifest))
        }
      }
    }
  }()

  /// Vectors are tried with the file that they were made for, else with the tokenizer.json, else
  /// with the rank file.
  private static func vectors(of path: String, vocabulary: String, _ manifest: JSONValue)
    -> [String]
  {
    let entries = (manifest["gguf_vectors"]?.array ?? []) + (manifest["external"]?.array ?? [])
    return entries.filter { entry in
      let file = entry["gguf"]?.string?.string ?? "\(vocabulary)/tokenizer.json"
      return entry["vocab"]?.text == vocabulary
        && (path == file || path == "\(vocabulary)/\(vocabulary).tiktoken")
    }.compactMap { $0["file"]?.text }
  }

  func load() throws -> Tokenizer {
    try Tokenizer(contentsOf: "\(Conformance.root)/vocab/\(path)", encoding: encoding)
  }

  /// The lines of a golden file; none where the reader has no such set.
  func lines(_ kind: String) throws -> [GoldenLine] {
    try goldens[kind].map(Self.lines(ofFile:)) ?? []
  }

  /// The lines of a file of the corpus.
  static func lines(ofFile file: String) throws -> [GoldenLine] {
    try Conformance.lines("vocab/\(file)").map(GoldenLine.init)
  }
}

/// A line of a golden file.
struct GoldenLine {
  let value: JSONValue

  var text: String { value["text"]?.text ?? "" }
  var bytes: [UInt8]? { value["bytes"].flatMap { Base64.decode($0.text.utf8) } }
  /// The texts that transformers made of the ids, with and without special tokens; none where the
  /// line has none.
  var published: [(text: String, skipsSpecialTokens: Bool)] {
    [("decoded_skip_special_false", false), ("decoded_skip_special_true", true)]
      .compactMap { key, skips in value[ExactString(key)].map { ($0.text, skips) } }
  }
  var skipsSpecialTokens: Bool { value["skip_special_tokens"]?.bool ?? false }
  var ids: [TokenID] { Self.ids(value["ids"]) }
  /// What a stream gives for each id.
  var chunks: [String]? { value["chunks"]?.array?.map(\.text) }
  /// What a stream gives at its end.
  var final: String { value["final"]?.text ?? "" }

  static func ids(_ value: JSONValue?) -> [TokenID] {
    (value?.array ?? []).compactMap { $0.integer.map(TokenID.init) }
  }
}

extension JSONValue {
  /// The string, or nothing.
  var text: String { string?.string ?? "" }
}
