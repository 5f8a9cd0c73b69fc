// SPDX-License-Identifier: Apache-2.0

import TextPrimitives

extension JinjaWriter {
  mutating func write(_ segments: [Segment], at position: Position) throws(ChatTemplateError) {
    for segment in segments { try write(segment, at: position) }
  }

  private mutating func write(_ segment: Segment, at position: Position)
    throws(ChatTemplateError)
  {
    switch segment {
    case .literal(let literal): pendingText += String(decoding: literal.text, as: UTF8.self)
    case .token(let token, _):
      needs.insert(token == .bos ? .bos : .eos)
      line("{{- \(token.rawValue)_token }}")
    case .slot(let operand): try writeSlot(operand, at: position)
    case .date(let format, _): line("{{- strftime_now(\(JinjaLiteral.quoted(format))) }}")
    case .each(let each): try write(each, at: position)
    case .choice(let condition, let then, let otherwise):
      try writeChoice(condition, then, otherwise, at: position, tag: "if")
    case .trimmed(let parts): try writeTrimmed(parts, at: position, segment.place)
    case .split: break
    case .generated(let parts): try writeGenerated(parts, at: position)
    case .block(_, let parts): try write(parts, at: position)
    case .number(let counter, let start, _):
      needs.insert(.counters)
      let name = "\(own("counts")).\(definition.counters[counter])"
      line("{{- \(name) + \(start) }}")
      line("{%- set \(name) = \(name) + 1 %}")
    case .following(let condition, let parts):
      try writeFollowing(condition, parts, at: position)
    case .refusal(let refusal):
      var texts: [String] = []
      for part in refusal.words {
        switch part {
        case .text(let text): texts.append(JinjaLiteral.quoted(text))
        case .value(let operand): texts.append(try text(operand, at: position).inside(.primary))
        }
      }
      line("{{- raise_exception(\(texts.joined(separator: " ~ "))) }}")
    }
  }

  private mutating func writeSlot(_ operand: Operand, at position: Position)
    throws(ChatTemplateError)
  {
    let text = try text(operand, at: position)
    for end in definition.refusesMarks(at: operand) ? operand.ends : [] {
      let refusal = JinjaLiteral.quoted(Operand.refusal(of: operand.path.text, holding: end))
      let test = "\(JinjaLiteral.quoted(end.string)) in \(text.inside(.sum))"
      try nested("{%- if \(test) %}", "{%- endif %}") { (writer) throws(ChatTemplateError) in
        writer.line("{{- raise_exception(\(refusal)) }}")
      }
    }
    line("{{- \(text.text) }}")
  }

  private mutating func writeGenerated(_ parts: [Segment], at position: Position)
    throws(ChatTemplateError)
  {
    guard !isGenerating else { return try write(parts, at: position) }
    isGenerating = true
    defer { isGenerating = false }
    try nested("{%- generation %}", "{%- endgeneration %}") {
      (writer) throws(ChatTemplateError) in
      try writer.write(parts, at: position)
    }
  }

  private mutating func writeTrimmed(
    _ parts: [Segment], at position: Position, _ place: TemplatePlace?
  ) throws(ChatTemplateError) {
    // What stands in a `set` block is no output yet, so that a span in it has no place.
    guard !parts.contains(where: \.holdsGenerated) else {
      throw inexpressible("'gen' inside of 'trimmed'", at: place)
    }
    let name = own("trimmed_text")
    try nested("{%- set \(name) %}", "{%- endset %}") { (writer) throws(ChatTemplateError) in
      try writer.write(parts, at: position)
    }
    line("{{- \(name) | trim }}")
  }

  /// The next turns, as long as they fulfil a condition.
  private mutating func writeFollowing(
    _ condition: Condition, _ parts: [Segment], at position: Position
  ) throws(ChatTemplateError) {
    let (message, index) = (own("next_message"), own("next_i"))
    let here = self.index(position)
    let next = Position(message: message, index: index, isCertain: true, isFollowing: true)
    let question = try expression(condition, at: next)
    let body = try captured { (writer) throws(ChatTemplateError) in
      writer.depth += 1
      try writer.write(parts, at: next)
      writer.depth -= 1
    }
    try nested("{%- for \(message) in \(turns)[\(here) + 1:] %}", nil) {
      (writer) throws(ChatTemplateError) in
      writer.line("{%- set \(index) = \(here) + loop.index %}")
      try writer.nested("{%- if \(question.negated.text) %}", "{%- endif %}") {
        (writer) throws(ChatTemplateError) in
        writer.line("{%- break %}")
      }
      if writer.needs.contains(.called) { writer.writeCalledLookup(message) }
    }
    lines += body
    line("{%- endfor %}")
  }

