// SPDX-License-Identifier: Apache-2.0

import BinaryInput
import OrderedJSON
import TextNormalization
import TextPrimitives
import Tokenization

// MARK: - Normalizers

extension ComponentNode {
  func normalizer() throws(TokenizerLoadingError) -> Normalizer? {
    try checkStepCount("normalizers")
    return isNull ? nil : try requiredNormalizer()
  }

  private func requiredNormalizer() throws(TokenizerLoadingError) -> Normalizer {
    switch try type() {
    case "Sequence":
      var steps: [Normalizer] = []
      for node in try self["normalizers"].elements() { steps.append(try node.requiredNormalizer()) }
      return .sequence(steps)
    case "Prepend": return .prepend(try self["prepend"].bytes())
    case "Replace":
      return .replace(
        try self["pattern"].decoderPattern(), with: try self["content"].bytes())
    case "NFC": return .unicode(UnicodeNormalizer(.nfc, version: .huggingFace))
    case "NFD": return .unicode(UnicodeNormalizer(.nfd, version: .huggingFace))
    case "NFKC": return .unicode(UnicodeNormalizer(.nfkc, version: .huggingFace))
    case "NFKD": return .unicode(UnicodeNormalizer(.nfkd, version: .huggingFace))
    case "BertNormalizer":
      let stripsAccents = self["strip_accents"]
      return .bert(
        cleansText: try self["clean_text"].bool(default: true),
        separatesChinese: try self["handle_chinese_chars"].bool(default: true),
        stripsAccents: stripsAccents.isNull ? nil : try stripsAccents.bool(),
        lowercases: try self["lowercase"].bool(default: true))
    case "Precompiled": return .precompiled(try self["precompiled_charsmap"].charsmap())
    case "Lowercase": return .lowercase
    case "StripAccents": return .stripAccents
    case "Strip":
      return .strip(
        left: try self["strip_left"].bool(default: true),
        right: try self["strip_right"].bool(default: true))
    case "Nmt": return .nmt
    case "ByteLevel": return .byteLevel
    case let type:
      throw unknownType(
        type,
        [
          "Sequence", "NFC", "NFD", "NFKC", "NFKD", "Prepend", "Replace", "Lowercase",
          "StripAccents", "Strip", "Nmt", "ByteLevel", "BertNormalizer", "Precompiled",
        ])
    }
  }

  func charsmap() throws(TokenizerLoadingError) -> PrecompiledCharsmap {
    guard let blob = Base64.decode(try bytes()) else {
      throw error(.malformed, "expected Base64")
    }
    do throws(PrecompiledCharsmapError) {
      return try PrecompiledCharsmap(blob)
    } catch {
      throw self.error(.malformed, "\(error)", hint: "the table is damaged")
    }
  }

  /// What Replace looks for: text, or a pattern.
  func decoderPattern() throws(TokenizerLoadingError) -> TokenDecoder.Pattern {
    self["String"].isNull ? .pattern(try splitPattern()) : .literal(try self["String"].bytes())
  }
}

// MARK: - Post-processors

extension ComponentNode {
  func postProcessor(_ vocabulary: Vocabulary) throws(TokenizerLoadingError) -> PostProcessor? {
    isNull ? nil : try requiredPostProcessor()
  }

  private func requiredPostProcessor() throws(TokenizerLoadingError) -> PostProcessor {
    switch try type() {
    case "Sequence":
      var steps: [PostProcessor] = []
      for node in try self["processors"].elements() {
        steps.append(try node.requiredPostProcessor())
      }
      return .sequence(steps)
    case "ByteLevel":
      return .byteLevel(
        trimsOffsets: try self["trim_offsets"].bool(default: true),
        addsPrefixSpace: try self["add_prefix_space"].bool(default: true))
    case "BertProcessing":
      return .bert(
        separator: try self["sep"].tokenPair(), classifier: try self["cls"].tokenPair())
    case "RobertaProcessing":
      return .roberta(
        separator: try self["sep"].tokenPair(), classifier: try self["cls"].tokenPair(),
        trimsOffsets: try self["trim_offsets"].bool(default: true),
        addsPrefixSpace: try self["add_prefix_space"].bool(default: true))
    case "TemplateProcessing": return .template(try templateProcessor())
    case let type:
      throw unknownType(
        type,
        ["Sequence", "ByteLevel", "BertProcessing", "RobertaProcessing", "TemplateProcessing"])
    }
  }

  /// `["</s>", 2]`.
  private func tokenPair() throws(TokenizerLoadingError) -> PostProcessor.Token {
    let parts = try elements()
    guard parts.count == 2 else { throw error(.malformed, "expected a token and its id") }
    return PostProcessor.Token(id: try parts[1].identifier())
  }

  func identifier() throws(TokenizerLoadingError) -> TokenID {
    let id = try count()
    guard id < VocabularyBuilder.identifierLimit else {
      throw error(.malformed, "\(id) is no id that a model has")
    }
    return TokenID(id)
  }

  private func templateProcessor() throws(TokenizerLoadingError) -> TemplateProcessor {
    let tokens = self["special_tokens"]
    let single = try self["single"].pieces(tokens)
    let pair = try self["pair"].pieces(tokens)
    for sequence in 0...1 {
      let isThere = pair.contains { piece in
        if case .sequence(sequence, _) = piece { true } else { false }
      }
      guard isThere else {
        throw self["pair"].error(.inconsistent, "the template for a pair must use both texts")
      }
    }
    return TemplateProcessor(single: single, pair: pair)
  }

