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
  /// What is to be known of the file.
  private(set) var notes: [String] = []
  private var cuts: UserDefinedCuts?

  init(_ tokenizer: Tokenizer) {
    self.tokenizer = tokenizer
    components = ComponentWriter(tokenizer)
  }

  var losses: [ConversionLoss] { components.losses }

  mutating func write() -> [UInt8] {
    let parts = tokenizer.configuration
    output.reserveCapacity(64 * tokenizer.vocabulary.count)
    findCuts()
    output += #"{"version":"1.0""#.utf8
    write("truncation", components.truncation(parts.truncation))
    write("padding", components.padding(parts.padding))
    write("added_tokens", .array(addedTokens().map { components.addedToken($0) }))
    write("normalizer", components.normalizer(parts.normalizer))
    write("pre_tokenizer", cuts?.preTokenizer ?? components.preTokenizer(parts.preTokenizer))
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
  private func addedTokens() -> [AddedToken] {
    let tokens = tokenizer.configuration.addedTokens.enumerated()
      .sorted { ($0.element.id, $0.offset) < ($1.element.id, $1.offset) }.map(\.element)
    return cuts == nil ? tokens : tokens.filter { !$0.isNormalized }
  }

  /// How user-defined pieces are cut out of the text, where they cannot be added tokens.
  ///
  /// SentencePiece finds them in the normalized text. They may be added tokens where the parts of a
  /// text normalize as the whole does.
  private mutating func findCuts() {
    let parts = tokenizer.configuration
    let found = parts.addedTokens.filter(\.isNormalized)
    guard !parts.normalizesAddedTokens, !found.isEmpty, let normalizer = parts.normalizer else {
      return
    }
    guard case .sentencePiece(let spec) = normalizer, !spec.mayKeepSpaces, parts.preTokenizer == nil
    else {
      return components.lose(
        "pieces", Self.summary(of: found),
        "Python's tokenizers cuts the text at them first and normalizes each part as a text")
    }
    // A space in a piece is never found once spaces are marks.
    let findable = found.filter { !spec.escapesSpaces || !$0.content.utf8.contains(0x20) }
    if spec.changesScalarsApart, findable.count == found.count { return }
    do throws(UserDefinedCuts.Problem) {
      cuts = try UserDefinedCuts(findable, in: parts.model)
      notes.append(
        "user-defined pieces are no added tokens but words that a pre-tokenizer cuts out")
    } catch {
      components.lose(
        "pieces", Self.summary(of: found),
        "where one stands on both sides of '\(error.piece)', that would be a token")
    }
  }

  private static func summary(of found: [AddedToken]) -> String {
    let others = found.count > 1 ? " and \(found.count - 1) more that are" : ", which is"
    return "'\(found.first?.content.string ?? "")'\(others) user-defined"
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
    write("ignore_merges", .bool(options.ignoresMerges || cuts != nil))
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
    if case .sentencePiece(let decoder) = parts.decoder {
      if decoder.stripsAllPrefixes, !components.stripsEveryMark {
        notes.append("of several marks at the start of a text, decoding takes the first only")
      }
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

  /// Whether a user-defined piece may keep spaces that are taken away elsewhere.
  fileprivate var mayKeepSpaces: Bool {
    removesExtraSpaces && keptPieces.contains { $0.contains(0x20) }
  }
}
