// SPDX-License-Identifier: Apache-2.0

public import TextPrimitives

/// A template that cannot be loaded, or a conversation that it cannot render.
public struct ChatTemplateError: Error, Sendable {
  /// What is wrong.
  public enum Kind: Sendable, Equatable {
    /// The template itself refuses; the text is the template's.
    case refused(String)
    /// There is no message to render.
    case emptyConversation
    /// A field that the template prints is not there.
    case missingField(String)
    /// A field holds what the template cannot print; an empty field name is the whole message.
    case wrongType(field: String, expected: String, found: String)
    /// The conversation's JSON has another shape.
    case malformedConversation(String)
    /// Two options exclude each other.
    case conflictingOptions(String)
    /// The last message cannot be continued.
    case cannotContinue(String)
    /// No argument of this name is read by the template (strict mode).
    case unknownArgument(String)
    /// A model has no template of this name among those that are known.
    case noSuchTemplate(String, known: [String])
    /// No built-in family has this name.
    case unknownFamily(String)
    /// A template file that does not follow the format.
    case invalidTemplate(String)
    /// A construct that another template language cannot say.
    case inexpressible(String)
    /// A file that cannot be read.
    case unreadableFile(String)
    /// The Jinja engine failed.
    case jinja(String)
  }

  /// What is wrong.
  public let kind: Kind
  /// The index of the message that was being rendered, from 0.
  public let message: Int?
  /// The path of the value that a refusal is about, such as `tool_calls[0].id`; other kinds hold it
  /// themselves.
  public let field: String?
  /// The place in the template file with its line; its message is the error's.
  public let location: SourceExcerpt?
  /// What to do.
  public let hint: String?

  /// An error with what is known of its place.
  public init(
    _ kind: Kind, message: Int? = nil, field: String? = nil, location: SourceExcerpt? = nil,
    hint: String? = nil
  ) {
    self.kind = kind
    self.message = message
    self.field = field
    self.location = location
    self.hint = hint
  }
}

extension ChatTemplateError: CustomStringConvertible {
  /// What is wrong, without the place.
  public var text: String {
    switch kind {
    case .refused(let text): text
    case .emptyConversation: "the conversation has no messages"
    case .missingField(let field): "field '\(field)' is missing"
    case .wrongType("", let expected, let found): "must be \(expected), but is \(found)"
    case .wrongType(let field, let expected, let found):
      "field '\(field)' must be \(expected), but is \(found)"
    case .malformedConversation(let text), .conflictingOptions(let text),
      .cannotContinue(let text), .invalidTemplate(let text), .inexpressible(let text),
      .unreadableFile(let text), .jinja(let text):
      text
    case .unknownArgument(let name): "the template reads no argument '\(name)'"
    case .noSuchTemplate(let name, let known):
      "there is no template named '\(name)'"
        + (known.isEmpty ? "" : ", only " + known.joined(separator: ", "))
    case .unknownFamily(let name): "no built-in template family is called '\(name)'"
    }
  }

  /// The place, what is wrong, and what to do.
  public var description: String {
    var line = text
    let place = [message.map { "message \($0)" }, field].compactMap(\.self)
    if !place.isEmpty { line = "\(place.joined(separator: ", ")): \(line)" }
    if let hint { line += "; \(hint)" }
    return location?.description ?? line
  }
}
