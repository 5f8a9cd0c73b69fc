// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// Renders one conversation by a definition.
struct DeclarativeRenderer {
  let definition: TemplateDefinition
  let messages: [JSONObject]
  let tools: JSONValue?
  let documents: JSONValue?
  let arguments: JSONObject
  let bos: ExactString?
  let eos: ExactString?
  let now: CivilTime
  let hasOpening: Bool

  /// The messages that are turns, and those that were taken out of them.
  private(set) var turns: [Int] = []
  private(set) var systems: [Int] = []
  /// The place of every mark among the turns.
  private(set) var marks: [Int] = []

  var output: PromptBuilder
  /// The place of the current turn among the turns.
  var position = 0
  /// The innermost repetition inside the turn: its place and its count.
  var loop: (index: Int, count: Int)?
  var variables: [LoopVariable?]
  /// What conditions found in the conversation, as a place among the turns.
  var memos: [Int?]
  /// The nearest assistant's turn before each turn.
  private(set) var answered: [Int?] = []
  /// The call that a tool's turn answers, where the template asks for it: a turn and a place in it.
  private(set) var called: [Int: CallPlace] = [:]
  /// How often each numbered place was written.
  private var counters: [Int]
  /// How many bytes at the front no later turn can change, as far as is known.
  private(set) var stableCount = Int.max

  /// The element of an open repetition.
  struct LoopVariable {
    var key: ExactString
    var value: JSONValue
    var origin: FieldOrigin
  }

  init(_ definition: TemplateDefinition, _ input: PreparedConversation) {
    self.definition = definition
    messages = input.messages
    documents = input.documents
    arguments = input.arguments
    tools = Self.tools(of: input, definition)
    bos = input.arguments["bos_token"]?.string ?? input.bos ?? definition.bos
    eos = input.arguments["eos_token"]?.string ?? input.eos ?? definition.eos
    now = input.now
    hasOpening = input.addGenerationPrompt
    output = PromptBuilder(
      capacity: input.sizeHint, segmentCount: 16 + 6 * input.messages.count)
    variables = Array(repeating: nil, count: definition.variableCount)
    memos = Array(repeating: nil, count: definition.memoCount)
    counters = Array(repeating: 0, count: definition.counters.count)
  }

  private static func tools(of input: PreparedConversation, _ definition: TemplateDefinition)
    -> JSONValue?
  {
    guard let (name, mustBeTrue) = definition.toolsParameter,
      let given = input.arguments[name], !mustBeTrue || PythonText.isTrue(given)
    else { return input.tools }
    return given.isNull ? nil : given
  }

  /// Renders everything.
  mutating func render() throws(ChatTemplateError) -> PromptBuilder {
    sortMessages()
    if definition.linksResults { linkResults() }
    try findMarks()
    try checkSystemOrder()
    try checkAhead()
    try render(definition.prologue)
    for place in turns.indices {
      position = place
      try checkAlternation()
      do {
        try renderTurn()
      } catch {
        throw error.at(message: turns[place])
      }
    }
    output.role = nil
    output.message = nil
    noteChangeable()
    try render(definition.ending)
    if hasOpening {
      output.role = Role.assistant.rawValue
      try render(definition.opening)
    }
    return output
  }

  // MARK: Stability

  /// Notes that what is written from here on could be other text if more turns followed.
  mutating func noteChangeable() {
    stableCount = min(stableCount, output.bytes.count)
  }

  /// Notes the use of a value that later system messages can change.
  mutating func noteUse(of operand: Operand) {
    guard case .all = definition.systemPolicy else { return }
    switch operand.path.root {
    case .systems: noteChangeable()
    case .system: if systems.isEmpty { noteChangeable() }
    default: break
    }
  }

  // MARK: Turns

