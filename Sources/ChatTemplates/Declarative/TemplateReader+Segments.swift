// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

extension TemplateReader {
  static let segmentKeys = [
    "ctl", "lit", "token", "slot", "date", "each", "when", "trimmed", "number", "following",
    "split",
    "gen", "block", "refuse", "use",
  ]

  /// Reads a list of segments.
  mutating func segments(_ node: TemplateNode) throws(ChatTemplateError) -> [Segment] {
    var result: [Segment] = []
    for element in try list(node, of: "a list of segments") {
      result += try segment(element)
    }
    return result
  }

  /// Reads one segment; `use` stands for several.
  private mutating func segment(_ node: TemplateNode) throws(ChatTemplateError) -> [Segment] {
    guard case .map(let entries) = node.value, let head = entries.first else {
      throw error(
        "a segment must be a map, but is \(node.kindName)", at: node.place,
        hint: "such as {lit: \"text\"}")
    }
    switch head.key {
    case "ctl":
      _ = try map(node, allowing: ["ctl"], of: "'ctl'")
      let token = try text(head.value, of: "'ctl'")
      note(control: ExactString(token))
      return [
        .literal(.init(text: Array(token.utf8), isControl: true, place: head.value.place))
      ]
    case "lit":
      _ = try map(node, allowing: ["lit"], of: "'lit'")
      let literal = try literal(head.value)
      definition.literalText += String(decoding: literal.text, as: UTF8.self) + "\0"
      return [.literal(literal)]
    case "token":
      _ = try map(node, allowing: ["token"], of: "'token'")
      return [.token(try choice(head.value, of: "'token'"), head.value.place)]
    case "slot":
      return [.slot(try operand(node, isWritten: true))]
    case "date":
      _ = try map(node, allowing: ["date"], of: "'date'")
      return [.date(try text(head.value, of: "'date'"), head.value.place)]
    case "each": return [try repetition(node, variable: head.value)]
    case "when":
      _ = try map(node, allowing: ["when", "then", "else"], of: "'when'")
      let question = try condition(head.value)
      let then = try node["then"].map { node throws(ChatTemplateError) in try segments(node) }
      let other = try node["else"].map { node throws(ChatTemplateError) in try segments(node) }
      return [.choice(question, then: then ?? [], otherwise: other ?? [])]
    case "trimmed":
      _ = try map(node, allowing: ["trimmed"], of: "'trimmed'")
      return [.trimmed(try segments(head.value))]
    case "number": return [try number(node)]
    case "following":
      _ = try map(node, allowing: ["following", "body"], of: "'following'")
      let question = try condition(head.value)
      let body = try node["body"].map { node throws(ChatTemplateError) in try segments(node) }
      return [.following(question, body ?? [])]
    case "split":
      _ = try map(node, allowing: ["split"], of: "'split'")
      if case .map = head.value.value { return [.split(try lead(head.value))] }
      return try flag(head.value, of: "'split'") ? [.split(nil)] : []
    case "gen":
      _ = try map(node, allowing: ["gen"], of: "'gen'")
      return [.generated(try segments(head.value))]
    case "block":
      _ = try map(node, allowing: ["block", "body"], of: "'block'")
      let body = try node["body"].map { node throws(ChatTemplateError) in try segments(node) }
      return [.block(role: ExactString(try text(head.value, of: "'block'")), body ?? [])]
    case "refuse":
      _ = try map(node, allowing: ["refuse", "about"], of: "'refuse'")
      let subject = try node["about"].map { node throws(ChatTemplateError) in try operand(node) }
      return [
        .refusal(
          .init(words: try words(head.value), subject: subject, place: head.value.place))
      ]
    case "use":
      _ = try map(node, allowing: ["use"], of: "'use'")
      return try definition(named: head.value)
    default:
      throw error(
        "unknown segment '\(head.key)'", at: head.keyPlace,
        hint: suggestion(for: head.key, among: Self.segmentKeys)
          ?? "segments are \(Self.segmentKeys.joined(separator: ", "))")
    }
  }

