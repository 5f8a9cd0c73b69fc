// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

extension JinjaWriter {
  /// What stands before the prologue: defaults, and the messages told apart.
  mutating func writePreparation() throws(ChatTemplateError) {
    let emptiness = ChatTemplateError(.emptyConversation).text
    try writeIf("not messages", "{{- raise_exception(\(JinjaLiteral.quoted(emptiness))) }}")
    if needs.contains(.bos) { try writeToken(.bos, definition.bos) }
    if needs.contains(.eos) { try writeToken(.eos, definition.eos) }
    for parameter in definition.parameters { try writeDefault(of: parameter) }
    if needs.contains(.tools) {
      try writeIf("tools is not defined", "{%- set tools = none %}")
      if let (name, mustBeTrue) = definition.toolsParameter {
        try writeIf(mustBeTrue ? "\(name)" : "\(name) is defined", "{%- set tools = \(name) %}")
      }
    }
    if needs.contains(.documents) {
      try writeIf("documents is not defined", "{%- set documents = none %}")
    }
    try writeSystems()
    if needs.contains(.called) {
      line("{%- set \(own("known")) = namespace(calls={}, count=0) %}")
    }
    if needs.contains(.counters) {
      let zeros = definition.counters.map { "\($0)=0" }.joined(separator: ", ")
      line("{%- set \(own("counts")) = namespace(\(zeros)) %}")
    }
    try writeSystemOrder()
    try writePlaces()
    try writeAlternationAhead()
  }

  private mutating func writeIf(_ condition: String, _ text: String) throws(ChatTemplateError) {
    try nested("{%- if \(condition) %}", "{%- endif %}") { (writer) throws(ChatTemplateError) in
      writer.line(text)
    }
  }

  private mutating func writeToken(_ token: SpecialToken, _ text: ExactString?)
    throws(ChatTemplateError)
  {
    let name = token.rawValue + "_token"
    let missing = ChatTemplateError(.missingField(name)).text
    try writeIf(
      "\(name) is not defined",
      text.map { "{%- set \(name) = \(JinjaLiteral.quoted($0.string)) %}" }
        ?? "{{- raise_exception(\(JinjaLiteral.quoted(missing))) }}")
  }

  private mutating func writeDefault(of parameter: TemplateDefinition.Parameter)
    throws(ChatTemplateError)
  {
    let value: String
    switch parameter.fallback {
    case nil: return
    case .value(let constant): value = Self.literal(constant)
    case .date(let format): value = "strftime_now(\(JinjaLiteral.quoted(format)))"
    }
    try writeIf("\(parameter.name) is not defined", "{%- set \(parameter.name) = \(value) %}")
  }

  /// Tells the system messages that were taken out of the turns from the turns.
  private mutating func writeSystems() throws(ChatTemplateError) {
    let roles = definition.systemRoles.map { JinjaLiteral.quoted($0.string) }
    let list = "[\(roles.joined(separator: ", "))]"
    let systems = own("systems")
    switch definition.systemPolicy {
    case .turn:
      if needs.contains(.systems) { line("{%- set \(systems) = [] %}") }
    case .first:
      let test = roles.count == 1 ? "== \(roles[0])" : "in \(list)"
      line("{%- set \(systems) = messages[:1] if messages[0].role \(test) else [] %}")
      line("{%- set \(turns) = messages[\(systems) | length:] %}")
    case .all:
      line("{%- set \(systems) = messages | selectattr('role', 'in', \(list)) | list %}")
      line("{%- set \(turns) = messages | rejectattr('role', 'in', \(list)) | list %}")
    }
  }

  /// Refuses a system message that follows where none may.
  private mutating func writeSystemOrder() throws(ChatTemplateError) {
    guard let rule = definition.systemOrder else { return }
    let list = { (roles: [ExactString]) in
      "[\(roles.map { JinjaLiteral.quoted($0.string) }.joined(separator: ", "))]"
    }
    let message = own("message")
    let test = "\(message).role in \(list(definition.systemRoles))"
    try nested("{%- for \(message) in messages %}", "{%- endfor %}") {
      (writer) throws(ChatTemplateError) in
      try writer.writeIf(
        "not loop.first and \(test) and loop.previtem.role in \(list(rule.after))",
        "{{- raise_exception(\(JinjaLiteral.quoted(rule.error))) }}")
    }
  }

  // MARK: Places

  /// The attribute that holds the first or the last turn at which a condition holds.
  mutating func place(of condition: Condition, isLast: Bool) throws(ChatTemplateError) -> String {
    var name = "\(isLast ? "last" : "first")_\(places.count + 1)"
    if case .role(let roles) = condition, roles.count == 1, Self.member(roles[0]).hasPrefix(".") {
      name = "\(isLast ? "last" : "first")_\(roles[0])"
    }
    return try place(
      named: name, condition, isLast: isLast, absent: isLast ? "-1" : "\(turns) | length")
  }

  /// The attribute that holds the place of a mark.
  mutating func place(ofMark index: Int) throws(ChatTemplateError) -> String {
    let mark = definition.marks[index]
    return try place(
      named: mark.name, mark.condition, isLast: true,
      absent: mark.isEndWhenAbsent ? "messages | length - 1" : "-1")
  }

  private mutating func place(
    named name: String, _ condition: Condition, isLast: Bool, absent: String
  ) throws(ChatTemplateError) -> String {
    let outer = lookupUsesIndex
    lookupUsesIndex = false
    let candidate = Position(
      message: own("message"), index: own("i"), isCertain: true, isCandidate: true)
    let text = try expression(condition, at: candidate).text
    let usesIndex = lookupUsesIndex
    lookupUsesIndex = outer
    let namespace = own("places")
    if let known = places.first(where: {
      $0.condition == text && $0.isLast == isLast && $0.absent == absent
    }) {
      return "\(namespace).\(known.name)"
    }
    let isTaken = places.contains { $0.name == name }
    let free = isTaken ? "\(name)_\(places.count + 1)" : name
    places.append(
      Place(name: free, condition: text, isLast: isLast, usesIndex: usesIndex, absent: absent))
    return "\(namespace).\(free)"
  }

  private mutating func writePlaces() throws(ChatTemplateError) {
    guard !places.isEmpty else { return }
    let namespace = own("places")
    let values = places.map { "\($0.name)=\($0.absent)" }.joined(separator: ", ")
    line("{%- set \(namespace) = namespace(\(values)) %}")
    for place in places {
      let list = place.isLast ? "\(turns)[::-1]" : turns
      let index = place.isLast ? "loop.revindex0" : "loop.index0"
      try nested("{%- for \(own("message")) in \(list) %}", "{%- endfor %}") {
        (writer) throws(ChatTemplateError) in
        if place.usesIndex { writer.line("{%- set \(writer.own("i")) = \(index) %}") }
        try writer.nested("{%- if \(place.condition) %}", "{%- endif %}") {
          (writer) throws(ChatTemplateError) in
          writer.line("{%- set \(namespace).\(place.name) = \(index) %}")
          writer.line("{%- break %}")
        }
      }
    }
  }
}
