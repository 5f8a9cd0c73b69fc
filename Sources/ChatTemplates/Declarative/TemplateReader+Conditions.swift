// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

extension TemplateReader {
  static let bareConditions = [
    "first", "last", "first_turn", "last_turn", "opening", "any_turn", "system", "answered",
  ]
  static let conditionKeys = [
    "not", "all", "any", "condition", "role", "previous", "next", "earlier", "later",
    "nearest_before", "nearest_after", "starting", "ending", "after", "last_of_role", "filled",
    "present", "defined", "is_null", "string", "list", "object",
    "iterable", "identifier", "equals", "contains", "starts", "ends", "member", "length",
  ]

  /// Reads a condition: a bare word such as `first`, or a map with one key.
  mutating func condition(_ node: TemplateNode) throws(ChatTemplateError) -> Condition {
    if case .word(let word) = node.value { return try bareCondition(word, at: node.place) }
    guard case .map(let entries) = node.value, entries.count == 1, let head = entries.first
    else {
      throw error(
        "a condition must be a word or a map with one key, but is \(node.kindName)",
        at: node.place, hint: "join several with {all: […]} or {any: […]}")
    }
    let value = head.value
    switch head.key {
    case "not": return .not(try condition(value))
    case "all": return .all(try conditions(value))
    case "any": return .any(try conditions(value))
    case "condition": return try namedCondition(value)
    case "role": return .role(try texts(value, of: "'role'"))
    case "previous": return .previous(try condition(value))
    case "next": return .next(try condition(value))
    case "earlier": return .earlier(try condition(value), memo: newMemo())
    case "later": return .later(try condition(value), memo: newMemo())
    case "nearest_before", "nearest_after":
      let parts = try conditions(value)
      guard parts.count == 2 else {
        throw error(
          "'\(head.key)' takes two conditions: which turn, and what it fulfils", at: value.place)
      }
      return head.key == "nearest_before"
        ? .nearestBefore(parts[0], parts[1]) : .nearestAfter(parts[0], parts[1])
    case "starting": return .starting(try condition(value))
    case "ending": return .ending(try condition(value))
    case "after": return try afterMark(value)
    case "last_of_role":
      return .lastOfRole(ExactString(try text(value, of: "'last_of_role'")), memo: newMemo())
    default: return try question(head)
    }
  }

  private func bareCondition(_ word: String, at place: TemplatePlace) throws(ChatTemplateError)
    -> Condition
  {
    switch word {
    case "first": return .first
    case "last": return .last
    case "first_turn": return .firstTurn
    case "last_turn": return .lastTurn
    case "opening": return .opening
    case "any_turn": return .anyTurn
    case "system": return .hasSystem
    case "answered": return .hasAnswered
    default:
      throw error(
        "unknown condition '\(word)'", at: place,
        hint: suggestion(for: word, among: Self.bareConditions + Self.conditionKeys))
    }
  }

  private mutating func conditions(_ node: TemplateNode) throws(ChatTemplateError) -> [Condition] {
    var result: [Condition] = []
    for element in try list(node, of: "a list of conditions") {
      result.append(try condition(element))
    }
    return result
  }

  private mutating func namedCondition(_ node: TemplateNode) throws(ChatTemplateError)
    -> Condition
  {
    let name = try word(node, of: "'condition'")
    guard let body = conditions[name] else {
      throw error(
        "no condition '\(name)'", at: node.place,
        hint: suggestion(for: name, among: conditions.keys.sorted()))
    }
    guard !openDefinitions.contains("condition " + name) else {
      throw error("the condition '\(name)' uses itself", at: node.place)
    }
    openDefinitions.append("condition " + name)
    defer { openDefinitions.removeLast() }
    return try condition(body)
  }

  private mutating func newMemo() -> Int {
    definition.memoCount += 1
    return definition.memoCount - 1
  }

  private func afterMark(_ node: TemplateNode) throws(ChatTemplateError) -> Condition {
    let name = try word(node, of: "'after'")
    guard let mark = definition.marks.firstIndex(where: { $0.name == name }) else {
      throw error(
        "no mark '\(name)'", at: node.place,
        hint: suggestion(for: name, among: definition.marks.map(\.name)))
    }
    return .after(mark: mark)
  }

  /// Conditions about one value.
  private mutating func question(_ head: TemplateNode.Entry) throws(ChatTemplateError)
    -> Condition
  {
    let value = head.value
    switch head.key {
    case "filled": return .isTrue(try operand(value))
    case "present": return .present(try operand(value))
    case "defined": return .defined(try operand(value))
    case "is_null": return .isNull(try operand(value))
    case "string": return .isString(try operand(value))
    case "list": return .isList(try operand(value))
    case "object": return .isObject(try operand(value))
    case "iterable": return .isIterable(try operand(value))
    case "identifier": return .isIdentifier(try operand(value))
    case "equals":
      let (operand, other) = try pair(value, of: "'equals'")
      return .equals(operand, try constant(other, of: "'equals'"))
    case "contains":
      let (operand, other) = try pair(value, of: "'contains'")
      return .contains(operand, ExactString(try text(other, of: "'contains'")))
    case "starts":
      let (operand, other) = try pair(value, of: "'starts'")
      return .starts(operand, ExactString(try text(other, of: "'starts'")))
    case "ends":
      let (operand, other) = try pair(value, of: "'ends'")
      return .ends(operand, ExactString(try text(other, of: "'ends'")))
    case "length":
      let (operand, other) = try pair(value, of: "'length'")
      return .length(operand, try number(other, of: "'length'"))
    case "member":
      let elements = try list(value, of: "'member'")
      guard elements.count == 2 else {
        throw error("'member' takes an element and a list", at: value.place)
      }
      let list = try operand(elements[1])
      if case .text(let text) = elements[0].value {
        return .member(.literal(ExactString(text)), of: list)
      }
      return .member(.value(try operand(elements[0])), of: list)
    default:
      throw error(
        "unknown condition '\(head.key)'", at: head.keyPlace,
        hint: suggestion(for: head.key, among: Self.conditionKeys))
    }
  }

  private mutating func pair(_ node: TemplateNode, of thing: String) throws(ChatTemplateError)
    -> (Operand, TemplateNode)
  {
    let elements = try list(node, of: thing)
    guard elements.count == 2 else {
      throw error("\(thing) takes a path and a value", at: node.place)
    }
    return (try operand(elements[0]), elements[1])
  }
}
