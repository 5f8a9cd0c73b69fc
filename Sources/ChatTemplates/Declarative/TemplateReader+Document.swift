// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

extension TemplateReader {
  static let documentKeys = [
    "format", "family", "aliases", "abstract", "extends", "about", "source", "variant", "tokens",
    "boundary",
    "parameters", "tools", "system", "reasoning", "sequence", "marks", "definitions", "conditions",
    "prologue", "turns", "ending", "opening", "answers", "text_marks",
    "exceptions",
  ]

  /// The version of the format that this code reads.
  static let format = "dialect/1"

  mutating func readDocument(_ root: TemplateNode) throws(ChatTemplateError) {
    let entries = try map(root, allowing: Self.documentKeys, of: "the file")
    for required in ["format", "family", "source", "variant", "turns"]
    where root[required] == nil {
      throw error("the key '\(required)' is missing", at: root.place)
    }
    if let node = root["definitions"] { definitions = try named(node, of: "'definitions'") }
    if let node = root["conditions"] { conditions = try named(node, of: "'conditions'") }
    if let node = root["parameters"] { try readParameters(node) }
    if let node = root["reasoning"] { try readReasoning(node) }
    // Marks are read before the segments that name them.
    if let node = root["marks"] { try readMarks(node) }
    for entry in entries { try readMember(entry) }
    definition.findEnds()
    try requireTextMarks()
  }

  /// Refuses a file that does not say what becomes of text which holds what ends it.
  private func requireTextMarks() throws(ChatTemplateError) {
    guard definition.textMarks == nil,
      let slot = definition.openSlots.first(where: { $0.textMarks == nil })
    else { return }
    throw error(
      slot.endsExplanation, at: slot.place,
      hint: "say what happens then, in the slot or once for the file: text_marks: keep, as the "
        + "model's own template does, or text_marks: refuse")
  }

  private func named(_ node: TemplateNode, of thing: String) throws(ChatTemplateError)
    -> [String: TemplateNode]
  {
    guard case .map(let entries) = node.value else {
      throw error("\(thing) must be a map, but is \(node.kindName)", at: node.place)
    }
    return Dictionary(entries.map { ($0.key, $0.value) }) { $1 }
  }

  private mutating func readMember(_ entry: TemplateNode.Entry) throws(ChatTemplateError) {
    let node = entry.value
    switch entry.key {
    case "format":
      let version = try text(node, of: "'format'")
      guard version == Self.format else {
        throw error(
          "this is format '\(version)'", at: node.place, hint: "this program reads '\(Self.format)'"
        )
      }
    case "family": definition.name = ExactString(try text(node, of: "'family'"))
    case "aliases": definition.aliases = try texts(node, of: "'aliases'")
    case "about": definition.about = try text(node, of: "'about'")
    case "source": try readSource(node)
    case "variant": definition.variant = try choice(node, of: "'variant'")
    case "tokens": try readTokens(node)
    case "boundary":
      switch try word(node, of: "'boundary'") {
      case "fuse": definition.boundary = .fuse
      case "cut": definition.boundary = .cut
      default: throw error("'boundary' is fuse or cut", at: node.place)
      }
    case "tools": try readTools(node)
    case "system":
      try readSystem(node)
    case "sequence": try readSequence(node)
    case "text_marks": definition.textMarks = try choice(node, of: "'text_marks'")
    case "exceptions": try readExceptions(node)
    case "prologue": definition.prologue = try segments(node)
    case "turns": try readTurns(node)
    case "ending": definition.ending = try segments(node)
    case "opening": definition.opening = try segments(node)
    case "answers": try readAnswers(node)
    default: break
    }
  }

