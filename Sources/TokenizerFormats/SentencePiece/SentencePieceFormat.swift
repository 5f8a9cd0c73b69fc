// SPDX-License-Identifier: Apache-2.0

import TextNormalization
import TextPrimitives
public import Tokenization

/// SentencePiece's `.model` files of the BPE type, as the sentencepiece library reads them.
public enum SentencePieceFormat {
  /// Whether bytes look like a ModelProto: its first field is a piece, whose first field is text.
  public static func recognizes(_ bytes: [UInt8]) -> Bool {
    bytes.count > 2 && bytes[0] == 0x0A && bytes.prefix(12).dropFirst().contains(0x0A)
  }

  /// Loads a `.model` file.
  ///
  /// - Throws: ``TokenizerLoadingError`` naming the byte, and for other types than BPE the type.
  public static func load(_ bytes: [UInt8], file: String) throws(TokenizerLoadingError)
    -> Tokenizer
  {
    let model = try SentencePieceModel(parsing: bytes, file: file)
    if let unused = model.pieces.firstIndex(where: { $0.type == .unused }) {
      throw TokenizerLoadingError(
        .unsupported, file: file, place: .path("pieces[\(unused)]"),
        "unused pieces, which are taken apart again after merging, are not supported")
    }
    return Tokenizer(try configuration(model, file: file))
  }

  /// `matchesBeforeNormalization` looks for user-defined pieces in the text as it is, as llama.cpp
  /// does, instead of the normalized one.
  static func configuration(
    _ model: SentencePieceModel, file: String, matchesBeforeNormalization: Bool = false
  ) throws(TokenizerLoadingError) -> Tokenizer.Configuration {
    guard let type = model.modelType else {
      throw TokenizerLoadingError(
        .malformed, file: file, "there is no trainer_spec, which tells the type of the model",
        hint: "is the file whole?")
    }
    guard type == 2 else {
      let names = [1: "Unigram", 3: "word", 4: "character"]
      throw TokenizerLoadingError(
        .unsupported, file: file,
        "a SentencePiece model of the \(names[type] ?? "unknown") type is not supported, "
          + "only BPE is", hint: "use a tokenizer of the BPE kind")
    }
    guard !model.treatsSpaceAsSuffix else {
      throw TokenizerLoadingError(
        .unsupported, file: file, "treat_whitespace_as_suffix is not supported")
    }
    var configuration = Tokenizer.Configuration(model: try makeBPE(model, file))
    configuration.normalizer = .sentencePiece(
      SentencePieceNormalizer(
        charsmap: try charsmap(model, file), addsDummyPrefix: model.addsDummyPrefix,
        removesExtraSpaces: model.removesExtraSpaces, escapesSpaces: model.escapesSpaces,
        keptPieces: matchesBeforeNormalization
          ? [] : model.pieces.filter { $0.type == .userDefined }.map { Array($0.text) }))
    configuration.decoder = .sentencePiece(
      SentencePieceDecoder(
        unknown: Array(model.pieces.first { $0.type == .unknown }?.text ?? []),
        unknownSurface: model.unknownSurface,
        stripsPrefix: model.addsDummyPrefix || model.removesExtraSpaces,
        stripsAllPrefixes: model.removesExtraSpaces))
    configuration.addedTokens = addedTokens(model, isNormalized: !matchesBeforeNormalization)
    configuration.normalizesAddedTokens = false
    configuration.invalidUTF8 = .replaceEachByte
    if model.pieces.indices.contains(model.beginID), model.pieces[model.beginID].type == .control {
      configuration.postProcessor = .template(.prefix(TokenID(model.beginID)))
    }
    return configuration
  }

  private static func charsmap(_ model: SentencePieceModel, _ file: String)
    throws(TokenizerLoadingError) -> PrecompiledCharsmap?
  {
    guard !model.charsmap.isEmpty else { return nil }
    do throws(PrecompiledCharsmapError) {
      return try PrecompiledCharsmap(model.charsmap)
    } catch {
      throw TokenizerLoadingError(
        .malformed, file: file, place: .path("normalizer_spec.precompiled_charsmap"), "\(error)",
        hint: "the table is damaged")
    }
  }

  static func addedTokens(_ model: SentencePieceModel, isNormalized: Bool) -> [AddedToken] {
    model.pieces.enumerated().compactMap { id, piece in
      guard piece.type == .control || piece.type == .userDefined else { return nil }
      return AddedToken(
        content: ExactString(String(decoding: piece.text, as: UTF8.self)), id: TokenID(id),
        isSpecial: piece.type == .control,
        isNormalized: isNormalized && piece.type == .userDefined)
    }
  }

  static func vocabulary(_ model: SentencePieceModel, _ file: String)
    throws(TokenizerLoadingError) -> Vocabulary
  {
    var builder = VocabularyBuilder(spelling: .text)
    do throws(VocabularyBuilder.Conflict) {
      for (id, piece) in model.pieces.enumerated() {
        try builder.add(bytes: piece.text.span, id: id)
      }
      return try builder.build()
    } catch {
      throw TokenizerLoadingError(
        .inconsistent, file: file, place: .path("pieces"), "two pieces have the same text")
    }
  }

  private static func makeBPE(_ model: SentencePieceModel, _ file: String)
    throws(TokenizerLoadingError) -> BPE
  {
    let vocabulary = try vocabulary(model, file)
    var options = BPE.Options()
    options.byteFallback = model.byteFallback
    options.fusesUnknown = true
    options.unknownToken = model.pieces.firstIndex { $0.type == .unknown }.map(TokenID.init)
    do throws(TokenSplits.Problem) {
      return BPE(
        vocabulary: vocabulary, rules: try PieceScores.merges(model.pieces, in: vocabulary),
        options: options)
    } catch {
      throw TokenizerLoadingError(error, file: file, path: "pieces")
    }
  }
}
