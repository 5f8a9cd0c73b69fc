// SPDX-License-Identifier: Apache-2.0

/// What a vocabulary shall be like; the names and defaults are those of Hugging Face's
/// `BpeTrainer`.
public struct TrainingOptions: Sendable {
  /// How text is cut into words and spelled in the vocabulary.
  public enum Format: String, Sendable, CaseIterable {
    /// GPT-2's pattern; every byte is a letter of the alphabet.
    case byteLevel = "byte-level"
    /// Words begin with `▁`; what the alphabet lacks is spelled by 256 byte tokens.
    case metaspace
  }

  /// How text is cut and spelled.
  public var format: Format
  /// The number of tokens to stop at, special tokens and alphabet included.
  public var vocabularySize = 30_000
  /// A pair that occurs less often is not merged.
  public var minimumFrequency = 0
  /// Control tokens, which take the first ids in this order; repetitions count once.
  public var specialTokens: [String] = []
  /// The most letters to keep in the alphabet, the most frequent ones; nil keeps all.
  public var alphabetLimit: Int?
  /// Letters to have whether the corpus holds them or not; nil is the format's own choice: all
  /// 256 byte letters, or none.
  public var initialAlphabet: [Unicode.Scalar]?
  /// Put before a letter that does not start a word, such as `##`.
  public var continuingSubwordPrefix: String?
  /// Put after a letter that ends a word, such as `</w>`.
  public var endOfWordSuffix: String?
  /// Merged tokens stay shorter than this, in letters of the alphabet; two single letters may
  /// always be merged, as in the reference.
  public var maximumTokenLength: Int?

  /// The defaults for a format.
  public init(format: Format) {
    self.format = format
  }
}
