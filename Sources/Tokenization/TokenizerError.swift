// SPDX-License-Identifier: Apache-2.0

/// Why a text cannot be encoded or tokens cannot be decoded.
public struct TokenizerError: Error, Hashable, Sendable {
  /// What is wrong.
  public enum Kind: Hashable, Sendable {
    case specialTokenInText(String, byteOffset: Int)
    case invalidUTF8(byteOffset: Int)
    case unknownIdentifier(Int, vocabularySize: Int)
    case strideTooLarge(stride: Int, maxLength: Int)
    case maxLengthTooSmall(maxLength: Int, addedTokens: Int)
    case secondTextMissing
    case textTooShortToTruncate
    case textTooLong
  }

  /// What is wrong.
  public let kind: Kind

  package init(_ kind: Kind) {
    self.kind = kind
  }
}

extension TokenizerError: CustomStringConvertible {
  /// What is wrong and what to do.
  public var description: String {
    switch kind {
    case .specialTokenInText(let token, let offset):
      "the text holds the special token '\(token)' at byte \(offset); "
        + "encode special tokens as text, or allow it by name"
    case .invalidUTF8(let offset):
      "byte \(offset) of the text is not UTF-8, which this tokenizer's reference does not take; "
        + "repair the text first"
    case .unknownIdentifier(let id, let size):
      "\(id) is no token of this vocabulary, whose ids end at \(size - 1)"
    case .strideTooLarge(let stride, let maxLength):
      "a stride of \(stride) leaves nothing of a maximal length of \(maxLength); make it smaller"
    case .maxLengthTooSmall(let maxLength, let addedTokens):
      "a maximal length of \(maxLength) has no room for the \(addedTokens) tokens that the "
        + "tokenizer adds"
    case .secondTextMissing: "the second text is to be truncated, but there is only one"
    case .textTooShortToTruncate:
      "the text that is to be truncated is too short for the maximal length"
    case .textTooLong: "the text, or what normalization makes of it, has more than 4 GB; cut it"
    }
  }
}
