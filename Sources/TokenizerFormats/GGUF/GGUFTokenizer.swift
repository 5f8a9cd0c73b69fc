// SPDX-License-Identifier: Apache-2.0

import GGUFFormat
import OrderedJSON
import TextPrimitives

/// What a GGUF file says of its tokenizer, under `tokenizer.ggml`.
struct GGUFTokenizer {
  /// What a token is, numbered as in the file.
  enum TokenType: Int {
    case normal = 1
    case unknown = 2
    case control = 3
    case userDefined = 4
    case unused = 5
    case byte = 6
  }

  let file: String
  /// `general.name`; empty where the file has none.
  let modelName: String
  let model: String
  let pre: String
  private(set) var tokens = TextList()
  private(set) var types: [TokenType] = []
  private(set) var scores: [Float] = []
  private(set) var merges = TextList()
  let beginID: Int?
  let unknownID: Int?
  let addsBegin: Bool?
  let addsSpacePrefix: Bool

  init(_ header: GGUFHeader, bytes: UnsafeRawBufferPointer, file: String)
    throws(TokenizerLoadingError)
  {
    let metadata = header.metadata
    func value(_ key: String) -> GGUFValue? { metadata[ExactString("tokenizer.ggml.\(key)")] }
    func error(_ key: String, _ message: String) -> TokenizerLoadingError {
      TokenizerLoadingError(
        .malformed, file: file, place: .path("tokenizer.ggml.\(key)"), message,
        hint: "the file was not written whole, or not by a known converter")
    }
    self.file = file
    modelName = metadata["general.name"]?.string?.string ?? ""
    guard let model = value("model")?.string else { throw error("model", "there is no model") }
    self.model = model.string
    pre = value("pre")?.string?.string ?? "default"
    beginID = value("bos_token_id")?.integer
    unknownID = value("unknown_token_id")?.integer
    addsBegin = value("add_bos_token")?.bool
    addsSpacePrefix = value("add_space_prefix")?.bool ?? true
    guard let list = value("tokens")?.array else { throw error("tokens", "there are no tokens") }
    tokens = try unsafe Self.strings(list, bytes, file, "tokens")
    if let list = value("merges")?.array {
      merges = try unsafe Self.strings(list, bytes, file, "merges")
    }
    scores = unsafe value("scores")?.array?.floats(in: bytes) ?? []
    let numbers = unsafe value("token_type")?.array?.integers(in: bytes)
    types = numbers?.map { TokenType(rawValue: $0) ?? .normal } ?? tokens.map { _ in .normal }
    guard types.count == tokens.count else {
      throw error("token_type", "\(types.count) types for \(tokens.count) tokens")
    }
    guard scores.isEmpty || scores.count == tokens.count else {
      throw error("scores", "\(scores.count) scores for \(tokens.count) tokens")
    }
    if let index = scores.firstIndex(where: \.isNaN) {
      throw error("scores[\(index)]", "the score is no number")
    }
  }

  private static func strings(
    _ array: GGUFArray, _ bytes: UnsafeRawBufferPointer, _ file: String, _ key: String
  ) throws(TokenizerLoadingError) -> TextList {
    var result = TextList()
    // SAFETY: the ranges lie within the bytes, as the array checks.
    let areStrings = unsafe array.forEachString(in: bytes) { range in
      unsafe result.append(bytes[range])
    }
    guard areStrings else {
      throw TokenizerLoadingError(
        .malformed, file: file, place: .path("tokenizer.ggml.\(key)"), "expected strings")
    }
    for (index, text) in result.enumerated()
    where String(validating: text, as: UTF8.self) == nil {
      throw TokenizerLoadingError(
        .malformed, file: file, place: .path("tokenizer.ggml.\(key)[\(index)]"), "not UTF-8",
        hint: "the file is damaged")
    }
    return result
  }
}
