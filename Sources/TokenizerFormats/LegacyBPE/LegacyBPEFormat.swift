// SPDX-License-Identifier: Apache-2.0

import BinaryInput
import OrderedJSON
import TextPrimitives
public import Tokenization

/// The pair of files that GPT-2 came with: `vocab.json` and `merges.txt`.
///
/// Only the byte-level kind is read. The files do not tell control tokens from others, but a token
/// that is no single byte and that no rule makes can be nothing else.
public enum LegacyBPEFormat {
  /// Loads both files from the folder that holds them.
  ///
  /// - Throws: ``TokenizerLoadingError`` naming the file and the place in it.
  public static func load(folder: String) throws(TokenizerLoadingError) -> Tokenizer {
    let names = (vocabulary: folder + "/vocab.json", merges: folder + "/merges.txt")
    return try load(
      vocabulary: try read(names.vocabulary), merges: try read(names.merges),
      vocabularyFile: names.vocabulary, mergesFile: names.merges)
  }

  /// Loads the bytes of both files.
  ///
  /// - Parameters:
  ///   - vocabulary: The bytes of `vocab.json`: an object of spellings and ids.
  ///   - merges: The bytes of `merges.txt`: two spellings on every line.
  ///   - vocabularyFile: What errors call the first.
  ///   - mergesFile: What errors call the second.
  /// - Returns: A tokenizer with GPT-2's pattern.
  /// - Throws: ``TokenizerLoadingError`` naming the file and the place in it.
  public static func load(
    vocabulary: [UInt8], merges: [UInt8], vocabularyFile: String = "vocab.json",
    mergesFile: String = "merges.txt"
  ) throws(TokenizerLoadingError) -> Tokenizer {
    let tokens = try SpelledVocabulary(parsing: vocabulary, file: vocabularyFile)
      .makeVocabulary(.byteLevel)
    guard tokens.identifier(of: [0x20]) != nil else {
      throw TokenizerLoadingError(
        .unsupported, file: vocabularyFile, "'Ġ' is no token, so this is not byte-level",
        hint: "convert the model to a tokenizer.json")
    }
    let model = try model(tokens, try MergeList(parsing: merges, file: mergesFile))
    var configuration = Tokenizer.Configuration(model: model)
    configuration.addedTokens = try unmadeTokens(of: model, vocabularyFile)
    configuration.preTokenizer = .byteLevel(
      pattern: try pattern(mergesFile), addsPrefixSpace: false)
    configuration.decoder = .byteLevel
    return Tokenizer(configuration)
  }

  private static func model(
    _ vocabulary: Vocabulary, _ merges: MergeList
  ) throws(TokenizerLoadingError) -> BPE {
    do throws(SpelledRules.MissingToken) {
      return try BPE(vocabulary: vocabulary, rules: merges.rules)
    } catch {
      throw merges.error(error)
    }
  }

  /// The tokens that are no byte and that no rule makes, as special ones.
  private static func unmadeTokens(of model: BPE, _ file: String) throws(TokenizerLoadingError)
    -> [AddedToken]
  {
    let vocabulary = model.vocabulary
    let made = model.madeTokens
    let unmade = (0..<TokenID(vocabulary.identifierBound)).lazy.filter {
      vocabulary.contains($0) && !made[Int($0)] && vocabulary.length(of: $0) != 1
    }
    var tokens: [AddedToken] = []
    for id in unmade {
      guard tokens.count < FormatLimits.unmadeTokenCount else {
        throw TokenizerLoadingError(
          .inconsistent, file: file,
          "more than \(FormatLimits.unmadeTokenCount) tokens are made by no merge",
          hint: "merges.txt is not whole, or of another model")
      }
      guard let spelling = vocabulary.spelling(of: id),
        let content = ExactString(validating: spelling)
      else { continue }
      tokens.append(AddedToken(content: content, id: id, isSpecial: true))
    }
    return tokens
  }

  private static func pattern(_ file: String) throws(TokenizerLoadingError) -> SplitPattern {
    do throws(SplitPatternError) {
      return try SplitPattern(
        #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#,
        dialect: .oniguruma)
    } catch {
      throw TokenizerLoadingError(.unsupported, file: file, "\(error)")
    }
  }

  private static func read(_ path: String) throws(TokenizerLoadingError) -> [UInt8] {
    do throws(FileError) {
      return try FileReader.bytes(path: path)
    } catch {
      throw TokenizerLoadingError(
        .unreadable, file: path, error.message,
        hint: "vocab.json and merges.txt must stand in one folder")
    }
  }
}