  private mutating func sortMessages() {
    turns.reserveCapacity(messages.count)
    var lastAnswer: Int?
    for (index, message) in messages.enumerated() {
      let role = message["role"]?.string ?? ""
      let isTaken =
        switch definition.systemPolicy {
        case .turn: false
        case .first: index == 0 && definition.systemRoles.contains(role)
        case .all: definition.systemRoles.contains(role)
        }
      if isTaken {
        systems.append(index)
      } else {
        answered.append(lastAnswer)
        if role == Role.assistant.rawValue { lastAnswer = turns.count }
        turns.append(index)
      }
    }
  }

  /// Finds for every tool's turn the nearest call before it that has its identifier, or none as it.
  private mutating func linkResults() {
    var calls: [ExactString?: CallPlace] = [:]
    var count = 0
    for place in turns.indices {
      let message = messages[turns[place]]
      for (index, call) in (message["tool_calls"]?.array ?? []).enumerated() {
        calls[call["id"]?.string] = CallPlace(turn: place, index: index, number: count)
        count += 1
      }
      if role(at: place) == Role.tool.rawValue {
        called[place] = calls[message["tool_call_id"]?.string]
      }
    }
  }

  /// A call: its turn, its place there, and its place among all calls of the conversation.
  struct CallPlace {
    var turn: Int
    var index: Int
    var number: Int
  }

  private mutating func findMarks() throws(ChatTemplateError) {
    for mark in definition.marks {
      var place = mark.isEndWhenAbsent ? turns.count - 1 + systems.count : -1
      for candidate in turns.indices.reversed() {
        position = candidate
        if try holds(mark.condition) {
          place = candidate
          break
        }
      }
      marks.append(place)
    }
    position = 0
  }

  private mutating func renderTurn() throws(ChatTemplateError) {
    let message = messages[turns[position]]
    let role = message["role"]?.string ?? ""
    output.role = role
    output.message = turns[position]
    for kind in definition.turns.indices {
      if let roles = definition.turns[kind].roles, !roles.contains(role) { continue }
      if let condition = definition.turns[kind].condition, !(try holds(condition)) { continue }
      try render(definition.turns[kind].body)
      return
    }
  }

  /// Refuses a system message that follows where none may.
  private func checkSystemOrder() throws(ChatTemplateError) {
    guard let rule = definition.systemOrder else { return }
    for index in systems where index > 0 {
      let before = messages[index - 1]["role"]?.string ?? ""
      if rule.after.contains(before) {
        throw ChatTemplateError(.refused(rule.error), message: index)
      }
    }
  }

  private mutating func checkAhead() throws(ChatTemplateError) {
    guard let rule = definition.alternation, rule.isCheckedAhead else { return }
    // A refusal is no text that could change.
    let stable = stableCount
    defer { stableCount = stable }
    var count = 0
    for place in turns.indices {
      position = place
      if let ignoring = rule.ignoring, try holds(ignoring) { continue }
      if (role(at: place) == rule.role) != (count % 2 == 0) {
        throw ChatTemplateError(.refused(rule.error), message: turns[place])
      }
      count += 1
    }
    position = 0
  }

  private func checkAlternation() throws(ChatTemplateError) {
    guard let rule = definition.alternation, !rule.isCheckedAhead else { return }
    if (role(at: position) == rule.role) != (position % 2 == 0) {
      throw ChatTemplateError(.refused(rule.error), message: turns[position])
    }
  }

  func role(at place: Int) -> ExactString {
    messages[turns[place]]["role"]?.string ?? ""
  }

  // MARK: Segments

  mutating func render(_ segments: [Segment]) throws(ChatTemplateError) {
    for segment in segments { try render(segment) }
  }