  // MARK: Choices

  private mutating func writeChoice(
    _ condition: Condition, _ then: [Segment], _ otherwise: [Segment], at position: Position,
    tag: String
  ) throws(ChatTemplateError) {
    if then.isEmpty, !otherwise.isEmpty {
      return try writeChoice(.not(condition), otherwise, [], at: position, tag: tag)
    }
    let question = try expression(condition, at: position).text
    try nested("{%- \(tag) \(question) %}", nil) { (writer) throws(ChatTemplateError) in
      try writer.write(then, at: position, excludingStringsOf: condition.nonString)
    }
    if otherwise.count == 1, case .choice(let next, let then, let rest) = otherwise[0] {
      return try writeChoice(next, then, rest, at: position, tag: "elif")
    }
    if !otherwise.isEmpty {
      try nested("{%- else %}", nil) { (writer) throws(ChatTemplateError) in
        try writer.write(
          otherwise, at: position, excludingStringsOf: Condition.not(condition).nonString)
      }
    }
    line("{%- endif %}")
  }

  private mutating func write(
    _ segments: [Segment], at position: Position, excludingStringsOf path: ExactString?
  ) throws(ChatTemplateError) {
    let outer = knownNonStrings
    defer { knownNonStrings = outer }
    if let path { knownNonStrings.insert(path) }
    try write(segments, at: position)
  }

  // MARK: Repetitions

  private mutating func write(_ each: Segment.Each, at position: Position)
    throws(ChatTemplateError)
  {
    let value = own(each.isOverMembers ? each.name + "_value" : each.name)
    let key = own(each.name + "_key")
    let list = try path(each.list, at: position)
    let without = each.without.map { JinjaLiteral.quoted($0.string) }.joined(separator: ", ")
    var head: String
    var filters: [String] = []
    if each.isOverMembers {
      head = "{%- for \(key), \(value) in \(list).items()"
      if !each.without.isEmpty { filters.append("\(key) not in [\(without)]") }
    } else {
      head = "{%- for \(value) in \(isOptional(each.list.path) ? "\(list) or []" : list)"
      // A string has no elements here, but letters in Python.
      if mayBeString(each.list.path) { filters.append("\(list) is not string") }
      if !each.without.isEmpty { filters.append("\(value) not in [\(without)]") }
    }
    if !filters.isEmpty { head += " if " + filters.joined(separator: " and ") }
    let outer = (variables[each.variable], keys[each.variable])
    variables[each.variable] = value
    keys[each.variable] = key
    defer { (variables[each.variable], keys[each.variable]) = outer }
    var inside = position
    inside.isInLoop = true
    try nested(head + " %}", "{%- endfor %}") { (writer) throws(ChatTemplateError) in
      if let separator = each.separator {
        let text = JinjaLiteral.quoted(String(decoding: separator.text, as: UTF8.self))
        writer.line("{{- \(text) if not loop.first }}")
      }
      if let member = each.unwrapped {
        writer.line("{%- set \(value) = \(value)\(Self.member(member)) or \(value) %}")
      }
      try writer.write(each.body, at: inside)
    }
  }

  /// What the caller may not have given at all; transformers then passes `none`.
  private func isOptional(_ path: ValuePath) -> Bool {
    guard path.steps.isEmpty else { return false }
    switch path.root {
    case .tools, .documents: return true
    default: return false
    }
  }

  private func mayBeString(_ path: ValuePath) -> Bool {
    switch path.root {
    case .tools, .documents, .systems: false
    default: !knownNonStrings.contains(path.text)
    }
  }
}

extension Condition {
  /// The value of which the condition says that it is no string.
  fileprivate var nonString: ExactString? {
    switch self {
    case .not(.isString(let operand)), .isList(let operand), .isObject(let operand):
      operand.path.text
    case .not(.not(let inner)): inner.nonString
    case .all(let parts): parts.lazy.compactMap(\.nonString).first
    default: nil
    }
  }
}
