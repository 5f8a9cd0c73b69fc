// SPDX-License-Identifier: Apache-2.0

public import ChatTemplates
public import PromptEncoding
import ReferenceTransformer

/// How well a model expected a conversation, token by token.
public struct ConversationScore: Sendable {
  /// The conversation's tokens and what is known of each.
  public let encoded: EncodedPrompt
  /// Of each token, the natural logarithm of its probability after those before it; nil for the
  /// first, which nothing comes before.
  public let logProbabilities: [Double?]

  /// The indices of the tokens that the model wrote.
  public var assistantTokens: [Int] {
    encoded.layout.indices.filter { encoded.layout[$0].author == .model && $0 > 0 }
  }

  /// The mean of `-log p` over the tokens that the model wrote: the loss that training lowers.
  public var loss: Double {
    -assistantTotal / Double(max(1, assistantTokens.count))
  }

  /// The sum of `log p` over the tokens that the model wrote: the log of the probability of all
  /// its messages.
  public var assistantTotal: Double {
    assistantTokens.reduce(0) { $0 + (logProbabilities[$1] ?? 0) }
  }
}

extension ChatModel {
  /// Scores the assistant's messages of a conversation.
  ///
  /// - Parameters:
  ///   - conversation: The messages, at least one of which is the assistant's.
  ///   - options: How it is rendered.
  ///   - threads: How many threads the model uses.
  /// - Returns: A log-probability for each token.
  /// - Throws: ``ChatInferenceError``.
  public func score(
    _ conversation: Conversation, options: RenderOptions = RenderOptions(), threads: Int = 1
  ) throws(ChatInferenceError) -> ConversationScore {
    let encoded: EncodedPrompt
    do throws(PromptEncodingError) {
      encoded = try chat.applyChatTemplate(conversation, options: options)
    } catch {
      throw ChatInferenceError(.prompt(error))
    }
    let score = try score(encoded, threads: threads)
    guard !score.assistantTokens.isEmpty else { throw ChatInferenceError(.nothingToScore) }
    return score
  }

  /// Scores tokens.
  ///
  /// - Throws: ``ChatInferenceError`` of kind `transformer`.
  public func score(_ encoded: EncodedPrompt, threads: Int = 1) throws(ChatInferenceError)
    -> ConversationScore
  {
    let ids = encoded.ids
    var logProbabilities: [Double?] = [nil]
    var session = transformer.makeSession(capacity: ids.count, threads: threads)
    do throws(TransformerError) {
      try session.append(ids) { place, logits in
        guard place + 1 < ids.count else { return }
        logProbabilities.append(LogProbability.of(ids[place + 1], in: logits))
      }
    } catch {
      throw ChatInferenceError(.transformer(error))
    }
    return ConversationScore(encoded: encoded, logProbabilities: logProbabilities)
  }
}
