// SPDX-License-Identifier: Apache-2.0

/// What must hold of a template, whatever the conversation.
///
/// ``LawChecker`` checks them, on conversations of the caller's or of a ``ConversationGenerator``.
public enum TemplateLaw: String, Sendable, CaseIterable {
  /// The prompt with its opening is the start of the prompt that holds the answer.
  case opening
  /// An answer as the template writes it is read back as the message that it was made of.
  case parse
  /// An answer in pieces is read as the whole answer is.
  case stream
  /// The template writes as many control tokens, whatever callers write.
  case control
  /// The Jinja template that is exported renders the same text and refuses with the same words.
  case export
  /// What the model writes is what stands in `gen`: in the export, in `{% generation %}`.
  case mask
  /// Rendering takes time in proportion to the conversation.
  case linear

  /// The law in a sentence.
  public var statement: String {
    switch self {
    case .opening: "the generation prompt is a prefix of the rendered turn"
    case .parse: "a rendered answer is parsed back"
    case .stream: "parsing in pieces gives what parsing the whole gives"
    case .control: "the number of control tokens does not depend on callers' text"
    case .export: "the exported Jinja template renders the same"
    case .mask: "the mask is the union of what the model writes"
    case .linear: "rendering is linear in the length of the conversation"
    }
  }
}

/// A conversation and how it is rendered: what a law is checked on.
public struct LawSubject: Sendable {
  /// What is rendered.
  public var conversation: Conversation
  /// How.
  public var options: RenderOptions

  /// A subject.
  public init(_ conversation: Conversation, options: RenderOptions = RenderOptions()) {
    self.conversation = conversation
    self.options = options
  }
}

/// What a law says of one subject.
public enum LawVerdict: Sendable, Equatable {
  /// It holds.
  case holds
  /// It says nothing here: the template refuses the conversation, or there is no answer in it.
  case silent
  /// It is broken, and how.
  case broken(String)
}

/// What came of checking a law on many subjects.
public struct LawReport: Sendable {
  /// The law.
  public let law: TemplateLaw
  /// On how many subjects it held.
  public var held = 0
  /// On how many it says nothing.
  public var silent = 0
  /// The first subject that breaks it, made as small as possible.
  public var violation: LawViolation?
}

/// A conversation that breaks a law.
public struct LawViolation: Sendable, CustomStringConvertible {
  /// The law.
  public let law: TemplateLaw
  /// How it is broken.
  public let explanation: String
  /// The smallest conversation that was found to break it.
  public let subject: LawSubject

  /// The law, how it is broken, and the conversation as JSON.
  public var description: String {
    "\(law.statement): \(explanation)\n\(subject.conversation.openAI.serialized)"
  }
}
