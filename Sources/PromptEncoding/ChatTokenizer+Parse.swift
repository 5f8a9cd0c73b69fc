// SPDX-License-Identifier: Apache-2.0

public import ChatTemplates
import TextPrimitives
public import Tokenization

/// Takes a model's answer apart while its ids arrive.
///
/// A control token is one by its id: text that spells one is text.
///
/// ```swift
/// var stream = chat.makeResponseStream(prompt: prompt)
/// for id in ids { for event in try stream.feed(id) { show(event) } }
/// for event in try stream.finish() { show(event) }
/// ```
public struct TokenResponseStream: Sendable {
  private var stream: ResponseStream
  private let tokenizer: Tokenizer
  private var decoder: StreamDecoder
  /// The control tokens of the template, by id.
  private let controls: [TokenID: ExactString]

  init(_ chat: ChatTokenizer, prompt: Prompt?, tools: [Tool]) {
    var controls: [TokenID: ExactString] = [:]
    for token in chat.template.responseControlTokens {
      if let id = chat.tokenizer.identifier(of: token.string) { controls[id] = token }
    }
    self.controls = controls
    tokenizer = chat.tokenizer
    decoder = chat.tokenizer.makeStreamDecoder()
    stream = chat.template.makeResponseStream(
      prompt: prompt, tools: tools, controlTokens: Set(controls.values))
  }

  /// What the answer holds: after ``finish()`` all of it, before that nothing.
  public var response: ParsedResponse { stream.response }

  /// Takes the next id.
  ///
  /// - Returns: What has become certain by it.
  /// - Throws: ``PromptEncodingError`` for an id that has no token.
  public mutating func feed(_ id: TokenID) throws(PromptEncodingError) -> [ResponseStream.Event] {
    do {
      guard let control = controls[id] else {
        return try decoder.append(id).map { stream.feed($0) } ?? []
      }
      // What stands before a control token is decoded by itself.
      let rest = try decoder.finish().map { stream.feed($0) } ?? []
      return rest + stream.feed(control: control)
    } catch {
      throw PromptEncodingError(.tokenizer(error))
    }
  }

  /// Ends the answer; what was uncertain becomes certain.
  ///
  /// - Returns: The last events. ``response`` then holds the whole.
  /// - Throws: Never for ids that ``feed(_:)`` has taken.
  public mutating func finish() throws(PromptEncodingError) -> [ResponseStream.Event] {
    do {
      let rest = try decoder.finish().map { stream.feed($0) } ?? []
      return rest + stream.finish()
    } catch {
      throw PromptEncodingError(.tokenizer(error))
    }
  }
}

extension ChatTokenizer {
  /// Takes the ids that a model wrote apart.
  ///
  /// ```swift
  /// let parsed = try chat.parse(ids: sampled, prompt: prompt, tools: tools)
  /// parsed.message.toolCalls
  /// ```
  ///
  /// - Parameters:
  ///   - ids: What the model wrote, with or without the token that ended it.
  ///   - prompt: The prompt it was given: its opening may hold the start of the turn.
  ///   - tools: The tools, whose schemas tell numbers from text where the format does not.
  /// - Returns: The message, whatever the model wrote.
  /// - Throws: ``PromptEncodingError`` for an id that has no token.
  public func parse(ids: some Sequence<TokenID>, prompt: Prompt? = nil, tools: [Tool] = [])
    throws(PromptEncodingError) -> ParsedResponse
  {
    var stream = makeResponseStream(prompt: prompt, tools: tools)
    for id in ids { _ = try stream.feed(id) }
    _ = try stream.finish()
    return stream.response
  }

  /// A reader of an answer whose ids arrive one by one.
  ///
  /// - Parameters:
  ///   - prompt: The prompt that the model was given.
  ///   - tools: The tools, whose schemas type arguments.
  /// - Returns: A stream that has read nothing yet.
  public func makeResponseStream(prompt: Prompt? = nil, tools: [Tool] = [])
    -> TokenResponseStream
  {
    TokenResponseStream(self, prompt: prompt, tools: tools)
  }
}
