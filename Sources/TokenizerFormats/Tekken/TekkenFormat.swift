// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives
public import Tokenization

/// Mistral's `tekken.json`, as mistral-common 1.13 reads it.
public enum TekkenFormat {
  /// Whether a JSON text has the sections of a `tekken.json`.
  public static func recognizes(_ bytes: [UInt8]) -> Bool {
    JSONTokenizerFile.detect(bytes) == .tekken
  }

  /// Loads a `tekken.json`.
  ///
  /// Special tokens come first, so a rank's id is the rank and their number.
  ///
  /// - Throws: ``TokenizerLoadingError`` naming the place and what is wrong there.
  public static func load(_ bytes: [UInt8], file: String) throws(TokenizerLoadingError)
    -> Tokenizer
  {
    var content = try TekkenContent(parsing: bytes, file: file)
    let sections = ComponentNode(value: .object(content.sections), path: "", file: file)
    guard sections["vocab"].value.bool == true else {
      throw sections["vocab"].error(
        .malformed, "expected an array of tokens, found \(sections["vocab"].value.kindName)")
    }
    let settings = try TekkenSettings(sections)
    let rankCount = settings.vocabularySize - settings.specialTokenCount
    guard rankCount <= content.ranks.entries.count else {
      throw sections["config"]["default_vocab_size"].error(
        .inconsistent,
        "\(rankCount) ranks are asked for, the file has \(content.ranks.entries.count)",
        hint: "the file is not whole")
    }
    content.cut(to: rankCount)
    let pattern = sections["config"]["pattern"]
    let source = try pattern.string()
    let cut: SplitPattern
    do throws(SplitPatternError) {
      cut = try SplitPattern(source, dialect: .fancyRegex)
    } catch {
      throw pattern.error(.unsupported, "\(error)")
    }
    let tokens = settings.specialTokens.enumerated().map { id, content in
      AddedToken(content: content, id: TokenID(id), isSpecial: true)
    }
    var configuration = TiktokenFormat.configuration(
      try makeModel(content.ranks, settings.specialTokenCount, file), cut, tokens)
    configuration.decodesApartAtSpecialTokens = true
    if let start = tokens.first(where: { $0.content == "<s>" }) {
      configuration.postProcessor = .template(.prefix(start.id))
    }
    return Tokenizer(configuration)
  }

  private static func makeModel(_ ranks: RankTable, _ offset: Int, _ file: String)
    throws(TokenizerLoadingError) -> BPE
  {
    do throws(RankTable.Problem) {
      return try ranks.makeModel(offset: offset)
    } catch {
      switch error {
      case .duplicateRank(let entry), .duplicateToken(let entry), .rankTooLarge(let entry):
        throw TokenizerLoadingError(
          .inconsistent, file: file, place: .path("vocab[\(entry)]"),
          "another rank has the same token")
      case .tokenTooLong(let entry), .tooManyMerges(let entry):
        throw TokenizerLoadingError(
          .unsupported, file: file, place: .path("vocab[\(entry)]"),
          "the token is too long, or the tokens so far can be put together in too many ways")
      case .missingByte(let byte):
        throw TokenizerLoadingError(
          .inconsistent, file: file, place: .path("vocab"),
          "the byte \(byte) has no token of its own", hint: "the file is not whole")
      }
    }
  }
}
