// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// The messages of a conversation as transformers hands them to a template, for both engines.
struct PreparedMessages {
  var messages: [Message]
  var continuation: Continuation?
}

extension Conversation {
  /// Drops nulls, mirrors reasoning fields and marks the field to continue.
  ///
  /// `reads` tells whether the template reads a field, which continuing it asks for.
  /// - Throws: `ChatTemplateError` where transformers refuses before it renders.
  func prepared(
    for options: RenderOptions, reads: (ExactString) -> Bool
  ) throws(ChatTemplateError) -> PreparedMessages {
    guard !messages.isEmpty else { throw ChatTemplateError(.emptyConversation) }
    var prepared = PreparedMessages(messages: messages)
    if !options.keepsNulls { prepared.prepare() }
    options.toolArguments.apply(to: &prepared.messages)
    guard let field = options.continueFinalMessage.field else { return prepared }
    if options.addGenerationPrompt {
      throw ChatTemplateError(
        .conflictingOptions(
          "continue_final_message and add_generation_prompt exclude each other: one leaves the "
            + "last message open, the other opens a new one"))
    }
    prepared.continuation = try Continuation(field: field, of: &prepared.messages, reads: reads)
    return prepared
  }
}

extension PreparedMessages {
  /// Prepares messages from the first on that needs it; most conversations stay as they are.
  fileprivate mutating func prepare() {
    let first = unsafe messages.withFields {
      unsafe JSONObject.firstIndex(in: $0, withNullOrAnyOf: Message.reasoningKeys)
    }
    guard let first else { return }
    for index in first..<messages.count {
      messages[index].fields = Self.prepared(messages[index].fields)
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

extension RenderOptions {
  /// The tools of a render: those of the options, else the conversation's own.
  func toolList(of conversation: Conversation) -> JSONValue? {
    (tools ?? conversation.tools).map { .array($0.map(\.definition)) }
  }

  /// The documents of a render: those of the options, else the conversation's own.
  func documentList(of conversation: Conversation) -> JSONValue? {
    (documents ?? conversation.documents).map { .array($0) }
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