  private mutating func readSystem(_ node: TemplateNode) throws(ChatTemplateError) {
    var never: [ExactString] = []
    var error = ""
    for entry in try map(node, allowing: ["take", "roles", "never_after", "error"], of: "'system'")
    {
      switch entry.key {
      case "take": definition.systemPolicy = try choice(entry.value, of: "'take'")
      case "roles": definition.systemRoles = try texts(entry.value, of: "'roles'")
      case "never_after": never = try texts(entry.value, of: "'never_after'")
      default: error = try text(entry.value, of: "'error'")
      }
    }
    definition.systemOrder = never.isEmpty ? nil : (never, error)
  }

  private mutating func readSource(_ node: TemplateNode) throws(ChatTemplateError) {
    for entry in try map(node, allowing: ["model", "reference", "date"], of: "'source'") {
      let value = try text(entry.value, of: "'\(entry.key)'")
      switch entry.key {
      case "model": definition.sourceModel = value
      case "reference": definition.sourceReference = value
      default: definition.sourceDate = value
      }
    }
    if definition.sourceModel.isEmpty || definition.sourceDate.isEmpty {
      throw error("'source' must name a model and a date", at: node.place)
    }
  }

  private mutating func readTokens(_ node: TemplateNode) throws(ChatTemplateError) {
    for entry in try map(node, allowing: ["bos", "eos", "stop", "stop_text"], of: "'tokens'") {
      switch entry.key {
      case "stop": definition.stop = try texts(entry.value, of: "'stop'")
      case "stop_text": definition.stopStrings = try texts(entry.value, of: "'stop_text'")
      case "bos":
        if case .word("null") = entry.value.value {
          definition.bos = nil
        } else {
          definition.bos = ExactString(try text(entry.value, of: "'bos'"))
        }
      default:
        if case .word("null") = entry.value.value {
          definition.eos = nil
        } else {
          definition.eos = ExactString(try text(entry.value, of: "'eos'"))
        }
      }
    }
  }

  private mutating func readParameters(_ node: TemplateNode) throws(ChatTemplateError) {
    guard case .map(let entries) = node.value else {
      throw error("'parameters' must be a map, but is \(node.kindName)", at: node.place)
    }
    for entry in entries {
      var parameter = TemplateDefinition.Parameter(name: ExactString(entry.key))
      for member in try map(
        entry.value, allowing: ["about", "default", "date"], of: "parameter '\(entry.key)'")
      {
        switch member.key {
        case "default":
          parameter.fallback = .value(try constant(member.value, of: "'default'"))
        case "date": parameter.fallback = .date(try text(member.value, of: "'date'"))
        default: _ = try text(member.value, of: "'about'")
        }
      }
      definition.parameters.append(parameter)
    }
  }

  private mutating func readTools(_ node: TemplateNode) throws(ChatTemplateError) {
    let entries = try map(node, allowing: ["parameter", "wins"], of: "'tools'")
    var name: ExactString?
    var mustBeTrue = false
    for entry in entries {
      if entry.key == "parameter" {
        name = ExactString(try word(entry.value, of: "'parameter'"))
      } else {
        switch try word(entry.value, of: "'wins'") {
        case "given": mustBeTrue = false
        case "nonempty": mustBeTrue = true
        default: throw error("'wins' is given or nonempty", at: entry.value.place)
        }
      }
    }
    definition.toolsParameter = name.map { ($0, mustBeTrue) }
  }

  private mutating func readReasoning(_ node: TemplateNode) throws(ChatTemplateError) {
    var reasoning = TemplateDefinition.Reasoning(
      field: "reasoning_content", open: "<think>", close: "</think>", readsParts: false)
    let keys = ["field", "open", "close", "parts"]
    for entry in try map(node, allowing: keys, of: "'reasoning'") {
      switch entry.key {
      case "field": reasoning.field = ExactString(try word(entry.value, of: "'field'"))
      case "parts": reasoning.readsParts = try flag(entry.value, of: "'parts'")
      case "open": reasoning.open = try text(entry.value, of: "'open'")
      default: reasoning.close = try text(entry.value, of: "'close'")
      }
    }
    definition.reasoning = reasoning
    definition.readFields.insert(reasoning.field)
  }

