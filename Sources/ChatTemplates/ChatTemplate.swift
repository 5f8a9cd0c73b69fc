// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// A chat template: what turns a conversation into a prompt.
///
/// Which engine runs behind it is its own affair; both give the same kind of prompt.
///
/// ```swift
/// let template = try ChatTemplate(family: "llama-3")
/// let prompt = try template.render(
///   Conversation([Message(.user, "Hello")]), options: .init(addGenerationPrompt: true))
/// print(prompt.text)
/// ```
public struct ChatTemplate: Sendable {
  private enum Engine: Sendable {
    case declarative(RenderProgram)
    case jinja(JinjaChatEngine)
  }

  /// The family's name, or the name that a Jinja template was given.
  public let name: String

  private let engine: Engine
  /// The form of arguments that the template can write.
  private let fittingArguments: LazyValue<ToolArguments>

  /// A built-in family, by its name or one of its aliases.
  ///
  /// - Throws: `ChatTemplateError` with the kind `unknownFamily` and a near name.
  public init(family name: String) throws(ChatTemplateError) {
    self.init(try FamilyLoader.load(family: name))
  }

  /// A declarative template from its text.
  ///
  /// - Parameters:
  ///   - yaml: The file's text.
  ///   - fileName: What error messages call it.
  /// - Throws: `ChatTemplateError` with the file's line and column.
  public init(yaml: String, fileName: String) throws(ChatTemplateError) {
    self.init(
      try FamilyLoader.load(TemplateSource(name: ExactString(fileName), text: yaml)))
  }

  /// A Hugging Face template, in the environment that transformers gives it.
  ///
  /// - Parameters:
  ///   - source: The template's text.
  ///   - name: What error messages call it.
  /// - Throws: `ChatTemplateError` of kind `jinja` with line and column.
  public init(jinja source: String, name: String) throws(ChatTemplateError) {
    try self.init(jinjaTemplates: [("default", source)], name: name)
  }

  /// Several Hugging Face templates by name, of which a render takes `tool_use` where there are
  /// tools, else `default`.
  ///
  /// - Parameters:
  ///   - sources: Names and texts.
  ///   - name: What error messages call them.
  /// - Throws: `ChatTemplateError` of kind `jinja` with line and column.
  public init(jinjaTemplates sources: [(name: String, source: String)], name: String)
    throws(ChatTemplateError)
  {
    self.init(.jinja(try JinjaChatEngine(sources, fileName: name)), name: name)
  }

  private init(_ definition: TemplateDefinition) {
    self.init(.declarative(RenderProgram(definition)), name: definition.name.string)
  }

  private init(_ engine: Engine, name: String) {
    self.name = name
    self.engine = engine
    fittingArguments = LazyValue {
      ToolArguments.fitting { messages in
        let conversation = Conversation(messages.compactMap(\.object).map(Message.init(fields:)))
        // Content that is null tells some templates that there are calls.
        let options = RenderOptions(keepsNulls: true)
        return try? Self.render(conversation, options, by: engine, named: name)
      }
    }
  }

  /// The definition of a declarative template.
  var definition: TemplateDefinition? {
    if case .declarative(let program) = engine { program.definition } else { nil }
  }

  /// The texts that the template is made from, by the names that ``TemplatePlace`` gives them: a
  /// family's file and those that it extends, or the Jinja sources.
  public var sources: [(name: String, text: String)] {
    switch engine {
    case .declarative(let program): program.definition.sources.map { ($0.name.string, $0.text) }
    case .jinja(let engine): engine.sources
    }
  }

  /// Whether the template is Jinja.
  public var isJinja: Bool { definition == nil }

  /// The names of the built-in families, without aliases, in the order of the library.
  public static var familyNames: [String] {
    FamilyLibrary.entries.filter { !$0.isAbstract }.map(\.name)
  }

  /// The names and aliases under which built-in families are known.
  public static var familyNamesAndAliases: [String] {
    FamilyLibrary.entries.filter { !$0.isAbstract }.flatMap { [$0.name] + $0.aliases }
  }

  /// Renders a conversation.
  ///
  /// - Throws: `ChatTemplateError`: the template's own refusal, or the message and field that it
  ///   cannot print.
  /// - Complexity: Linear in the length of the conversation.
  public func render(_ conversation: Conversation, options: RenderOptions = RenderOptions())
    throws(ChatTemplateError) -> Prompt
  {
    guard options.toolArguments == .fitting else {
      return try Self.render(conversation, options, by: engine, named: name)
    }
    var fitted = options
    fitted.toolArguments = fittingArguments.value
    return try Self.render(conversation, fitted, by: engine, named: name)
  }

  private static func render(
    _ conversation: Conversation, _ options: RenderOptions, by engine: Engine, named name: String
  ) throws(ChatTemplateError) -> Prompt {
    switch engine {
    case .declarative(let program):
      if let chosen = options.chatTemplate {
        throw ChatTemplateError(
          .noSuchTemplate(chosen.string, known: []),
          hint: "'\(name)' is one template; leave the choice out")
      }
      return try program.render(conversation, options)
    case .jinja(let engine):
      return try engine.render(conversation, options)
    }
  }
}

extension RenderOptions {
  /// A warning for each argument that a template does not know; strictly, an error.
  ///
  /// - Throws: `ChatTemplateError` of kind `unknownArgument`, with the nearest name.
  func unknownArguments(known: [ExactString]) throws(ChatTemplateError) -> [String] {
    guard isStrict || reportsUnknown else { return [] }
    let known = known + ["bos_token", "eos_token"]
    var warnings: [String] = []
    for name in arguments.keys where !known.contains(name) {
      let error = ChatTemplateError(
        .unknownArgument(name.string),
        hint: EditDistance.nearest(to: name.string, among: known.map(\.string))
          .map { "did you mean '\($0)'?" })
      if isStrict { throw error }
      warnings.append(error.description)
    }
    return warnings
  }
}
