// SPDX-License-Identifier: Apache-2.0

public import OrderedJSON
public import TextPrimitives

/// One conversation with what it must become.
public struct FixtureCase: Sendable {
  /// The case's name, unique in its file.
  public let name: String
  /// The line at which it stands, from 1.
  public let line: Int
  /// The template.
  public let template: TemplateReference
  /// The tokenizer; nil where only text is compared, or where the template's model folder has one.
  public let tokenizer: TokenizerReference?
  /// The conversation as it stands in the file, or the file that holds it.
  public let conversation: ConversationReference
  /// Options by transformers' names, those of the file and over them those of the case.
  public let options: JSONObject
  /// An answer to take apart.
  public let response: ExactString?
  /// What was recorded.
  public let expectation: RecordedPrompt
  /// What the recording was made with.
  public let recorded: RecordedInputs

  /// The case's map, for edits.
  let node: FixtureNode
}

extension FixtureCase {
  /// The case with the record of another one.
  package func expecting(_ other: FixtureCase) -> FixtureCase {
    FixtureCase(
      name: name, line: other.line, template: template, tokenizer: tokenizer,
      conversation: conversation, options: options, response: response,
      expectation: other.expectation, recorded: other.recorded, node: node)
  }
}

/// Which template a case is rendered by; paths are those of the fixture, resolved.
public enum TemplateReference: Sendable, Hashable {
  /// A built-in family.
  case family(String)
  /// A declarative template (`.yaml`, `.yml`) or a Jinja template.
  case file(String)
  /// A model's folder.
  case model(String)
}

/// Which tokenizer a case is encoded with.
public enum TokenizerReference: Sendable, Hashable {
  /// One of the vocabularies that are compiled in.
  case builtIn(String)
  /// A file or folder, and the encoding's name where the file does not tell.
  case file(String, encoding: String?)
}

/// Where a case's conversation stands.
public enum ConversationReference: Sendable {
  case inline(JSONObject)
  case file(String)
}

/// What a recording was made with, so that changed inputs are told from changed behaviour.
public struct RecordedInputs: Sendable, Equatable {
  /// The program, such as `dialect 0.1.0`.
  public var program: String?
  /// The SHA-256 of the template.
  public var template: String?
  /// The SHA-256 of the tokenizer's file.
  public var tokenizer: String?

  /// Nothing is known.
  public init(program: String? = nil, template: String? = nil, tokenizer: String? = nil) {
    self.program = program
    self.template = template
    self.tokenizer = tokenizer
  }
}
