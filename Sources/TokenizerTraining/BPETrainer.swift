// SPDX-License-Identifier: Apache-2.0

/// Trains byte-pair encodings as Hugging Face's `BpeTrainer` does: the same merges in the same
/// order from the same text.
///
/// ```swift
/// var options = TrainingOptions(format: .byteLevel)
/// options.vocabularySize = 8000
/// let trained = try BPETrainer(options).train(files: ["corpus.txt"])
/// trained.tokenizerJSON()
/// ```
///
/// Memory depends on the number of distinct words, not on the size of the text.
public struct BPETrainer: Sendable {
  private let options: TrainingOptions
  private let progress: TrainingProgress.Handler?

  /// A trainer with these options.
  ///
  /// - Parameters:
  ///   - options: What the vocabulary shall be like.
  ///   - progress: Told now and then how far it has come, from any thread.
  public init(_ options: TrainingOptions, progress: TrainingProgress.Handler? = nil) {
    self.options = options
    self.progress = progress
  }

  /// Trains on files, each line with its newline a sequence of its own, as `Tokenizer.train` does.
  ///
  /// - Throws: ``TrainingError`` naming the file that cannot be read, or the byte where it is not
  ///   UTF-8.
  public func train(files: [String]) throws(TrainingError) -> TrainedTokenizer {
    try validate()
    return train(
      words: try CorpusReader(format: options.format, progress: progress).words(inFiles: files))
  }

  /// Trains on texts, each a sequence, as `Tokenizer.train_from_iterator` does.
  ///
  /// - Throws: ``TrainingError`` where the options make no sense.
  public func train(texts: some Sequence<String>) throws(TrainingError) -> TrainedTokenizer {
    try validate()
    var splitter = WordSplitter(options.format)
    var words = WordTable()
    for text in texts { splitter.count(text.utf8Span.span, into: &words) }
    return train(words: words)
  }

  private func validate() throws(TrainingError) {
    guard options.vocabularySize > 0, options.vocabularySize <= Int(UInt32.max) else {
      throw TrainingError(.invalidVocabularySize(options.vocabularySize))
    }
    if let place = options.specialTokens.firstIndex(where: { $0.utf8.isEmpty }) {
      throw TrainingError(.emptySpecialToken(place: place))
    }
  }

  private func train(words: WordTable) -> TrainedTokenizer {
    let special = specialTokens
    var learner = MergeLearner(options, reserved: special + Self.byteTokens(options.format))
    learner.learn(
      words, spelling: options.format == .byteLevel ? .bytes : .scalars,
      initialAlphabet: initialAlphabet, progress: progress)
    return TrainedTokenizer(
      options: options, specialTokens: special, vocabulary: learner.vocabulary,
      merges: learner.merges)
  }

  /// A vocabulary with byte fallback names an unknown token, though it never needs it.
  private var specialTokens: [[UInt8]] {
    var tokens = options.specialTokens.map { Array($0.utf8) }
    let unknown = Array(TrainedTokenizer.unknownToken.utf8)
    if options.format == .metaspace, !tokens.contains(unknown) { tokens.insert(unknown, at: 0) }
    return tokens
  }

  private var initialAlphabet: [UInt32] {
    if let letters = options.initialAlphabet { return letters.map(\.value) }
    return options.format == .byteLevel ? ByteLetters.values : []
  }

  private static func byteTokens(_ format: TrainingOptions.Format) -> [[UInt8]] {
    guard format == .metaspace else { return [] }
    return (0..<256).map { byte in
      let digits = String(byte, radix: 16, uppercase: true)
      return Array("<0x\(byte < 16 ? "0" : "")\(digits)>".utf8)
    }
  }
}
