// SPDX-License-Identifier: Apache-2.0

public import ChatTemplates
public import ReferenceTransformer
public import Tokenization

/// How a reply is written, and when it ends.
public struct GenerationOptions: Sendable, Equatable {
  /// How tokens are chosen.
  public var sampling = SamplingOptions()
  /// The most tokens of a reply; nil is what the model's context leaves.
  public var maximumTokens: Int?
  /// Texts that end a reply and are no part of it.
  public var stopStrings: [String] = []
  /// How many threads the model uses.
  public var threads = 1

  /// Greedy, up to the model's own end.
  public init() {}

  func validated() throws(ChatInferenceError) -> GenerationOptions {
    if let problem = sampling.problem { throw ChatInferenceError(.invalidOptions(problem)) }
    if let maximumTokens, maximumTokens < 1 {
      throw ChatInferenceError(.invalidOptions("the number of tokens must be 1 or more"))
    }
    if threads < 1 {
      throw ChatInferenceError(.invalidOptions("the number of threads must be 1 or more"))
    }
    if stopStrings.contains(where: { $0.utf8.isEmpty }) {
      throw ChatInferenceError(.invalidOptions("a stop string must not be empty"))
    }
    return self
  }
}

/// What a model answered.
public struct GeneratedReply: Sendable {
  /// Why it ended.
  public enum Ending: String, Sendable {
    /// A token that ends a turn.
    case stopToken = "stop_token"
    /// A text that the caller gave.
    case stopString = "stop_string"
    /// As many tokens as were allowed.
    case length
  }

  /// The answer, taken apart by the template.
  public let parsed: ParsedResponse
  /// The text and what it took.
  public let answer: WrittenAnswer

  /// The assistant's message.
  public var message: Message { parsed.message }
}

/// What a model wrote, before it is taken apart.
public struct WrittenAnswer: Sendable {
  /// The text, without the token or string that ended it.
  public let text: String
  /// The tokens, with the one that ended it.
  public let ids: [TokenID]
  /// Why it ended.
  public let ending: GeneratedReply.Ending
  /// Tokens of the prompt that had to be read.
  public let promptTokens: Int
  /// How long reading the prompt took.
  public let promptTime: Duration
  /// How long writing the answer took.
  public let answerTime: Duration
}
