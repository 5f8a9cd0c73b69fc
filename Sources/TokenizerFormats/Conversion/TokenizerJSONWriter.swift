// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives
public import Tokenization

extension Tokenizer {
  /// The tokenizer as a `tokenizer.json`, with which Python's `tokenizers` gives the same ids.
  ///
  /// What is written is read back and compared on every token's text and on texts made to show what
  /// a list of merges cannot say, so a difference is an error and never a surprise.
  ///
  /// ```swift
  /// let tokenizer = try Tokenizer(contentsOf: "cl100k_base.tiktoken")
  /// try tokenizer.tokenizerJSON().bytes
  /// ```
  ///
  /// - Parameter allowsLoss: Write the nearest thing where the format has no words for something.
  /// - Returns: The file and what is to be known of it.
  /// - Throws: ``TokenizerConversionError`` naming what would be lost.
  public func tokenizerJSON(allowsLoss: Bool = false) throws(TokenizerConversionError)
    -> ConvertedTokenizer
  {
    var writer = TokenizerJSONWriter(self)
    let bytes = writer.write()
    var losses = writer.losses
    if losses.isEmpty { losses += ConversionCheck(self, bytes).losses() }
    guard losses.isEmpty || allowsLoss else {
      throw TokenizerConversionError(target: "tokenizer.json", losses: losses)
    }
    return ConvertedTokenizer(bytes: bytes, losses: losses, notes: writer.notes)
  }
}

/// Writes a whole `tokenizer.json`.
struct TokenizerJSONWriter {
  private let tokenizer: Tokenizer
  private var components: ComponentWriter
  private var output: [UInt8] = []
  /// What differs for ids that no text encodes to.
  private(set) var notes: [String] = []

  init(_ tokenizer: Tokenizer) {
    self.tokenizer = tokenizer
    components = ComponentWriter(tokenizer)
  }

  var losses: [ConversionLoss] { components.losses }

  mutating func write() -> [UInt8] {
    let parts = tokenizer.configuration
    output.reserveCapacity(64 * tokenizer.vocabulary.count)
    output += #"{"version":"1.0""#.utf8
    write("truncation", components.truncation(parts.truncation))
    write("padding", components.padding(parts.padding))
    write("added_tokens", .array(addedTokens().map { components.addedToken($0) }))
    write("normalizer", components.normalizer(parts.normalizer))
    write("pre_tokenizer", components.preTokenizer(parts.preTokenizer))
    write("post_processor", components.postProcessor(parts.postProcessor))
    write("decoder", components.decoder(parts.decoder))
    writeModel()
    output += "}\n".utf8
    noteDecoding()
    return output
  }

  private mutating func write(_ key: String, _ value: JSONValue) {
    output += #","\#(key)":"#.utf8
    JSONSerializer.compact.write(value, to: &output)
  }

  // MARK: Added tokens

  /// In the order of their ids; of two names for one id, the one that decodes stays last.
  private mutating func addedTokens() -> [AddedToken] {
    let parts = tokenizer.configuration
    let tokens = parts.addedTokens.enumerated()
      .sorted { ($0.element.id, $0.offset) < ($1.element.id, $1.offset) }.map(\.element)
    guard !parts.normalizesAddedTokens else { return tokens }
    // SentencePiece finds user-defined pieces in the normalized text, as they are.
    let found = tokens.filter(\.isNormalized)
    let isLocal: Bool
    switch parts.normalizer {
    case .sentencePiece(let spec): isLocal = spec.changesScalarsApart
    case let normalizer: isLocal = normalizer == nil
    }
    if let token = found.first(where: { !isLocal || $0.content.utf8.contains(0x20) }) {
      components.lose(
        "pieces", "'\(token.content.string)' and \(found.count - 1) more that are user-defined",
        "Python's tokenizers cuts the text at them first and normalizes each part as a text")
    }
    return tokens
  }

  /// The added tokens that must stand in the vocabulary too, as Python's tokenizers would number
  /// them otherwise.
  private func numberedTokens() -> [AddedToken] {
    let vocabulary = tokenizer.vocabulary
    let others = tokenizer.configuration.addedTokens
      .filter { vocabulary.identifier(spelt: Array($0.content.utf8)) != $0.id }
      .sorted { $0.id < $1.id }
    let follow = others.enumerated().allSatisfy { Int($1.id) == vocabulary.count + $0 }
    return follow ? [] : others
  }

  // MARK: The model

  private mutating func writeModel() {
    let model = tokenizer.configuration.model
    output += #","model":{"type":"BPE","dropout":null"#.utf8
    let options = model.options
    write(
      "unk_token",
      options.unknownToken.flatMap { model.vocabulary.spelling(of: $0) }
        .map { ComponentWriter.text($0) } ?? .null)
    write("continuing_subword_prefix", affix(options.continuingSubwordPrefix))
    write("end_of_word_suffix", affix(options.endOfWordSuffix))
    write("fuse_unk", .bool(options.fusesUnknown))
    write("byte_fallback", .bool(options.byteFallback))
    write("ignore_merges", .bool(options.ignoresMerges))
    writeVocabulary(model.vocabulary)
    writeMerges(model)
    output += "}".utf8
  }

  private func affix(_ bytes: [UInt8]) -> JSONValue {
    bytes.isEmpty ? .null : ComponentWriter.text(bytes)
  }

  private mutating func writeVocabulary(_ vocabulary: Vocabulary) {
    output += #","vocab":{"#.utf8
    var isFirst = true
    for id in 0..<TokenID(vocabulary.identifierBound) {
      guard let token = vocabulary.spelling(of: id) else { continue }
      writeEntry(token, id, &isFirst)
    }
    for token in numberedTokens() { writeEntry(Array(token.content.utf8), token.id, &isFirst) }
    output += "}".utf8
  }

  private mutating func writeEntry(_ token: [UInt8], _ id: TokenID, _ isFirst: inout Bool) {
    if !isFirst { output.append(UInt8(ascii: ",")) }
    isFirst = false
    JSONSerializer.compact.writeString(token.span, to: &output)
    output += ":\(id)".utf8
  }

  private mutating func writeMerges(_ model: BPE) {
    output += #","merges":["#.utf8
    for (index, merge) in MergeOrder.listed(model).enumerated() {
      guard let left = model.vocabulary.spelling(of: merge.left),
        let right = model.vocabulary.spelling(of: merge.right)
      else { continue }
      output += index > 0 ? ",[".utf8 : "[".utf8
      JSONSerializer.compact.writeString(left.span, to: &output)
      output.append(UInt8(ascii: ","))
      JSONSerializer.compact.writeString(right.span, to: &output)
      output.append(UInt8(ascii: "]"))
    }
    output += "]".utf8
  }

  // MARK: Decoding

  private mutating func noteDecoding() {
    let parts = tokenizer.configuration
    if case .sentencePiece = parts.decoder {
      notes.append(
        "a run of byte tokens that is not UTF-8 decodes to U+FFFD as a whole, and control tokens "
          + "decode to their names unless they are skipped")
    }
    if parts.decodesApartAtSpecialTokens {
      notes.append(
        "bytes on both sides of a special token that is skipped may decode to one character")
    }
  }
}

extension SentencePieceNormalizer {
  /// Whether a text's parts normalize as the text does.
  fileprivate var changesScalarsApart: Bool {
    charsmap == nil && !addsDummyPrefix && !removesExtraSpaces
  }
}
