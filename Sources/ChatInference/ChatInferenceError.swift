// SPDX-License-Identifier: Apache-2.0

public import PromptEncoding
public import ReferenceTransformer

/// A conversation that a model cannot go on with.
public struct ChatInferenceError: Error, Sendable, CustomStringConvertible {
  /// What is wrong.
  public enum Kind: Sendable {
    /// The tokenizer or the template, or what they make of the conversation.
    case prompt(PromptEncodingError)
    /// The weights, or what they make of the ids.
    case transformer(TransformerError)
    /// A tokenizer with ids that the model has no embedding for, or with far fewer than it has.
    case vocabularyMismatch(tokenizer: Int, model: Int)
    /// Options that cannot be meant, in words.
    case invalidOptions(String)
    /// The conversation holds no token that the model wrote.
    case nothingToScore
  }

  /// What is wrong.
  public let kind: Kind

  /// An error of a kind.
  public init(_ kind: Kind) {
    self.kind = kind
  }

  /// Whether a file is to blame rather than the conversation.
  public var isLoadingError: Bool {
    switch kind {
    case .prompt(let error): if case .loading = error.kind { true } else { false }
    case .vocabularyMismatch: true
    case .transformer(let error): error.path != nil
    case .invalidOptions, .nothingToScore: false
    }
  }

  /// What is wrong and what to do.
  public var description: String {
    switch kind {
    case .prompt(let error): "\(error)"
    case .transformer(let error): "\(error)"
    case .vocabularyMismatch(let tokenizer, let model):
      "the tokenizer has ids up to \(tokenizer - 1), and the model's embedding goes up to "
        + "\(model - 1); are they of one model?"
    case .invalidOptions(let problem): problem
    case .nothingToScore:
      "no token of the conversation was written by the model; add an assistant's message"
    }
  }
}