  private mutating func readSequence(_ node: TemplateNode) throws(ChatTemplateError) {
    if case .word("any") = node.value {
      definition.alternation = nil
      return
    }
    let keys = ["alternate", "ignoring", "error", "checked"]
    var rule = TemplateDefinition.Alternation(
      role: "user", error: "", isCheckedAhead: false, place: node.place)
    for entry in try map(node, allowing: keys, of: "'sequence'") {
      switch entry.key {
      case "alternate": rule.role = ExactString(try text(entry.value, of: "'alternate'"))
      case "ignoring": rule.ignoring = try condition(entry.value)
      case "error":
        rule.error = try text(entry.value, of: "'error'")
        rule.place = entry.value.place
      default:
        switch try word(entry.value, of: "'checked'") {
        case "ahead": rule.isCheckedAhead = true
        case "in_turn": rule.isCheckedAhead = false
        default: throw error("'checked' is ahead or in_turn", at: entry.value.place)
        }
      }
    }
    definition.alternation = rule
  }

  private mutating func readExceptions(_ node: TemplateNode) throws(ChatTemplateError) {
    let names = TemplateLaw.allCases.map(\.rawValue)
    // A family that keeps what its parent does not says so with `none`.
    if case .word("none") = node.value { return }
    for entry in try map(node, allowing: names, of: "'exceptions'") {
      guard let law = TemplateLaw(rawValue: entry.key) else { continue }
      definition.exceptions[law] = try text(entry.value, of: "an exception")
    }
  }

  private mutating func readMarks(_ node: TemplateNode) throws(ChatTemplateError) {
    guard case .map(let entries) = node.value else {
      throw error("'marks' must be a map, but is \(node.kindName)", at: node.place)
    }
    for entry in entries {
      let members = try map(
        entry.value, allowing: ["last", "otherwise"], of: "mark '\(entry.key)'")
      guard let last = members.first(where: { $0.key == "last" }) else {
        throw error("mark '\(entry.key)' needs 'last'", at: entry.value.place)
      }
      var isEnd = false
      if let otherwise = entry.value["otherwise"] {
        switch try word(otherwise, of: "'otherwise'") {
        case "end": isEnd = true
        case "start": isEnd = false
        default: throw error("'otherwise' is start or end", at: otherwise.place)
        }
      }
      definition.marks.append(
        .init(name: entry.key, condition: try condition(last.value), isEndWhenAbsent: isEnd))
    }
  }

  private mutating func readTurns(_ node: TemplateNode) throws(ChatTemplateError) {
    guard case .map(let entries) = node.value else {
      throw error("'turns' must be a map, but is \(node.kindName)", at: node.place)
    }
    for entry in entries {
      // A family takes an inherited kind of turn away with `none`.
      if case .word("none") = entry.value.value { continue }
      var turn = TemplateDefinition.Turn(name: entry.key, body: [])
      for member in try map(
        entry.value, allowing: ["role", "when", "body"], of: "turn '\(entry.key)'")
      {
        switch member.key {
        case "role":
          if case .word("any") = member.value.value { continue }
          turn.roles = try texts(member.value, of: "'role'")
        case "when":
          if case .word("always") = member.value.value { continue }
          turn.condition = try condition(member.value)
        default: turn.body = try segments(member.value)
        }
      }
      definition.turns.append(turn)
    }
  }

  /// Reads the forms of answers that no turn writes; what they name is not read from messages.
  private mutating func readAnswers(_ node: TemplateNode) throws(ChatTemplateError) {
    guard case .map(let entries) = node.value else {
      throw error("'answers' must be a map, but is \(node.kindName)", at: node.place)
    }
    let fields = definition.readFields
    for entry in entries {
      if case .word("none") = entry.value.value { continue }
      definition.answers.append(try segments(entry.value))
    }
    definition.readFields = fields
  }
}