  /// A text, or a list of texts and paths.
  private mutating func words(_ node: TemplateNode) throws(ChatTemplateError)
    -> [Segment.Refusal.Part]
  {
    guard case .list(let elements) = node.value else {
      return [.text(try text(node, of: "'refuse'"))]
    }
    var parts: [Segment.Refusal.Part] = []
    for element in elements {
      if case .text(let text) = element.value {
        parts.append(.text(text))
      } else {
        parts.append(.value(try operand(element)))
      }
    }
    return parts
  }

  /// `{split: {after: "☺", drop: 2}}`.
  private func lead(_ node: TemplateNode) throws(ChatTemplateError) -> EncodingLead {
    _ = try map(node, allowing: ["after", "drop"], of: "'split'")
    guard let after = node["after"], let drop = node["drop"] else {
      throw error("'split' needs 'after' and 'drop'", at: node.place)
    }
    let count = try number(drop, of: "'drop'")
    guard count >= 0 else { throw error("'drop' is a number of tokens", at: drop.place) }
    return EncodingLead(
      text: ExactString(try text(after, of: "'after'")), droppedCount: count)
  }

  /// `{number: name, from: 1}`.
  private mutating func number(_ node: TemplateNode) throws(ChatTemplateError) -> Segment {
    var name = ""
    var start = 0
    for entry in try map(node, allowing: ["number", "from"], of: "'number'") {
      if entry.key == "from" {
        start = try number(entry.value, of: "'from'")
      } else {
        name = try word(entry.value, of: "'number'")
      }
    }
    let counter = definition.counters.firstIndex(of: name) ?? definition.counters.count
    if counter == definition.counters.count { definition.counters.append(name) }
    return .number(counter: counter, start: start, node.place)
  }

  func literal(_ node: TemplateNode) throws(ChatTemplateError) -> Segment.Literal {
    let text = try text(node, of: "a literal")
    return .init(text: Array(text.utf8), isControl: false, place: node.place)
  }

  mutating func note(control token: ExactString) {
    if !definition.controlTokens.contains(token) { definition.controlTokens.append(token) }
  }

  private mutating func definition(named node: TemplateNode) throws(ChatTemplateError)
    -> [Segment]
  {
    let name = try word(node, of: "'use'")
    guard let body = definitions[name] else {
      throw error(
        "no definition '\(name)'", at: node.place,
        hint: suggestion(for: name, among: definitions.keys.sorted()))
    }
    guard !openDefinitions.contains(name) else {
      throw error("the definition '\(name)' uses itself", at: node.place)
    }
    openDefinitions.append(name)
    defer { openDefinitions.removeLast() }
    return try segments(body)
  }

  private mutating func repetition(_ node: TemplateNode, variable: TemplateNode)
    throws(ChatTemplateError) -> Segment
  {
    let keys = ["each", "in", "of", "without", "unwrap", "sep", "body"]
    _ = try map(node, allowing: keys, of: "'each'")
    guard let listNode = node["in"], let bodyNode = node["body"] else {
      throw error("'each' needs 'in' and 'body'", at: node.place)
    }
    let list = try operand(listNode)
    var each = Segment.Each(
      list: list, isOverMembers: false, name: try word(variable, of: "'each'"),
      variable: variables.count, without: [], body: [])
    if let kind = node["of"] {
      switch try word(kind, of: "'of'") {
      case "members": each.isOverMembers = true
      case "elements": each.isOverMembers = false
      default: throw error("'of' is elements or members", at: kind.place)
      }
    }
    if let without = node["without"] { each.without = try texts(without, of: "'without'") }
    if let unwrap = node["unwrap"] {
      each.unwrapped = ExactString(try word(unwrap, of: "'unwrap'"))
    }
    if let separator = node["sep"] { each.separator = try literal(separator) }
    variables.append(each.name)
    definition.variableCount = max(definition.variableCount, variables.count)
    defer { variables.removeLast() }
    each.body = try segments(bodyNode)
    return .each(each)
  }
}