  private mutating func render(_ segment: Segment) throws(ChatTemplateError) {
    switch segment {
    case .literal(let literal):
      output.write(literal.text, isControl: literal.isControl, at: literal.place)
    case .token(let token, let place):
      guard let text = token == .bos ? bos : eos else {
        throw ChatTemplateError(.missingField("\(token.rawValue)_token"))
      }
      output.write(Array(text.utf8), isControl: true, at: place)
    case .slot(let operand): try write(operand)
    case .date(let format, let place):
      output.write(Array(now.formatted(format).utf8), isControl: false, at: place)
    case .each(let each): try render(each)
    case .choice(let condition, let then, let otherwise):
      try render(try holds(condition) ? then : otherwise)
    case .trimmed(let parts):
      let start = output.bytes.count
      try render(parts)
      output.trim(since: start)
      if stableCount > start, stableCount != .max { stableCount = start }
    case .split: output.split()
    case .generated(let parts):
      output.isGenerated = true
      try render(parts)
      output.endGenerated(stops: definition.stop)
      output.isGenerated = false
    case .block(let role, let parts):
      let (oldRole, oldMessage) = (output.role, output.message)
      output.role = role
      if definition.systemRoles.contains(role) { output.message = systems.first }
      try render(parts)
      (output.role, output.message) = (oldRole, oldMessage)
    case .number(let counter, let start, let place):
      let text = String(start + counters[counter])
      counters[counter] += 1
      output.write(Array(text.utf8), isControl: false, at: place)
    case .following(let condition, let parts): try renderFollowing(condition, parts)
    case .refusal(let parts, _):
      var text = ""
      for part in parts {
        switch part {
        case .text(let piece): text += piece
        case .value(let operand): text += try self.text(of: try find(operand), operand)
        }
      }
      throw ChatTemplateError(.refused(text), message: output.message)
    }
  }

  /// Writes the next turns inside this one, as long as they fulfil a condition.
  private mutating func renderFollowing(_ condition: Condition, _ parts: [Segment])
    throws(ChatTemplateError)
  {
    let (here, role, message) = (position, output.role, output.message)
    defer {
      position = here
      (output.role, output.message) = (role, message)
    }
    while position + 1 < turns.count {
      position += 1
      guard try holds(condition) else { return }
      output.role = self.role(at: position)
      output.message = turns[position]
      try render(parts)
    }
    if parts.contains(where: \.canWrite) { noteChangeable() }
  }

  private mutating func render(_ each: Segment.Each) throws(ChatTemplateError) {
    noteUse(of: each.list)
    let found = try find(each.list)
    let elements = try elements(of: found, each)
    let outer = loop
    for (index, element) in elements.enumerated() {
      loop = (index, elements.count)
      variables[each.variable] = element
      if index > 0, let separator = each.separator {
        output.write(separator.text, isControl: false, at: separator.place)
      }
      try render(each.body)
    }
    variables[each.variable] = nil
    loop = outer
  }

  private func elements(of found: Found, _ each: Segment.Each) throws(ChatTemplateError)
    -> [LoopVariable]
  {
    switch found.value {
    case nil where !each.isOverMembers: return []
    case .object(let object) where !each.isOverMembers:
      // As Python goes through a dictionary: by its keys.
      return object.keys.map { key in
        LoopVariable(key: "", value: .string(key), origin: found.origin)
      }
    case .object(let object):
      return object.filter { !each.without.contains($0.key) }.map { member in
        LoopVariable(key: member.key, value: member.value, origin: found.origin)
      }
    case .array(let values) where !each.isOverMembers:
      var result: [LoopVariable] = []
      result.reserveCapacity(values.count)
      for (index, value) in values.enumerated() {
        if let text = value.string, each.without.contains(text) { continue }
        var origin = found.origin
        if found.isSystems {
          origin.message = systems[index]
        } else if origin.part == nil {
          origin.part = index
        }
        var element = value
        if let name = each.unwrapped, let inner = value[name], PythonText.isTrue(inner) {
          element = inner
        }
        result.append(LoopVariable(key: "", value: element, origin: origin))
      }
      return result
    case .string where !each.isOverMembers: return []
    case nil: throw ChatTemplateError(.missingField(each.list.path.text.string))
    case .some(let other):
      let expected = each.isOverMembers ? "an object" : "a list"
      throw ChatTemplateError(
        .wrongType(
          field: each.list.path.text.string, expected: expected, found: other.kindName))
    }
  }
}
