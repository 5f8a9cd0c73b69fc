// SPDX-License-Identifier: Apache-2.0

public import ChatTemplates
import PromptEncoding

/// What a model makes of questions in a dialect.
public struct DialectResult: Sendable {
  /// The share of last answers that greedy decoding gets right, letter for letter.
  public let accuracy: Double
  /// The mean of `-log p` over the tokens of the right last answers, the ending included where the
  /// dialect has one.
  public let loss: Double
}

extension ChatModel {
  /// Asks the last question of conversations in the model's present dialect.
  ///
  /// - Parameters:
  ///   - conversations: Each ends with the right answer.
  ///   - threads: How many threads the model uses.
  /// - Returns: How well the answers are known.
  /// - Throws: ``ChatInferenceError``.
  public func ask(_ conversations: [Conversation], threads: Int = 1) throws(ChatInferenceError)
    -> DialectResult
  {
    var (right, loss, count) = (0, 0.0, 0)
    var options = GenerationOptions()
    options.maximumTokens = 24
    options.threads = threads
    for conversation in conversations {
      guard let answer = conversation.messages.last?.text else { continue }
      let question = Conversation(Array(conversation.messages.dropLast()))
      let reply = try generate(question, generation: options)
      right += reply.message.text.utf8.elementsEqual(answer.utf8) ? 1 : 0
      let score = try score(conversation, threads: threads)
      let last = conversation.messages.count - 1
      for place in score.assistantTokens where score.encoded.layout[place].message == last {
        loss -= score.logProbabilities[place] ?? 0
        count += 1
      }
    }
    return DialectResult(
      accuracy: Double(right) / Double(max(1, conversations.count)),
      loss: loss / Double(max(1, count)))
  }

  /// Asks the last question as plain text: the messages, a line each, as a base model's prompt.
  ///
  /// - Parameters:
  ///   - conversations: Each ends with the right answer.
  ///   - threads: How many threads the model uses.
  /// - Returns: How well the answers are known; one ends with its line.
  /// - Throws: ``ChatInferenceError``.
  public func askPlainly(_ conversations: [Conversation], threads: Int = 1)
    throws(ChatInferenceError) -> DialectResult
  {
    let plain = try with(try Self.family("llama-2-base"))
    var (right, loss, count) = (0, 0.0, 0)
    var options = GenerationOptions()
    options.maximumTokens = 24
    options.stopStrings = ["\n"]
    options.threads = threads
    for conversation in conversations {
      guard let answer = conversation.messages.last?.text else { continue }
      let question = conversation.messages.dropLast().map { $0.text + "\n" }.joined()
      let asked = Conversation([Message(.user, question)])
      let reply = try plain.generate(asked, generation: options)
      right += reply.answer.text.utf8.elementsEqual(answer.utf8) ? 1 : 0
      let before = try plain.encode(asked).ids.count
      let encoded = try plain.encode(Conversation([Message(.user, question + answer)]))
      let score = try score(encoded, threads: threads)
      for place in before..<encoded.ids.count {
        loss -= score.logProbabilities[place] ?? 0
        count += 1
      }
    }
    return DialectResult(
      accuracy: Double(right) / Double(max(1, conversations.count)),
      loss: loss / Double(max(1, count)))
  }

  private func encode(_ conversation: Conversation) throws(ChatInferenceError) -> EncodedPrompt {
    do throws(PromptEncodingError) {
      return try chat.applyChatTemplate(conversation)
    } catch {
      throw ChatInferenceError(.prompt(error))
    }
  }

  private static func family(_ name: String) throws(ChatInferenceError) -> ChatTemplate {
    do throws(ChatTemplateError) {
      return try ChatTemplate(family: name)
    } catch {
      throw ChatInferenceError(.prompt(PromptEncodingError(.template(error))))
    }
  }
}
