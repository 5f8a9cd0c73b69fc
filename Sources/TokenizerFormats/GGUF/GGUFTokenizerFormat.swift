// SPDX-License-Identifier: Apache-2.0

import GGUFFormat
import OrderedJSON
import TextPrimitives
public import Tokenization

/// The tokenizers of GGUF files.
///
/// Byte-level ones (`gpt2`) become the `tokenizer.json` that they were made from, and are read as
/// such; the others (`llama`) keep pieces with scores, as SentencePiece does.
public enum GGUFTokenizerFormat {
  /// Loads the tokenizer of a GGUF file, which is mapped, not read.
  ///
  /// - Throws: ``TokenizerLoadingError`` naming the key and what is wrong with it.
  public static func load(path: String) throws(TokenizerLoadingError) -> Tokenizer {
    let file = try open(path)
    return try makeTokenizer(
      try unsafe file.withBytes { bytes throws(TokenizerLoadingError) in
        try unsafe GGUFTokenizer(file.header, bytes: bytes, file: path)
      })
  }

  /// Loads the tokenizer of a GGUF file from its bytes.
  ///
  /// - Throws: ``TokenizerLoadingError`` naming the key and what is wrong with it.
  public static func load(_ bytes: [UInt8], file: String) throws(TokenizerLoadingError)
    -> Tokenizer
  {
    // SAFETY: neither the header nor the content keeps the buffer.
    let content = try unsafe bytes.span.withUnsafeBytes {
      buffer throws(TokenizerLoadingError) in
      let header: GGUFHeader
      do throws(GGUFError) {
        header = try unsafe GGUFHeader(parsing: buffer)
      } catch {
        throw loadingError(error, file)
      }
      return try unsafe GGUFTokenizer(header, bytes: buffer, file: file)
    }
    return try makeTokenizer(content)
  }

  static func open(_ path: String) throws(TokenizerLoadingError) -> GGUFFile {
    do throws(GGUFError) {
      return try GGUFFile(path: path)
    } catch {
      throw loadingError(error, path)
    }
  }

  private static func loadingError(_ error: GGUFError, _ file: String) -> TokenizerLoadingError {
    TokenizerLoadingError(
      .malformed, file: file, place: error.byteOffset.map { .byte($0) }, error.message)
  }

  private static func makeTokenizer(_ content: GGUFTokenizer) throws(TokenizerLoadingError)
    -> Tokenizer
  {
    switch content.model {
    case "gpt2":
      var json = try TokenizerJSON(parsing: Array(try json(content).utf8), file: content.file)
      try json.add(content.merges)
      return try json.makeTokenizer()
    case "llama": return try scored(content)
    default:
      throw TokenizerLoadingError(
        .unsupported, file: content.file, place: .path("tokenizer.ggml.model"),
        "a tokenizer of the kind '\(content.model)' is not supported",
        hint: "gpt2 and llama are; use the model's tokenizer.json")
    }
  }

  // MARK: Byte-level

  /// The `tokenizer.json` of a file, without the merges.
  private static func json(_ content: GGUFTokenizer) throws(TokenizerLoadingError) -> String {
    guard let preTokenizer = GGUFPreTokenizer.json(named: content.pre) else {
      throw TokenizerLoadingError(
        .unsupported, file: content.file, place: .path("tokenizer.ggml.pre"),
        "the pre-tokenizer '\(content.pre)' is not known",
        hint: "known are \(GGUFPreTokenizer.known.joined(separator: ", "))")
    }
    var vocabulary = JSONObject()
    var added: [JSONValue] = []
    for (id, token) in content.tokens.enumerated() {
      let text = ExactString(String(decoding: token, as: UTF8.self))
      vocabulary[text] = .integer(id)
      let type = content.types[id]
      guard type == .control || (type == .userDefined && !isFiller(text)) else { continue }
      added.append([
        "id": .integer(id), "content": .string(text), "special": .bool(type == .control),
        "normalized": .bool(type != .control),
      ])
    }
    var file: JSONObject = [
      "added_tokens": .array(added), "decoder": ["type": "ByteLevel"],
      "normalizer": content.pre == "mpt" ? ["type": "NFC"] : .null,
      "model": [
        "type": "BPE", "vocab": .object(vocabulary), "merges": [],
        "ignore_merges": .bool(GGUFPreTokenizer.ignoresMerges(content.pre)),
      ],
    ]
    do throws(JSONError) {
      file["pre_tokenizer"] = try JSONValue(parsing: preTokenizer)
    } catch {
      throw TokenizerLoadingError(.malformed, file: content.file, "\(error)")
    }
    if content.addsBegin == true, let id = content.beginID, content.tokens.indices.contains(id) {
      file["post_processor"] = beginProcessor(id, content.tokens[id])
    }
    return JSONValue.object(file).serialized(.compact)
  }

  /// Converters fill gaps of the vocabulary with such names, which no text should match.
  private static func isFiller(_ token: ExactString) -> Bool {
    token.string.utf8.starts(with: "[PAD".utf8)
  }

  private static func beginProcessor(_ id: Int, _ token: ArraySlice<UInt8>) -> JSONValue {
    let name = ExactString(String(decoding: token, as: UTF8.self))
    let special: JSONValue = ["SpecialToken": ["id": .string(name), "type_id": 0]]
    let first: JSONValue = ["Sequence": ["id": "A", "type_id": 0]]
    let second: JSONValue = ["Sequence": ["id": "B", "type_id": 1]]
    let token: JSONValue = ["id": .string(name), "ids": .array([.integer(id)])]
    return [
      "type": "TemplateProcessing", "single": [special, first],
      "pair": [special, first, special, second],
      "special_tokens": .object(JSONObject([(name, token)])),
    ]
  }

  // MARK: Pieces with scores

  private static func scored(_ content: GGUFTokenizer) throws(TokenizerLoadingError) -> Tokenizer {
    var model = SentencePieceModel()
    for (id, token) in content.tokens.enumerated() {
      let type = SentencePieceModel.PieceType(rawValue: content.types[id].rawValue) ?? .normal
      // Only the named token is the unknown one; converters give fillers the same type.
      let isFiller = type == .unknown && content.unknownID.map { $0 != id } ?? false
      model.pieces.append(
        token, score: content.scores.isEmpty ? -Float(id) : content.scores[id],
        type: isFiller ? .control : type)
    }
    model.modelType = 2
    model.byteFallback = model.pieces.contains { $0.type == .byte }
    model.addsDummyPrefix = content.addsSpacePrefix
    model.removesExtraSpaces = false
    model.beginID = content.addsBegin == false ? -1 : content.beginID ?? -1
    var configuration = try SentencePieceFormat.configuration(
      model, file: content.file, matchesBeforeNormalization: true)
    GGUFQuirk.of(modelName: content.modelName)?.apply(to: &configuration)
    return Tokenizer(configuration)
  }
}
