// SPDX-License-Identifier: Apache-2.0

public import ChatTemplates
public import TextPrimitives
public import Tokenization

/// A prompt that a tokenizer cannot encode.
public struct PromptEncodingError: Error, Sendable, CustomStringConvertible {
  /// What is wrong.
  public enum Kind: Sendable {
    /// The template writes a control token that the vocabulary does not hold as one id.
    case missingControlToken(ExactString)
    /// The tokenizer refused the text.
    case tokenizer(TokenizerError)
    /// The template refused the conversation.
    case template(ChatTemplateError)
  }

  /// What is wrong.
  public let kind: Kind

  /// An error of a kind.
  public init(_ kind: Kind) {
    self.kind = kind
  }

  /// What is wrong and what to do.
  public var description: String {
    switch kind {
    case .missingControlToken(let token):
      "the template's control token '\(token)' is no single token of this vocabulary; "
        + "is it the tokenizer of this model?"
    case .tokenizer(let error): "\(error)"
    case .template(let error): "\(error)"
    }
  }
}
