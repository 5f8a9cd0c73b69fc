// SPDX-License-Identifier: Apache-2.0

public import TextPrimitives

/// What a declarative template says of itself.
public struct TemplateInformation: Sendable, Equatable {
  /// What the model was trained for.
  public enum Variant: String, Sendable, CaseIterable {
    /// To go on with a text.
    case base
    /// To follow instructions.
    case instruct
    /// To hold a conversation.
    case chat
    /// To think before it answers.
    case reasoning
  }

  /// The family's name.
  public let name: String
  /// Other names of the same family.
  public let aliases: [String]
  /// A sentence or two.
  public let about: String
  /// The model that the template is for.
  public let model: String
  /// Where the format was taken from.
  public let reference: String
  /// When, such as `2026-11-20`.
  public let date: String
  /// What the model was trained for.
  public let variant: Variant
  /// The template variables that callers may set.
  public let parameters: [String]
  /// The token that begins a text; nil where the model has none.
  public let bosToken: ExactString?
  /// The token that ends a turn.
  public let eosToken: ExactString?
  /// The tokens at which generation should stop.
  public let stopTokens: [ExactString]
  /// The plain texts at which generation should stop.
  public let stopStrings: [ExactString]
  /// Whether a token may reach across the end of a segment.
  public let boundary: TokenBoundary
  /// The laws that the template does not keep, and why, in the words of its file.
  public let exceptions: [TemplateLaw: String]
}

extension ChatTemplate {
  /// What a declarative template says of itself; nil for Jinja templates.
  public var information: TemplateInformation? {
    guard let definition else { return nil }
    return TemplateInformation(
      name: definition.name.string, aliases: definition.aliases.map(\.string),
      about: definition.about, model: definition.sourceModel,
      reference: definition.sourceReference, date: definition.sourceDate,
      variant: definition.variant, parameters: definition.parameters.map(\.name.string),
      bosToken: definition.bos, eosToken: definition.eos, stopTokens: definition.stop,
      stopStrings: definition.stopStrings, boundary: definition.boundary,
      exceptions: definition.exceptions)
  }
}
