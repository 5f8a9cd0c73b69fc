// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// A conversation as transformers hands it to a template, for both engines.
struct PreparedConversation {
  var messages: [Message]
  var tools: JSONValue?
  var documents: JSONValue?
  var arguments: JSONObject
  var bos: ExactString?
  var eos: ExactString?
  var specialTokens: [ExactString: ExactString]
  var now: CivilTime
  var addGenerationPrompt: Bool
  var continuation: Continuation?

  /// Drops nulls, mirrors reasoning fields and marks the field to continue.
  ///
  /// `reads` tells whether the template reads a field, which continuing it asks for.
  /// - Throws: `ChatTemplateError` where transformers refuses before it renders.
  init(
    _ conversation: Conversation, _ options: RenderOptions,
    reads: (ExactString) -> Bool
  ) throws(ChatTemplateError) {
    guard !conversation.messages.isEmpty else { throw ChatTemplateError(.emptyConversation) }
    let field = options.continueFinalMessage.field
    if field != nil, options.addGenerationPrompt {
      throw ChatTemplateError(
        .conflictingOptions(
          "continue_final_message and add_generation_prompt exclude each other: one leaves the "
            + "last message open, the other opens a new one"))
    }
    messages = conversation.messages
    if !options.keepsNulls { Self.prepare(&messages) }
    options.toolArguments.apply(to: &messages)
    tools = (options.tools ?? conversation.tools).map { .array($0.map(\.definition)) }
    documents = (options.documents ?? conversation.documents).map { .array($0) }
    arguments = options.arguments
    bos = options.bosToken
    eos = options.eosToken
    specialTokens = options.specialTokens
    now = options.now ?? .now
    addGenerationPrompt = options.addGenerationPrompt
    if let field { continuation = try Continuation(field: field, of: &messages, reads: reads) }
  }

  /// Prepares messages from the first on that needs it; most conversations stay as they are.
  private static func prepare(_ messages: inout [Message]) {
    let first = unsafe messages.withFields {
      unsafe JSONObject.firstIndex(in: $0, withNullOrAnyOf: Message.reasoningKeys)
    }
    guard let first else { return }
    for index in first..<messages.count {
      messages[index].fields = prepared(messages[index].fields)
    }
  }

  private static func prepared(_ fields: JSONObject) -> JSONObject {
    var kept = fields
    for (key, value) in fields where value.isNull { kept[key] = nil }
    // As transformers' render_jinja_template does: templates read one name or the other.
    guard let reasoning = Message.reasoningKeys.lazy.compactMap({ kept[$0] }).first else {
      return kept
    }
    kept.insert(kept["thinking"] ?? reasoning, forKey: "thinking", at: 0)
    kept["reasoning_content"] = reasoning
    return kept
  }
}

/// The last message, left open for the model to go on with.
///
/// As transformers does, the field gets a mark at its end and the prompt is cut there: a template
/// may trim, quote or move the text, and the mark goes with it.
struct Continuation {
  private static let mark = "CONTINUE_FINAL_MESSAGE_TAG "

  /// The text before the mark was added.
  private let original: ExactString

  init(
    field: ExactString, of messages: inout [Message], reads: (ExactString) -> Bool
  ) throws(ChatTemplateError) {
    let last = messages.count - 1
    guard let value = messages[last].fields[field] else {
      throw ChatTemplateError(
        .cannotContinue("the last message has no '\(field)' to continue"), message: last)
    }
    var fields = [field]
    if Message.reasoningKeys.contains(field) {
      fields = Message.reasoningKeys.filter { messages[last].fields[$0] == value }
    }
    guard fields.contains(where: reads) else {
      throw ChatTemplateError(
        .cannotContinue("the template does not read '\(field)'"), message: last)
    }
    switch value {
    case .string(let text):
      original = text
      for field in fields { messages[last].fields[field] = Self.marked(text) }
    case .array(var parts):
      guard let place = parts.lastIndex(where: { $0["text"]?.string != nil }),
        case .object(var part) = parts[place], let text = part["text"]?.string
      else {
        throw ChatTemplateError(
          .cannotContinue("the last message has no text to continue"), message: last)
      }
      original = text
      part["text"] = Self.marked(text)
      parts[place] = .object(part)
      messages[last].fields[field] = .array(parts)
    default:
      throw ChatTemplateError(
        .wrongType(field: field.string, expected: "a string", found: value.kindName),
        message: last)
    }
  }

  private static func marked(_ text: ExactString) -> JSONValue {
    .string(ExactString(text.string + mark))
  }

  /// Where a rendered prompt ends: at the mark.
  func end(of bytes: [UInt8]) throws(ChatTemplateError) -> Int {
    let tag = String(Self.mark.dropLast())
    let whole = 0..<bytes.count
    let text = original.string.utf8Span.span
    let wanted = text.extracting(TextScanning.trimmed(text, 0..<text.count))
    guard TextScanning.find(wanted, in: bytes.span, whole) != nil,
      let place = TextScanning.find(tag.utf8Span.span, in: bytes.span, whole, last: true)
    else {
      throw ChatTemplateError(
        .cannotContinue("the template changes the last message, so that it cannot be continued"))
    }
    let end = place + tag.utf8.count
    let keepsSpace = end < bytes.count && bytes[end] == UInt8(ascii: " ")
    let kept = keepsSpace ? 0..<place : TextScanning.trimmed(bytes.span, 0..<place, start: false)
    return kept.upperBound
  }
}