  private func pieces(_ tokens: ComponentNode) throws(TokenizerLoadingError)
    -> [TemplateProcessor.Piece]
  {
    var pieces: [TemplateProcessor.Piece] = []
    for node in try elements() {
      if !node["Sequence"].isNull {
        let name = try node["Sequence"]["id"].string()
        guard name == "A" || name == "B" else {
          throw node["Sequence"]["id"].error(.malformed, "expected A or B, found '\(name)'")
        }
        let typeID = UInt32(try node["Sequence"]["type_id"].count(default: 0))
        pieces.append(.sequence(name == "A" ? 0 : 1, typeID: typeID))
        continue
      }
      let special = node["SpecialToken"]
      let name = try special["id"].string()
      let token = tokens[name]
      guard !token.isNull else {
        throw special["id"].error(
          .inconsistent, "'\(name)' is not among the processor's special_tokens")
      }
      var ids: [TokenID] = []
      for id in try token["ids"].elements() { ids.append(try id.identifier()) }
      pieces.append(.special(ids, typeID: UInt32(try special["type_id"].count(default: 0))))
    }
    return pieces
  }
}

// MARK: - Decoders

extension ComponentNode {
  func decoder() throws(TokenizerLoadingError) -> TokenDecoder? {
    try checkStepCount("decoders")
    return isNull ? nil : try requiredDecoder()
  }

  private func requiredDecoder() throws(TokenizerLoadingError) -> TokenDecoder {
    switch try type() {
    case "Sequence":
      var steps: [TokenDecoder] = []
      for node in try self["decoders"].elements() { steps.append(try node.requiredDecoder()) }
      return .sequence(steps)
    case "ByteLevel": return .byteLevel
    case "ByteFallback": return .byteFallback
    case "Fuse": return .fuse
    case "Strip":
      return .strip(
        try self["content"].scalar(), start: try self["start"].count(),
        stop: try self["stop"].count())
    case "Replace":
      return .replace(
        try self["pattern"].decoderPattern(), with: try self["content"].bytes())
    case "Metaspace":
      return .metaspace(
        replacement: try self["replacement"].scalar(), prepend: try prependScheme())
    case "BPEDecoder":
      return .suffix(self["suffix"].isNull ? Array("</w>".utf8) : try self["suffix"].bytes())
    case "WordPiece":
      return .wordPiece(
        prefix: self["prefix"].isNull ? Array("##".utf8) : try self["prefix"].bytes(),
        cleansUp: try self["cleanup"].bool(default: true))
    case "CTC":
      return .ctc(
        padding: try self["pad_token"].bytes(),
        delimiter: try self["word_delimiter_token"].bytes(),
        cleansUp: try self["cleanup"].bool(default: true))
    case let type:
      throw unknownType(
        type,
        [
          "Sequence", "ByteLevel", "ByteFallback", "Fuse", "Strip", "Replace", "Metaspace",
          "BPEDecoder", "WordPiece", "CTC",
        ])
    }
  }
}

// MARK: - Truncation and padding

extension ComponentNode {
  func truncation() throws(TokenizerLoadingError) -> Truncation? {
    guard !isNull else { return nil }
    return Truncation(
      maxLength: try self["max_length"].count(), stride: try self["stride"].count(default: 0),
      strategy: try self["strategy"].choice(Truncation.Strategy.self, default: .longestFirst),
      side: try self["direction"].choice(EncodingSide.self, default: .right))
  }

  func padding() throws(TokenizerLoadingError) -> Padding? {
    guard !isNull else { return nil }
    let strategy = self["strategy"]
    let length: Padding.Length =
      strategy.value.string == "BatchLongest" || strategy.isNull
      ? .longest : .fixed(try strategy["Fixed"].count())
    let multiple = self["pad_to_multiple_of"]
    for node in [strategy["Fixed"], multiple] where node.value.integer ?? 0 > 0 {
      guard try node.count() <= FormatLimits.paddingLength else {
        throw node.error(.unsupported, "padding to more tokens than any model reads")
      }
    }
    return Padding(
      length: length, side: try self["direction"].choice(EncodingSide.self, default: .right),
      id: try self["pad_id"].identifier(),
      typeID: UInt32(try self["pad_type_id"].count(default: 0)),
      multipleOf: multiple.isNull ? nil : try multiple.count())
  }

  // MARK: Added tokens

  /// The added tokens with the ids that the reference gives them: the model's where the model has
  /// the token, else the next free one, whatever the file says.
  ///
  /// `aliases` are the ids of tokens that the model has beside another of the same id.
  func addedTokens(_ vocabulary: Vocabulary, _ aliases: [ExactString: TokenID])
    throws(TokenizerLoadingError) -> [AddedToken]
  {
    guard !isNull else { return [] }
    var tokens: [AddedToken] = []
    var places: [ExactString: Int] = [:]
    var next = TokenID(vocabulary.count)
    for node in try elements() {
      let content = ExactString(try node["content"].string())
      guard !content.isEmpty else { continue }
      _ = try node["id"].identifier()
      let known = places[content].map { tokens[$0].id } ?? aliases[content]
      let id = known ?? vocabulary.identifier(spelt: Array(content.utf8)) ?? next
      if id == next, known == nil { next += 1 }
      let token = AddedToken(
        content: content, id: id, isSpecial: try node["special"].bool(default: false),
        stripsLeft: try node["lstrip"].bool(default: false),
        stripsRight: try node["rstrip"].bool(default: false),
        isSingleWord: try node["single_word"].bool(default: false),
        isNormalized: try node["normalized"].bool(default: true))
      if let place = places[content] {
        tokens[place] = token
      } else {
        places[content] = tokens.count
        tokens.append(token)
      }
    }
    return tokens
  }
}
