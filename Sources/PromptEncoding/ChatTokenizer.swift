// SPDX-License-Identifier: Apache-2.0

public import ChatTemplates
import OrderedJSON
public import TextPrimitives
public import Tokenization

/// A tokenizer with the chat template of its model.
///
/// ```swift
/// let chat = try ChatTokenizer(modelDirectory: "models/qwen3")
/// let encoded = try chat.applyChatTemplate(
///   Conversation([Message(.user, "Hello")]), options: .init(addGenerationPrompt: true))
/// encoded.ids; encoded.assistantMask; encoded.layout
/// ```
public struct ChatTokenizer: Sendable {
  /// The tokenizer.
  public let tokenizer: Tokenizer
  /// The template.
  public let template: ChatTemplate
  /// The token that begins a text, where the model has one.
  public var bosToken: ExactString?
  /// The token that ends a turn or a text.
  public var eosToken: ExactString?
  /// The token that fills up a batch.
  public var padToken: ExactString?
  /// All special tokens by name, such as `unk_token`, for templates that read them.
  public var specialTokens: [ExactString: ExactString]
  /// The ids at which the model's files end an answer, in addition to the template's own.
  public var endTokenIDs: [TokenID]

  private let encoder: PromptEncoder

  /// Puts a tokenizer and a template together.
  public init(
    tokenizer: Tokenizer, template: ChatTemplate, bosToken: ExactString? = nil,
    eosToken: ExactString? = nil, padToken: ExactString? = nil,
    specialTokens: [ExactString: ExactString] = [:], endTokenIDs: [TokenID] = []
  ) {
    self.tokenizer = tokenizer
    self.template = template
    self.bosToken = bosToken
    self.eosToken = eosToken
    self.padToken = padToken
    self.specialTokens = specialTokens
    self.endTokenIDs = endTokenIDs
    encoder = PromptEncoder(tokenizer)
  }

  /// Puts a tokenizer and a built-in family together, each control token of which must be one
  /// token of the vocabulary.
  ///
  /// - Throws: ``PromptEncodingError`` that names a missing token, or an unknown family.
  public init(tokenizer: Tokenizer, family: String) throws(PromptEncodingError) {
    do {
      self.init(tokenizer: tokenizer, template: try ChatTemplate(family: family))
    } catch {
      throw PromptEncodingError(.template(error))
    }
    try encoder.check(template)
  }

  /// Renders a conversation with the model's special tokens.
  ///
  /// - Throws: ``PromptEncodingError`` of kind `template`.
  public func render(_ conversation: Conversation, options: RenderOptions = RenderOptions())
    throws(PromptEncodingError) -> Prompt
  {
    var options = options
    options.bosToken = options.bosToken ?? bosToken
    options.eosToken = options.eosToken ?? eosToken
    options.specialTokens.merge(specialTokens) { given, _ in given }
    do {
      return try template.render(conversation, options: options)
    } catch {
      throw PromptEncodingError(.template(error))
    }
  }

  /// Renders and encodes a conversation.
  ///
  /// - Parameters:
  ///   - conversation: The messages.
  ///   - options: How it is rendered.
  ///   - limits: How long it may become, and whether callers' text is trusted.
  /// - Returns: The ids and what is known of each.
  /// - Throws: ``PromptEncodingError``.
  public func applyChatTemplate(
    _ conversation: Conversation, options: RenderOptions = RenderOptions(),
    limits: ChatLimits = ChatLimits()
  ) throws(PromptEncodingError) -> EncodedPrompt {
    var shorter = conversation
    while true {
      let prompt = try render(shorter, options: options)
      var encoded = try encoder.encode(prompt, trustText: limits.trustsText)
      encoded.stopIDs += endTokenIDs.filter { !encoded.stopIDs.contains($0) }
      guard let limit = limits.maximumCount, encoded.ids.count > limit else { return encoded }
      switch limits.truncation {
      case .refuse:
        throw PromptEncodingError(.tooLong(count: encoded.ids.count, limit: limit))
      case .cutEnd: return encoded.part(0..<limit)
      case .cutStart: return encoded.part(encoded.ids.count - limit..<encoded.ids.count)
      case .dropOldTurns:
        guard shorter.dropOldestTurn() else {
          throw PromptEncodingError(.tooLong(count: encoded.ids.count, limit: limit))
        }
      }
    }
  }

  /// Renders and encodes several conversations and fills them up to one length.
  ///
  /// - Throws: ``PromptEncodingError``, also where there is no token to fill up with.
  public func applyChatTemplate(
    _ conversations: [Conversation], options: RenderOptions = RenderOptions(),
    limits: ChatLimits = ChatLimits(), padding: ChatPadding = ChatPadding()
  ) throws(PromptEncodingError) -> ChatBatch {
    var rows: [EncodedPrompt] = []
    for conversation in conversations {
      rows.append(try applyChatTemplate(conversation, options: options, limits: limits))
    }
    return try ChatBatch(rows, padding, padID: padID)
  }

  private var padID: TokenID? {
    (padToken ?? eosToken).flatMap { tokenizer.identifier(of: $0.string) }
  }
}

extension Conversation {
  /// Takes away the oldest question with all that answers it; system messages stay, and a tool's
  /// result never stays without its call.
  ///
  /// - Returns: False where only the last question is left.
  mutating func dropOldestTurn() -> Bool {
    let users = messages.indices.filter { messages[$0].role == .user }
    guard users.count > 1 else { return false }
    let range = users[0]..<users[1]
    messages.removeSubrange(range.lowerBound..<range.upperBound)
    return true
  }
}
