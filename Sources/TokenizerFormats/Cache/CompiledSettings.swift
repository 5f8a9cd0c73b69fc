// SPDX-License-Identifier: Apache-2.0

import BinaryInput
import OrderedJSON
import TextNormalization
import TextPrimitives
import Tokenization

/// What a compiled tokenizer has beside its tables, as JSON: components as `tokenizer.json` spells
/// them, and what that has no words for.
enum CompiledSettings {
  private static let dialects: [SplitPattern.Dialect] = [.oniguruma, .fancyRegex]
  private static let policies: [Tokenizer.InvalidUTF8Policy] = [
    .reject, .replaceEachByte, .mergeTail,
  ]

  // MARK: Writing

  /// The settings of a tokenizer; nil where something cannot be spelt.
  static func json(_ tokenizer: Tokenizer) -> [UInt8]? {
    for (index, dialect) in dialects.enumerated() {
      var writer = ComponentWriter(tokenizer, patternsIn: dialect)
      let parts = tokenizer.configuration
      let value: JSONValue = [
        "dialect": .integer(index), "options": options(parts.model.options),
        "added_tokens": CompiledAddedTokens.json(parts.addedTokens),
        "normalizer": normalizer(parts.normalizer, &writer),
        "pre_tokenizer": writer.preTokenizer(parts.preTokenizer),
        "post_processor": writer.postProcessor(parts.postProcessor),
        "decoder": decoder(parts.decoder, &writer),
        "truncation": writer.truncation(parts.truncation),
        "padding": writer.padding(parts.padding),
        "normalizes_added_tokens": .bool(parts.normalizesAddedTokens),
        "invalid_utf8": policies.firstIndex(of: parts.invalidUTF8).map { .integer($0) } ?? .null,
        "decodes_apart": .bool(parts.decodesApartAtSpecialTokens),
        "streams_by_scalar": .bool(parts.streamsByScalar),
      ]
      guard writer.losses.isEmpty else { continue }
      var output: [UInt8] = []
      JSONSerializer.compact.write(value, to: &output)
      return output
    }
    return nil
  }

  private static func options(_ options: BPE.Options) -> JSONValue {
    [
      "byte_fallback": .bool(options.byteFallback), "fuse": .bool(options.fusesUnknown),
      "unknown": options.unknownToken.map { .integer(Int($0)) } ?? .null,
      "ignore_merges": .bool(options.ignoresMerges),
      "prefix": ComponentWriter.base64(options.continuingSubwordPrefix),
      "suffix": ComponentWriter.base64(options.endOfWordSuffix),
    ]
  }

  private static func normalizer(_ normalizer: Normalizer?, _ writer: inout ComponentWriter)
    -> JSONValue
  {
    guard case .sentencePiece(let spec) = normalizer else { return writer.normalizer(normalizer) }
    return [
      "sentencepiece": true,
      "charsmap": spec.charsmap.map { ComponentWriter.base64($0.blob) } ?? .null,
      "dummy_prefix": .bool(spec.addsDummyPrefix), "extra": .bool(spec.removesExtraSpaces),
      "escape": .bool(spec.escapesSpaces),
      "kept": .array(spec.keptPieces.map { ComponentWriter.base64($0) }),
    ]
  }

  private static func decoder(_ decoder: TokenDecoder?, _ writer: inout ComponentWriter)
    -> JSONValue
  {
    guard case .sentencePiece(let spec) = decoder else { return writer.decoder(decoder) }
    return [
      "sentencepiece": true, "unknown": ComponentWriter.base64(spec.unknown),
      "surface": ComponentWriter.base64(spec.unknownSurface), "prefix": .bool(spec.stripsPrefix),
      "all": .bool(spec.stripsAllPrefixes),
    ]
  }

  // MARK: Reading

