// SPDX-License-Identifier: Apache-2.0

public import ChatTemplates
import PromptEncoding
import ReferenceTransformer
import TextPrimitives
import Tokenization

extension ChatModel {
  /// Answers a conversation.
  ///
  /// - Parameters:
  ///   - conversation: The messages, of which the last asks for an answer.
  ///   - options: How it is rendered; the opening of the answer is added, unless the last message
  ///     is to be continued.
  ///   - generation: How the answer is written.
  ///   - onText: Takes each piece of text as soon as it is certain.
  /// - Returns: The answer as a message, with what it took.
  /// - Throws: ``ChatInferenceError``.
  public func generate(
    _ conversation: Conversation, options: RenderOptions = RenderOptions(),
    generation: GenerationOptions = GenerationOptions(), onText: (String) -> Void = { _ in }
  ) throws(ChatInferenceError) -> GeneratedReply {
    var dialogue = ChatDialogue(self)
    return try dialogue.reply(
      to: conversation, options: options, generation: generation, onText: onText)
  }
}

/// Several replies in one conversation: what was read for one is not read again for the next.
public struct ChatDialogue: ~Copyable, Sendable {
  private let model: ChatModel
  private var session: TransformerSession?
  /// The ids that the session holds.
  private var known: [TokenID] = []

  /// A dialogue in which nothing was said yet.
  public init(_ model: ChatModel) {
    self.model = model
  }

  /// Answers a conversation, most of which may have been read before; see
  /// ``ChatModel/generate(_:options:generation:onText:)``.
  ///
  /// - Throws: ``ChatInferenceError``.
  public mutating func reply(
    to conversation: Conversation, options: RenderOptions = RenderOptions(),
    generation: GenerationOptions = GenerationOptions(), onText: (String) -> Void = { _ in }
  ) throws(ChatInferenceError) -> GeneratedReply {
    var generation = try generation.validated()
    let (prompt, encoded) = try encode(conversation, options)
    generation.stopStrings += prompt.stopStrings.map(\.string)
    do throws(TransformerError) {
      let stops = Set(encoded.stopIDs + model.chat.endTokenIDs)
      let answer = try write(after: encoded.ids, stops, generation, onText)
      let tools = options.tools ?? conversation.tools ?? []
      let parsed = model.chat.template.parse(
        response: parserText(of: answer, encoded.stopIDs), prompt: prompt, tools: tools)
      return GeneratedReply(parsed: parsed, answer: answer)
    } catch {
      // What the session holds is not known any more.
      session = nil
      known = []
      throw ChatInferenceError(.transformer(error))
    }
  }

  private func encode(_ conversation: Conversation, _ options: RenderOptions)
    throws(ChatInferenceError) -> (Prompt, EncodedPrompt)
  {
    var options = options
    options.addGenerationPrompt = options.continueFinalMessage.field == nil
    do throws(PromptEncodingError) {
      let prompt = try model.chat.render(conversation, options: options)
      return (prompt, try model.chat.tokenizer.encode(prompt))
    } catch {
      throw ChatInferenceError(.prompt(error))
    }
  }

  /// The text that the response parser is given: control tokens tell it where parts begin.
  private func parserText(of answer: WrittenAnswer, _ stops: [TokenID]) -> String {
    guard answer.ending != .stopString else { return answer.text }
    var ids = answer.ids[...]
    // An end that is the model's own and not the template's is no part of the message.
    if answer.ending == .stopToken, let last = ids.last, !stops.contains(last) { ids.removeLast() }
    return (try? model.chat.tokenizer.decode(ids)) ?? answer.text
  }

  private mutating func write(
    after prompt: [TokenID], _ stops: Set<TokenID>, _ generation: GenerationOptions,
    _ onText: (String) -> Void
  ) throws(TransformerError) -> WrittenAnswer {
    let clock = ContinuousClock()
    let start = clock.now
    let room = model.transformer.configuration.contextLength - prompt.count
    guard room > 0 else {
      throw TransformerError(
        .contextTooLong(
          needed: prompt.count + 1, limit: model.transformer.configuration.contextLength))
    }
    let limit = min(generation.maximumTokens ?? room, room)
    var session = takeSession(threads: generation.threads, capacity: prompt.count + min(limit, 512))
    // The last token is read again where all are known, since its logits are wanted.
    let shared = min(
      zip(known, prompt).prefix { $0 == $1 }.count, max(0, prompt.count - 1))
    session.truncate(to: shared)
    try session.append(Array(prompt[shared...]))
    let promptEnd = clock.now

    var sampler = Sampler(generation.sampling)
    var decoder = model.chat.tokenizer.makeStreamDecoder(skippingSpecialTokens: true)
    var stopText = StopText(generation.stopStrings)
    var (ids, text, context) = ([TokenID](), "", prompt)
    var ending = GeneratedReply.Ending.length
    func emit(_ piece: String) {
      text += piece
      if !piece.isEmpty { onText(piece) }
    }
    while ids.count < limit {
      // Rows of the embedding beyond the tokenizer's ids only fill it up.
      let logits = Array(session.logits.prefix(model.chat.tokenizer.identifierBound))
      let next = sampler.next(logits, previous: context)
      ids.append(next)
      context.append(next)
      if stops.contains(next) {
        ending = .stopToken
        break
      }
      // An id below the bound that has no token has no text either.
      emit(stopText.append(((try? decoder.append(next)) ?? nil) ?? ""))
      if stopText.isFound {
        ending = .stopString
        break
      }
      if ids.count < limit { try session.append([next]) }
    }
    if ending != .stopString {
      emit(stopText.append(((try? decoder.finish()) ?? nil) ?? ""))
      emit(stopText.finish())
    }
    known = Array(context.prefix(session.count))
    self.session = consume session
    return WrittenAnswer(
      text: text, ids: ids, ending: ending, promptTokens: prompt.count - shared,
      promptTime: promptEnd - start, answerTime: clock.now - promptEnd)
  }

  private mutating func takeSession(threads: Int, capacity: Int) -> TransformerSession {
    if let session = session.take() { return session }
    return model.transformer.makeSession(capacity: capacity, threads: threads)
  }
}
