// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives
import Tokenization

extension TokenizerJSON {
  /// Turns the file's content into a tokenizer.
  consuming func makeTokenizer() throws(TokenizerLoadingError) -> Tokenizer {
    var content = self
    return try content.takeTokenizer()
  }

  /// Does so, and leaves neither vocabulary nor merges.
  private mutating func takeTokenizer() throws(TokenizerLoadingError) -> Tokenizer {
    try checkModelType()
    let normalizer = try node("normalizer").normalizer()
    let preTokenizer = try node("pre_tokenizer").preTokenizer()
    var options = try self.options()
    let spelling = self.spelling(normalizer, preTokenizer, options)
    let early = takeEarlyVocabulary(spelling)
    // No id was given twice where the vocabulary has been made.
    let aliases = early == nil ? try self.aliases() : [:]
    let vocabulary = if let early { early } else { try makeVocabulary(spelling, without: aliases) }
    options.unknownToken = try unknownToken(vocabulary, options)

    let model = try Self.makeModel(vocabulary, takeMerges(), options, file: file)
    var configuration = Tokenizer.Configuration(model: model)
    configuration.normalizer = normalizer
    configuration.preTokenizer = preTokenizer
    configuration.postProcessor = try node("post_processor").postProcessor(vocabulary)
    configuration.decoder = try node("decoder").decoder()
    configuration.addedTokens = try node("added_tokens").addedTokens(vocabulary, aliases)
    configuration.truncation = try node("truncation").truncation()
    configuration.padding = try node("padding").padding()
    return Tokenizer(configuration)
  }

  private func checkModelType() throws(TokenizerLoadingError) {
    guard !model.isEmpty else {
      throw node("model").error(
        .malformed, "there is no model", hint: "this is no tokenizer.json, or it is not whole")
    }
    let type = modelNode("type")
    let name = type.isNull ? "BPE" : try type.string()
    guard name == "BPE" else {
      throw type.error(
        .unsupported, "a \(name) model is not supported, only BPE is",
        hint: "use a tokenizer of the BPE kind")
    }
    guard model["vocab"]?.bool == true else {
      throw modelNode("vocab").error(
        .malformed,
        "expected an object of tokens and ids, found \(modelNode("vocab").value.kindName)"
      )
    }
    let dropout = modelNode("dropout")
    switch dropout.value {
    case .null, .integer(0), .double(0): break
    default:
      throw dropout.error(
        .unsupported, "dropout makes encoding random", hint: "set it to null")
    }
  }

  private static func makeModel(
    _ vocabulary: Vocabulary, _ merges: consuming SpelledRules, _ options: BPE.Options, file: String
  ) throws(TokenizerLoadingError) -> BPE {
    do throws(SpelledRules.MissingToken) {
      return try BPE(vocabulary: vocabulary, rules: merges, options: options)
    } catch {
      throw TokenizerLoadingError(
        .inconsistent, file: file, place: .path("model.merges[\(error.index)]"),
        "'\(String(decoding: error.spelling, as: UTF8.self))' is not in the vocabulary",
        hint: "vocabulary and merges must come from one training")
    }
  }

  /// The model's options but the unknown token, which needs the vocabulary.
  private func options() throws(TokenizerLoadingError) -> BPE.Options {
    var options = BPE.Options()
    options.byteFallback = try modelNode("byte_fallback").bool(default: false)
    options.fusesUnknown = try modelNode("fuse_unk").bool(default: false)
    options.ignoresMerges = try modelNode("ignore_merges").bool(default: false)
    options.continuingSubwordPrefix = try affix("continuing_subword_prefix")
    options.endOfWordSuffix = try affix("end_of_word_suffix")
    return options
  }

  private func spelling(
    _ normalizer: Normalizer?, _ preTokenizer: PreTokenizer?, _ options: BPE.Options
  ) -> Vocabulary.Spelling {
    let isPlain =
      !options.byteFallback && options.continuingSubwordPrefix.isEmpty
      && options.endOfWordSuffix.isEmpty && !(normalizer?.spellsBytes ?? false)
    return isPlain && (preTokenizer?.endsInBytes ?? false) ? .byteLevel : .text
  }

  private func affix(_ key: String) throws(TokenizerLoadingError) -> [UInt8] {
    modelNode(key).isNull ? [] : try modelNode(key).bytes()
  }

  /// Added tokens that share the id of an earlier token, which the reference lets them.
  private func aliases() throws(TokenizerLoadingError) -> [ExactString: TokenID] {
    var seen = [Bool](repeating: false, count: 2 * vocabulary.count + 1024)
    var shared: [ExactString: TokenID] = [:]
    for entry in vocabulary where seen.indices.contains(entry.id) {
      if seen[entry.id] {
        shared[ExactString(String(decoding: text[entry.place], as: UTF8.self))] =
          TokenID(entry.id)
      }
      seen[entry.id] = true
    }
    guard !shared.isEmpty, !node("added_tokens").isNull else { return [:] }
    var aliases: [ExactString: TokenID] = [:]
    for token in try node("added_tokens").elements() {
      let content = ExactString(try token["content"].string())
      aliases[content] = shared[content]
    }
    return aliases
  }