  /// The tokenizer of a compiled file; nil where it is not as it must be.
  static func tokenizer(_ tables: MappedTables) -> Tokenizer? {
    guard let text = tables.bytes(.settings), let value = try? JSONValue(parsing: text),
      let dialect = value["dialect"]?.integer, dialects.indices.contains(dialect)
    else { return nil }
    let node = ComponentNode(
      value: value, path: "", file: "compiled", dialect: dialects[dialect])
    return try? tokenizer(tables, node)
  }

  private static func tokenizer(_ tables: MappedTables, _ node: ComponentNode)
    throws(TokenizerLoadingError) -> Tokenizer?
  {
    let options = try options(node["options"])
    // Patterns are compiled while the tables are looked over, and each thread holds half of the file
    // against its checksum.
    let (steps, found) = Parallel.both(
      {
        Result { () throws(TokenizerLoadingError) in
          tables.isIntact(.first)
            ? (try normalizer(node["normalizer"]), try node["pre_tokenizer"].preTokenizer()) : nil
        }
      }, whileFirst: { tables.isIntact(.second) ? BPE(tables, options: options) : nil })
    guard let model = found, let (normalizer, preTokenizer) = try steps.get(),
      let addedTokens = CompiledAddedTokens.tokens(node["added_tokens"].value)
    else { return nil }
    var parts = Tokenizer.Configuration(model: model)
    (parts.normalizer, parts.preTokenizer) = (normalizer, preTokenizer)
    parts.addedTokens = addedTokens
    parts.postProcessor = try node["post_processor"].postProcessor(model.vocabulary)
    parts.decoder = try decoder(node["decoder"])
    parts.truncation = try node["truncation"].truncation()
    parts.padding = try node["padding"].padding()
    parts.normalizesAddedTokens = try node["normalizes_added_tokens"].bool()
    let policy = try node["invalid_utf8"].count()
    guard policies.indices.contains(policy) else { return nil }
    parts.invalidUTF8 = policies[policy]
    parts.decodesApartAtSpecialTokens = try node["decodes_apart"].bool()
    parts.streamsByScalar = try node["streams_by_scalar"].bool()
    return Tokenizer(parts)
  }

  private static func options(_ node: ComponentNode) throws(TokenizerLoadingError) -> BPE.Options {
    var options = BPE.Options()
    options.byteFallback = try node["byte_fallback"].bool()
    options.fusesUnknown = try node["fuse"].bool()
    options.unknownToken = node["unknown"].isNull ? nil : try node["unknown"].identifier()
    options.ignoresMerges = try node["ignore_merges"].bool()
    options.continuingSubwordPrefix = try node["prefix"].base64()
    options.endOfWordSuffix = try node["suffix"].base64()
    return options
  }

  private static func normalizer(_ node: ComponentNode) throws(TokenizerLoadingError)
    -> Normalizer?
  {
    guard !node["sentencepiece"].isNull else { return try node.normalizer() }
    var kept: [[UInt8]] = []
    for piece in try node["kept"].elements() { kept.append(try piece.base64()) }
    return .sentencePiece(
      SentencePieceNormalizer(
        charsmap: node["charsmap"].isNull ? nil : try node["charsmap"].charsmap(),
        addsDummyPrefix: try node["dummy_prefix"].bool(),
        removesExtraSpaces: try node["extra"].bool(), escapesSpaces: try node["escape"].bool(),
        keptPieces: kept))
  }

  private static func decoder(_ node: ComponentNode) throws(TokenizerLoadingError)
    -> TokenDecoder?
  {
    guard !node["sentencepiece"].isNull else { return try node.decoder() }
    return .sentencePiece(
      SentencePieceDecoder(
        unknown: try node["unknown"].base64(), unknownSurface: try node["surface"].base64(),
        stripsPrefix: try node["prefix"].bool(), stripsAllPrefixes: try node["all"].bool()))
  }
}

extension ComponentNode {
  fileprivate func base64() throws(TokenizerLoadingError) -> [UInt8] {
    guard let bytes = Base64.decode(try bytes()) else {
      throw error(.malformed, "expected Base64")
    }
    return bytes
  }
}
