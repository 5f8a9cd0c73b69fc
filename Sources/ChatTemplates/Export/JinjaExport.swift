// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

extension ChatTemplate {
  /// The template as a Jinja template that transformers renders to the same bytes.
  ///
  /// What the model writes stands in `{% generation %}` tags, so that `apply_chat_template` with
  /// `return_assistant_tokens_mask` gives the mask that ``Prompt/segments`` give. What the family
  /// refuses, the export refuses with the same words.
  ///
  /// ```swift
  /// let source = try ChatTemplate(family: "qwen3").jinjaSource()
  /// ```
  ///
  /// - Returns: The source, one tag a line.
  /// - Throws: `ChatTemplateError` of kind `inexpressible` that names the construct and its place,
  ///   or where the template is itself a Jinja template.
  public func jinjaSource() throws(ChatTemplateError) -> String {
    guard let definition else {
      throw ChatTemplateError(.inexpressible("\(name) is a Jinja template already"))
    }
    var writer = JinjaWriter(definition)
    return try writer.template()
  }
}

/// Writes a definition as a Jinja template.
///
/// The body is written first, since what it asks for decides what stands before it: macros, the
/// places of marks, defaults of parameters. Every tag takes the white space before it away, so that
/// the layout of the source never reaches the prompt.
struct JinjaWriter {
  let definition: TemplateDefinition
  /// The lines of the part that is being written, and how deep they are indented.
  var lines: [String] = []
  var depth = 0
  /// What the enclosing repetitions call their elements, by variable.
  var variables: [String] = []
  var keys: [String] = []
  /// Literals that have not been written yet, so that neighbours become one.
  var pendingText = ""
  var isGenerating = false
  /// Values that cannot be strings here, since the branch that is being written excludes them.
  var knownNonStrings: Set<ExactString> = []
  /// What the body asks for.
  var macros: [JinjaMacro] = []
  var places: [Place] = []
  /// The macros of the template's own, which look for turns.
  var lookups: [[String]] = []
  var needs: Set<Need> = []
  /// Whether the place that is being looked up depends on the index of a turn.
  var lookupUsesIndex = false

  /// What has to be prepared before or in a turn.
  enum Need: Hashable {
    case turnIndex, systems, tools, documents, bos, eos, answered, called, counters, reasoning
  }

  /// A turn that is looked up once, before anything is written.
  struct Place {
    var name: String
    var condition: String
    var isLast: Bool
    var usesIndex: Bool
    /// The value where there is no such turn.
    var absent: String
  }

  /// Where a condition or a value is evaluated.
  struct Position {
    /// The turn's message and its index, as expressions.
    var message: String
    var index: String
    /// Whether there is such a turn for certain.
    var isCertain: Bool
    /// Whether it is the turn that is being written.
    var isHere = false
    /// Whether a repetition stands around, whose element `loop` is about.
    var isInLoop = false
    /// Whether it is one of the next turns, written inside this one.
    var isFollowing = false
    /// Whether it is a turn that a place is looked up at.
    var isCandidate = false
  }

  init(_ definition: TemplateDefinition) {
    self.definition = definition
    variables = Array(repeating: "", count: definition.variableCount)
    keys = variables
  }

  /// The list of messages that are turns.
  var turns: String {
    if case .turn = definition.systemPolicy { "messages" } else { own("turns") }
  }

  /// A name of the export's own, other than any parameter's.
  func own(_ name: String) -> String {
    definition.parameters.contains { $0.name.string == name } ? name + "_" : name
  }

  /// The whole source.
  mutating func template() throws(ChatTemplateError) -> String {
    let definition = definition
    let before = Position(message: "\(turns)[0]", index: "0", isCertain: false)
    let after = Position(
      message: "(\(turns) | last)", index: "[\(turns) | length - 1, 0] | max", isCertain: false)
    let prologue = try captured { (writer) throws(ChatTemplateError) in
      try writer.write(definition.prologue, at: before)
    }
    let turns = try captured { (writer) throws(ChatTemplateError) in try writer.writeTurns() }
    let ending = try captured { (writer) throws(ChatTemplateError) in
      try writer.write(definition.ending, at: after)
      guard !definition.opening.isEmpty else { return }
      try writer.nested("{%- if add_generation_prompt %}", "{%- endif %}") {
        (writer) throws(ChatTemplateError) in
        try writer.write(definition.opening, at: after)
      }
    }
    let preparation = try captured { (writer) throws(ChatTemplateError) in
      try writer.writePreparation()
    }
    let head = ["{#- \(heading) #}"] + macros.map(\.source) + lookups.joined()
    return (head + preparation + prologue + turns + ending).joined(separator: "\n") + "\n"
  }

  private var heading: String {
    let text =
      "\(definition.name): \(definition.about) After \(definition.sourceReference)"
      + " (\(definition.sourceModel), \(definition.sourceDate))."
    return text.split(separator: "#}", omittingEmptySubsequences: false).joined(separator: "# }")
  }

  // MARK: Lines

  mutating func line(_ text: String) {
    flushText()
    lines.append(String(repeating: " ", count: 4 * depth) + text)
  }

  /// Lines between an opening and a closing tag, indented.
  mutating func nested(
    _ open: String, _ close: String?,
    _ body: (inout JinjaWriter) throws(ChatTemplateError) -> Void
  ) throws(ChatTemplateError) {
    line(open)
    depth += 1
    try body(&self)
    flushText()
    depth -= 1
    if let close { line(close) }
  }

  /// The lines that a body writes, instead of adding them to those before.
  mutating func captured(
    _ body: (inout JinjaWriter) throws(ChatTemplateError) -> Void
  ) throws(ChatTemplateError) -> [String] {
    let outer = lines
    lines = []
    try body(&self)
    flushText()
    defer { lines = outer }
    return lines
  }

  private mutating func flushText() {
    guard !pendingText.isEmpty else { return }
    let text = pendingText
    pendingText = ""
    line("{{- \(JinjaLiteral.quoted(text)) }}")
  }

  /// Has a macro written at the front, after those that it uses itself.
  mutating func need(_ macro: JinjaMacro) {
    guard !macros.contains(macro) else { return }
    for other in macro.uses { need(other) }
    macros.append(macro)
  }

  func inexpressible(_ text: String, at place: TemplatePlace?) -> ChatTemplateError {
    let prefix = place.map { "\($0.name):\($0.line):\($0.column): " } ?? ""
    return ChatTemplateError(.inexpressible("\(prefix)Jinja cannot say this: \(text)"))
  }
}
