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
    /// A model's file cannot be used.
    case loading(String)
    /// There are more tokens than allowed.
    case tooLong(count: Int, limit: Int)
    /// Rows of different lengths, and no token to fill them up with.
    case noPaddingToken
  }

  /// What is wrong.
  public let kind: Kind
  /// The line of the template that is at fault, where it is known.
  public let place: TemplatePlace?

  /// An error of a kind.
  public init(_ kind: Kind, place: TemplatePlace? = nil) {
    self.kind = kind
    self.place = place
  }

  /// What is wrong and what to do.
  public var description: String {
    (place.map { "\($0.name):\($0.line):\($0.column): " } ?? "") + text
  }

  private var text: String {
    switch kind {
    case .missingControlToken(let token):
      "the template's control token '\(token)' is no single token of this vocabulary; "
        + "is it the tokenizer of this model?"
    case .tokenizer(let error): "\(error)"
    case .template(let error): "\(error)"
    case .loading(let text): text
    case .tooLong(let count, let limit):
      "the conversation has \(count) tokens, more than the \(limit) allowed; "
        + "allow old turns to be dropped, or tokens to be cut"
    case .noPaddingToken: "the rows differ in length, and the model has no padding token"
    }
  }
}
