// SPDX-License-Identifier: Apache-2.0

public import TextPrimitives
public import Tokenization

/// Rank files as tiktoken reads them: a token in Base64 and its rank on every line.
public enum TiktokenFormat {
  /// The encodings whose pattern and special tokens are known.
  public static var encodingNames: [String] { TiktokenEncoding.allCases.map(\.rawValue) }

  /// Whether the first line is a token in Base64 and a rank.
  public static func recognizes(_ bytes: [UInt8]) -> Bool {
    RankFile.recognizes(bytes)
  }

  /// Loads a rank file of a published encoding.
  ///
  /// - Parameters:
  ///   - bytes: The file's bytes.
  ///   - file: The file's path; its name tells the encoding where the caller does not.
  ///   - encoding: One of ``encodingNames``, or a usual other name of it such as `gpt2`.
  /// - Returns: A tokenizer that works as tiktoken does.
  /// - Throws: ``TokenizerLoadingError`` naming the line, or the encodings to choose from.
  public static func load(_ bytes: [UInt8], file: String, encoding: String?)
    throws(TokenizerLoadingError) -> Tokenizer
  {
    let encoding = try choose(encoding, file)
    // Counted first, so that a file of something else costs no memory.
    let count = RankFile.lineCount(bytes)
    guard count == encoding.rankCount else {
      let others = TiktokenEncoding.allCases.filter { $0.rankCount == count }.map(\.rawValue)
      throw TokenizerLoadingError(
        .inconsistent, file: file,
        "the file has \(count) tokens, \(encoding.rawValue) has \(encoding.rankCount)",
        hint: others.isEmpty
          ? "the file is not whole, or of another encoding"
          : "did you mean \(others.joined(separator: " or "))?")
    }
    var configuration = try configuration(
      try RankFile(parsing: bytes, file: file), encoding.pattern, coversText: true,
      encoding.specialTokens)
    if let token = encoding.beginOfText {
      configuration.postProcessor = .template(.prefix(token))
    }
    return Tokenizer(configuration)
  }

  private static func choose(_ name: String?, _ file: String) throws(TokenizerLoadingError)
    -> TiktokenEncoding
  {
    if let name {
      if let encoding = TiktokenEncoding(named: name) { return encoding }
      let meant = EditDistance.nearest(to: name, among: encodingNames)
      throw TokenizerLoadingError(
        .unsupported, file: file, "'\(name)' is no encoding that we know",
        hint: (meant.map { "did you mean '\($0)'? " } ?? "") + choices)
    }
    if let encoding = TiktokenEncoding(fileName: file) { return encoding }
    throw TokenizerLoadingError(
      .unsupported, file: file, "a rank file does not say which encoding it is of", hint: choices)
  }

  private static var choices: String {
    "name the encoding: \(encodingNames.joined(separator: ", "))"
  }

  /// The parts of a tokenizer that works as tiktoken does.
  static func configuration(
    _ ranks: RankFile, _ pattern: String, coversText: Bool = false, _ specialTokens: [AddedToken]
  ) throws(TokenizerLoadingError) -> Tokenizer.Configuration {
    let cut: SplitPattern
    do throws(SplitPatternError) {
      cut = try SplitPattern(pattern, dialect: .fancyRegex)
    } catch {
      throw TokenizerLoadingError(.unsupported, file: ranks.file, "\(error)")
    }
    let model = try ranks.makeModel()
    for token in specialTokens where model.vocabulary.contains(token.id) {
      throw TokenizerLoadingError(
        .inconsistent, file: ranks.file,
        "the special token '\(token.content.string)' has the id \(token.id), which is a rank")
    }
    return configuration(model, cut, coversText: coversText, specialTokens)
  }

  /// The parts of a tokenizer that works as tiktoken does.
  ///
  /// What a pattern does not match is dropped; one that `coversText` leaves nothing out.
  static func configuration(
    _ model: BPE, _ pattern: SplitPattern, coversText: Bool = false, _ specialTokens: [AddedToken]
  ) -> Tokenizer.Configuration {
    var configuration = Tokenizer.Configuration(model: model)
    configuration.addedTokens = specialTokens
    configuration.preTokenizer = .sequence([
      coversText
        ? .split(pattern, .isolated, isInverted: false)
        : .split(pattern, .removed, isInverted: true),
      .byteLevel(pattern: nil, addsPrefixSpace: false),
    ])
    configuration.decoder = .byteLevel
    configuration.invalidUTF8 = .mergeTail
    configuration.streamsByScalar = true
    return configuration
  }
}

extension TemplateProcessor {
  /// Puts one token before every text.
  static func prefix(_ token: TokenID) -> TemplateProcessor {
    TemplateProcessor(
      single: [.special([token], typeID: 0), .sequence(0, typeID: 0)],
      pair: [
        .special([token], typeID: 0), .sequence(0, typeID: 0),
        .special([token], typeID: 1), .sequence(1, typeID: 1),
      ])
  }
}

extension Tokenizer {
  /// Loads a rank file of any encoding, whose pattern and special tokens the caller knows.
  ///
  /// ```swift
  /// let tokenizer = try Tokenizer(
  ///   tiktoken: bytes, pattern: #"\s?\w+|[^\w\s]+|\s+"#, specialTokens: ["<|end|>": 5000])
  /// ```
  ///
  /// - Parameters:
  ///   - bytes: The file's bytes.
  ///   - name: What errors call it.
  ///   - pattern: Cuts the text, in the syntax of Rust's fancy-regex.
  ///   - specialTokens: The special tokens and their ids.
  /// - Throws: ``TokenizerLoadingError`` naming the line, or what is wrong with the pattern.
  public init(
    tiktoken bytes: [UInt8], name: String = "rank file", pattern: String,
    specialTokens: [ExactString: TokenID] = [:]
  ) throws(TokenizerLoadingError) {
    let tokens = specialTokens.sorted { ($0.value, $0.key) < ($1.value, $1.key) }
      .map { AddedToken(content: $0.key, id: $0.value, isSpecial: true) }
    self.init(
      try TiktokenFormat.configuration(
        try RankFile(parsing: bytes, file: name), pattern, tokens))
  }
}
