// SPDX-License-Identifier: Apache-2.0

import TextPrimitives

/// What an assistant's turn may look like, read off the turns of a definition.
///
/// Conditions become choices and repetitions stay repetitions, so that the grammar accepts every
/// turn that the template can write. A ``ResponseProgram`` is compiled from it.
struct ResponseGrammar: Sendable {
  /// A place where text stands that is not the template's own.
  struct Slot: Sendable {
    /// What the text is in a message.
    enum Target: Sendable {
      case content, reasoning
      case callName, callIdentifier, argumentName, argumentValue
      /// The place of a call among its kind.
      case counter
      /// Something that is not part of the message.
      case ignored
      /// What does not follow the form.
      case unparsed
    }

    var target: Target
    /// White space that the template takes away, and that is no part of the text therefore.
    var edits: [TextEdit] = []
    /// Whether values that are not text are written as JSON.
    var decodesJSON = false
  }

  /// The keys under which a call's JSON object holds its parts.
  struct CallKeys: Sendable {
    var name: [ExactString] = ["name"]
    var arguments: [ExactString] = ["arguments", "parameters"]
    var identifier: [ExactString] = ["id"]
    /// Further keys of a call.
    var others: [ExactString] = ["type", "function"]
    /// Whether the object has one member, whose key is the call's name.
    var isKeyedByName = false
    /// Whether HTML's references stand for the quotes around keys and texts.
    var usesHTML = false
  }

  indirect enum Node: Sendable {
    case literal([UInt8], isControl: Bool)
    case text(Slot)
    /// The value of an argument whose name the template knows.
    case argument(ExactString, Slot)
    /// The call's name, where the form tells it without writing it.
    case named(ExactString)
    /// All arguments of a call as one JSON value.
    case arguments
    /// All arguments of a call in braces, with a control token around texts.
    case braces(quote: ExactString)
    /// The parts that identify a call.
    case identifier([Node])
    /// The start of a call's JSON object, which other nodes complete.
    case openCall
    /// A call as one JSON object.
    case jsonCall(CallKeys)
    case choice([[Node]])
    /// A body repeated, maybe never, with a separator; each repetition starts a call.
    case calls([Node], separator: [UInt8])
    /// A body repeated inside a call.
    case repeated([Node], separator: [UInt8])
    /// What ends the answer; what the template writes behind it is none of the model's.
    case terminator
    /// From here on the model writes; within a call or before one.
    case start(isInCall: Bool)
  }

  /// The turns that an assistant can write.
  let turns: [[Node]]
  /// What the model writes besides, as the definition declares it; it is preferred.
  let answers: [[Node]]
  /// What reasoning looks like where the turns do not write it: conversations lose it.
  let reasoning: [Node]
  /// The control tokens of the family and the texts that end an answer; those that end one.
  let controls: [ExactString]
  let stops: [ExactString]

  init(_ definition: TemplateDefinition) {
    let stops = definition.stop + [definition.eos].compactMap(\.self) + definition.stopStrings
    var found: [[Node]] = []
    for turn in definition.turns {
      if let roles = turn.roles, !roles.contains(Role.assistant.rawValue) { continue }
      guard turn.body.contains(where: \.isGenerated) else { continue }
      var builder = Builder(definition, stops: stops)
      found.append(builder.nodes(turn.body))
    }
    answers = definition.answers.map { answer in
      var builder = Builder(definition, stops: stops)
      return builder.nodes(answer)
    }
    // Fields that no answer has, such as a channel, are written for the caller's sake.
    let plain = found.filter { !$0.contains(where: \.holdsForeignField) }
    turns = plain.isEmpty ? found : plain
    self.stops = stops.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    controls = self.stops.reduce(into: definition.controlTokens) {
      if !$0.contains($1) { $0.append($1) }
    }
    let marks = definition.reasoning
    reasoning =
      (found + answers).contains { $0.contains(where: \.holdsReasoning) }
      ? [] : Self.reasoning(marks, controls: definition.controlTokens)
  }

  /// A region between the marks that the definition declares.
  private static func reasoning(
    _ marks: TemplateDefinition.Reasoning?, controls: [ExactString]
  ) -> [Node] {
    guard let marks else { return [] }
    let nodes = [marks.open, marks.close].map { mark in
      Node.literal(Array(mark.utf8), isControl: controls.contains(ExactString(mark)))
    }
    return [nodes[0], .text(Slot(target: .reasoning, edits: [.trimNewlines])), nodes[1]]
  }
}

extension ResponseGrammar.Node {
  /// Whether something is written that is no part of an answer.
  fileprivate var holdsForeignField: Bool {
    switch self {
    case .text(let slot): slot.target == .ignored
    case .choice(let branches): branches.contains { $0.contains(where: \.holdsForeignField) }
    case .calls(let body, _), .repeated(let body, _), .identifier(let body):
      body.contains(where: \.holdsForeignField)
    default: false
    }
  }

  /// Whether reasoning is written somewhere in it.
  fileprivate var holdsReasoning: Bool {
    switch self {
    case .text(let slot): slot.target == .reasoning
    case .choice(let branches): branches.contains { $0.contains(where: \.holdsReasoning) }
    case .calls(let body, _), .repeated(let body, _), .identifier(let body):
      body.contains(where: \.holdsReasoning)
    default: false
    }
  }
}

extension Segment {
  /// Whether the model writes a part of it.
  var isGenerated: Bool {
    switch self {
    case .generated: true
    case .choice(_, let then, let otherwise):
      then.contains(where: \.isGenerated) || otherwise.contains(where: \.isGenerated)
    case .each(let each): each.body.contains(where: \.isGenerated)
    case .trimmed(let parts), .block(_, let parts): parts.contains(where: \.isGenerated)
    default: false
    }
  }
}