  /// The vocabulary as far as the file has been read; nil where something is wrong, which is told
  /// when the file has been read.
  func makeEarlyVocabulary() -> EarlyVocabulary? {
    do throws(TokenizerLoadingError) {
      let spelling = try self.spelling(
        node("normalizer").normalizer(), node("pre_tokenizer").preTokenizer(), options())
      return EarlyVocabulary(
        vocabulary: try makeVocabulary(spelling, without: [:]), spelling: spelling,
        entryCount: vocabulary.count)
    } catch {
      return nil
    }
  }

  private func makeVocabulary(
    _ spelling: Vocabulary.Spelling, without aliases: [ExactString: TokenID]
  ) throws(TokenizerLoadingError) -> Vocabulary {
    var builder = VocabularyBuilder(spelling: spelling)
    builder.reserve(
      tokens: vocabulary.count, bytes: vocabulary.reduce(0) { $0 + Int($1.length) })
    let limit = FormatLimits.identifierLimit(tokens: vocabulary.count)
    for entry in vocabulary {
      guard entry.id < limit else {
        let name = String(decoding: text[entry.place], as: UTF8.self)
        throw modelNode("vocab").error(
          .inconsistent,
          "'\(name)' has the id \(entry.id), but there are \(vocabulary.count) tokens")
      }
      do throws(VocabularyBuilder.Conflict) {
        try builder.add(spelt: entry.place, of: text, id: entry.id)
      } catch {
        let name = String(decoding: text[entry.place], as: UTF8.self)
        if aliases[ExactString(name)] != nil { continue }
        throw modelNode("vocab").error(.inconsistent, Self.message(error, name))
      }
    }
    do throws(VocabularyBuilder.Conflict) {
      return try builder.build()
    } catch {
      throw modelNode("vocab").error(.inconsistent, Self.message(error, ""))
    }
  }

  private static func message(_ conflict: VocabularyBuilder.Conflict, _ token: String) -> String {
    switch conflict {
    case .duplicateIdentifier(let id): "'\(token)' has the id \(id), which another token has"
    case .duplicateToken(let first, let second): "the ids \(first) and \(second) have one token"
    case .identifierTooLarge(let id): "'\(token)' has the id \(id), which no model has"
    }
  }

  private func unknownToken(
    _ vocabulary: Vocabulary, _ options: BPE.Options
  ) throws(TokenizerLoadingError) -> TokenID? {
    let node = modelNode("unk_token")
    guard !node.isNull else { return nil }
    let name = try node.bytes()
    if let id = vocabulary.identifier(spelt: name) { return id }
    // Where every byte has a token nothing is unknown, and the reference never looks.
    let hasAllBytes = (0..<256).allSatisfy { byte in
      vocabulary.spelling == .byteLevel
        ? vocabulary.identifier(of: [UInt8(byte)]) != nil
        : options.byteFallback && vocabulary.identifier(of: Self.fallbackSpelling(byte)) != nil
    }
    guard hasAllBytes else {
      throw node.error(
        .inconsistent, "'\(String(decoding: name, as: UTF8.self))' is not in the vocabulary",
        hint: "add it to model.vocab, or set unk_token to null")
    }
    return nil
  }

  private static func fallbackSpelling(_ byte: Int) -> [UInt8] {
    let digits = String(byte, radix: 16, uppercase: true)
    return Array("<0x\(digits.utf8.count < 2 ? "0" : "")\(digits)>".utf8)
  }
}

/// A vocabulary, and what it was made of.
struct EarlyVocabulary: Sendable {
  let vocabulary: Vocabulary
  let spelling: Vocabulary.Spelling
  let entryCount: Int
}

extension Normalizer {
  /// Whether some step spells bytes, so that the pre-tokenizer does not see them.
  fileprivate var spellsBytes: Bool {
    switch self {
    case .byteLevel: true
    case .sequence(let steps): steps.contains(where: \.spellsBytes)
    default: false
    }
  }
}

extension PreTokenizer {
  /// Whether bytes are spelt in the last step and only there, so that the model can work on bytes.
  fileprivate var endsInBytes: Bool {
    switch self {
    case .byteLevel: true
    case .sequence(let steps):
      steps.last?.endsInBytes ?? false && !steps.dropLast().contains(where: \.spellsBytes)
    default: false
    }
  }

  private var spellsBytes: Bool {
    switch self {
    case .byteLevel: true
    case .sequence(let steps): steps.contains(where: \.spellsBytes)
    default: false
    }
  }
}
