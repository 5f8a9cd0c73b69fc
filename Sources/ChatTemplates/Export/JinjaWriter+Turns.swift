// SPDX-License-Identifier: Apache-2.0

import TextPrimitives

extension JinjaWriter {
  /// The loop over the turns.
  mutating func writeTurns() throws(ChatTemplateError) {
    let message = own("message")
    let here = Position(
      message: message, index: own("i"), isCertain: true, isHere: true)
    // What a turn has to know of itself shows only once its kinds are written.
    depth += 1
    let body = try captured { (writer) throws(ChatTemplateError) in
      try writer.writeKinds(at: here)
    }
    depth -= 1
    try nested("{%- for \(message) in \(turns) %}", nil) { (writer) throws(ChatTemplateError) in
      try writer.writeTurnPreparation(message)
    }
    lines += body
    line("{%- endfor %}")
  }

  private mutating func writeTurnPreparation(_ message: String) throws(ChatTemplateError) {
    if needs.contains(.turnIndex) { line("{%- set \(own("i")) = loop.index0 %}") }
    if let rule = definition.alternation, !rule.isCheckedAhead { try writeAlternation(rule) }
    if needs.contains(.answered) {
      line("{%- set \(own("answered")) = \(Self.answers(before: "loop.index0", of: turns)) %}")
    }
    if needs.contains(.called) { try writeCalled(message) }
    if needs.contains(.reasoning) { try writeReasoning(message) }
  }

  /// Keeps the calls by their identifiers, and finds the one that this turn answers.
  private mutating func writeCalled(_ message: String) throws(ChatTemplateError) {
    let (call, known) = (own("call"), own("known"))
    let list = "\(message).tool_calls or []"
    try nested(
      "{%- for \(call) in \(list) if \(message).tool_calls is not string %}", "{%- endfor %}"
    ) { (writer) throws(ChatTemplateError) in
      let key = "\(call).id if \(call).id is string else ''"
      writer.line(
        "{%- set \(known).calls = dict(\(known).calls, **{\(key): [\(call), \(known).count]}) %}")
      writer.line("{%- set \(known).count = \(known).count + 1 %}")
    }
    writeCalledLookup(message)
  }

  /// The call that a tool's turn answers, and its place among all calls.
  mutating func writeCalledLookup(_ message: String) {
    let (key, calls) = (own("call_key"), "\(own("known")).calls")
    let identifier = "\(message).tool_call_id"
    line("{%- set \(key) = \(identifier) if \(identifier) is string else '' %}")
    let test = "if \(message).role == 'tool' and \(key) in \(calls)"
    line("{%- set \(own("called")) = \(calls)[\(key)][0] \(test) %}")
    line("{%- set \(own("called_index")) = \(calls)[\(key)][1] \(test) %}")
  }

  /// The kinds of turn, of which the first that fits is written.
  private mutating func writeKinds(at here: Position) throws(ChatTemplateError) {
    var tag = "if"
    for turn in definition.turns {
      var tests: [JinjaExpression] = []
      if let roles = turn.roles { tests.append(try expression(.role(roles), at: here)) }
      if let condition = turn.condition { tests.append(try expression(condition, at: here)) }
      if tests.isEmpty {
        if tag == "if" { return try write(turn.body, at: here) }
        try nested("{%- else %}", nil) { (writer) throws(ChatTemplateError) in
          try writer.write(turn.body, at: here)
        }
        break
      }
      try nested("{%- \(tag) \(JinjaExpression.all(tests).text) %}", nil) {
        (writer) throws(ChatTemplateError) in
        try writer.write(turn.body, at: here)
      }
      tag = "elif"
    }
    if tag == "elif" { line("{%- endif %}") }
  }

  // MARK: Rules about turns

  private mutating func writeAlternation(_ rule: TemplateDefinition.Alternation)
    throws(ChatTemplateError)
  {
    let role = JinjaLiteral.quoted(rule.role.string)
    try nested(
      "{%- if (\(own("message")).role == \(role)) != (loop.index0 % 2 == 0) %}", "{%- endif %}"
    ) { (writer) throws(ChatTemplateError) in
      writer.line("{{- raise_exception(\(JinjaLiteral.quoted(rule.error))) }}")
    }
  }

  /// The same rule, checked before anything is written.
  mutating func writeAlternationAhead() throws(ChatTemplateError) {
    guard let rule = definition.alternation, rule.isCheckedAhead else { return }
    var head = "{%- for \(own("message")) in \(turns)"
    if let ignoring = rule.ignoring {
      let candidate = Position(
        message: own("message"), index: own("i"), isCertain: true, isCandidate: true)
      lookupUsesIndex = false
      head += " if \(try expression(ignoring, at: candidate).negated.text)"
      guard !lookupUsesIndex else {
        throw inexpressible("'ignoring' that asks about other turns", at: rule.place)
      }
    }
    try nested(head + " %}", "{%- endfor %}") { (writer) throws(ChatTemplateError) in
      try writer.writeAlternation(rule)
    }
  }

  /// An assistant's reasoning and its content without it.
  private mutating func writeReasoning(_ message: String) throws(ChatTemplateError) {
    guard let rule = definition.reasoning else { return }
    let (content, thought, answer) = (own("content"), own("thought"), own("answer"))
    let (open, close) = (JinjaLiteral.quoted(rule.open), JinjaLiteral.quoted(rule.close))
    let field = message + Self.member(rule.field)
    if rule.readsParts {
      need(.visible)
      line("{%- set \(content) = visible(\(message).content) %}")
    } else {
      line(
        "{%- set \(content) = \(message).content if \(message).content is string else '' %}")
    }
    line("{%- set \(thought) = '' %}")
    line("{%- set \(answer) = \(content) %}")
    try nested("{%- if \(field) is string %}", nil) { (writer) throws(ChatTemplateError) in
      writer.line("{%- set \(thought) = \(field) %}")
    }
    try nested("{%- elif \(close) in \(content) %}", "{%- endif %}") {
      (writer) throws(ChatTemplateError) in
      let head = "\(content).split(\(close))[0].rstrip('\\n')"
      writer.line("{%- set \(thought) = \(head).split(\(open))[-1].lstrip('\\n') %}")
      writer.line("{%- set \(answer) = \(content).split(\(close))[-1].lstrip('\\n') %}")
    }
  }
}
