// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

extension JinjaWriter {
  /// A condition as an expression.
  mutating func expression(_ condition: Condition, at position: Position)
    throws(ChatTemplateError) -> JinjaExpression
  {
    switch condition {
    case .not(let inner): return try expression(inner, at: position).negated
    case .all(let parts): return .all(try expressions(parts, at: position))
    case .any(let parts): return .any(try expressions(parts, at: position))
    case .first:
      return position.isInLoop ? .primary("loop.first") : .comparison("\(index(position)) == 0")
    case .last: return position.isInLoop ? .primary("loop.last") : isLastTurn(position)
    case .firstTurn: return .comparison("\(index(position)) == 0")
    case .lastTurn: return isLastTurn(position)
    case .opening: return .primary("add_generation_prompt")
    case .anyTurn: return .primary(turns)
    case .hasSystem:
      needs.insert(.systems)
      return .primary(own("systems"))
    case .hasAnswered: return .test("\(try answered(position)) is defined")
    case .role(let roles): return role(roles, at: position)
    default: return try lookAround(condition, at: position)
    }
  }

  private mutating func expressions(_ conditions: [Condition], at position: Position)
    throws(ChatTemplateError) -> [JinjaExpression]
  {
    var result: [JinjaExpression] = []
    for condition in conditions { result.append(try expression(condition, at: position)) }
    return result
  }

  /// Conditions about other turns, or about one value.
  private mutating func lookAround(_ condition: Condition, at position: Position)
    throws(ChatTemplateError) -> JinjaExpression
  {
    switch condition {
    case .previous(let inner):
      let index = index(position)
      let other = Position(
        message: "\(turns)[\(index) - 1]", index: "\(index) - 1", isCertain: true)
      return .all([.comparison("\(index) > 0"), try expression(inner, at: other)])
    case .next(let inner):
      let index = index(position)
      let other = Position(
        message: "\(turns)[\(index) + 1]", index: "\(index) + 1", isCertain: true)
      return .all([
        .comparison("\(index) + 1 < \(turns) | length"), try expression(inner, at: other),
      ])
    case .starting(let inner):
      let other = Position(message: "\(turns)[0]", index: "0", isCertain: true)
      return .all([.primary(turns), try expression(inner, at: other)])
    case .ending(let inner):
      let other = Position(
        message: "\(turns)[-1]", index: "\(turns) | length - 1", isCertain: true)
      return .all([.primary(turns), try expression(inner, at: other)])
    case .nearestBefore(let wanted, let inner):
      return try nearest(wanted, inner, isBefore: true, of: position)
    case .nearestAfter(let wanted, let inner):
      return try nearest(wanted, inner, isBefore: false, of: position)
    case .earlier(let inner, _):
      return .comparison("\(try place(of: inner, isLast: false)) < \(index(position))")
    case .later(let inner, _):
      return .comparison("\(try place(of: inner, isLast: true)) > \(index(position))")
    case .lastOfRole(let role, _):
      let place = try place(of: .role([role]), isLast: true)
      return .all([
        .comparison("\(place) >= 0"),
        .any([
          .comparison("\(place) == \(index(position))"),
          .comparison("\(turns)[\(place)] == \(position.message)"),
        ]),
      ])
    case .after(let mark):
      return .comparison("\(index(position)) > \(try place(ofMark: mark))")
    default: return try question(condition, at: position)
    }
  }

  /// The answer of a macro that looks for the nearest turn.
  private mutating func nearest(
    _ wanted: Condition, _ inner: Condition, isBefore: Bool, of position: Position
  ) throws(ChatTemplateError) -> JinjaExpression {
    let name = own("nearest_\(lookups.count + 1)")
    lookups.append([])
    let place = lookups.count - 1
    let (message, index, at) = (own("message"), own("i"), own("at"))
    let other = Position(message: message, index: index, isCertain: true)
    let test = try expression(wanted, at: other).text
    let answer = try expression(inner, at: other).text
    let list = isBefore ? "\(turns)[:\(at)][::-1]" : "\(turns)[\(at) + 1:]"
    lookups[place] = [
      "{%- macro \(name)(\(at)) %}",
      "    {%- for \(message) in \(list) %}",
      "        {%- set \(index) = \(at) \(isBefore ? "-" : "+") loop.index %}",
      "        {%- if \(test) %}",
      "            {{- 'yes' if \(answer) }}",
      "            {%- break %}",
      "        {%- endif %}",
      "    {%- endfor %}",
      "{%- endmacro %}",
    ]
    return .primary("\(name)(\(self.index(position)))")
  }

  // MARK: Turns

  /// The index of a turn; that of the turn being written is kept in a variable.
  mutating func index(_ position: Position) -> String {
    if position.isHere { needs.insert(.turnIndex) }
    if position.isCandidate { lookupUsesIndex = true }
    return position.index
  }

  private mutating func isLastTurn(_ position: Position) -> JinjaExpression {
    if position.isHere, !position.isInLoop { return .primary("loop.last") }
    return .comparison("\(index(position)) == \(turns) | length - 1")
  }

  private func role(_ roles: [ExactString], at position: Position) -> JinjaExpression {
    let names = roles.map { JinjaLiteral.quoted($0.string) }
    let role = "\(position.message).role"
    let test =
      names.count == 1
      ? JinjaExpression.comparison("\(role) == \(names[0])")
      : .comparison("\(role) in [\(names.joined(separator: ", "))]")
    return position.isCertain ? test : .all([.primary(turns), test])
  }

  // MARK: Values

  private mutating func question(_ condition: Condition, at position: Position)
    throws(ChatTemplateError) -> JinjaExpression
  {
    switch condition {
    case .isTrue(let operand):
      return operand.isBare
        ? .primary(try path(operand, at: position)) : try text(operand, at: position)
    case .present(let operand): return try isThere(operand, at: position)
    case .defined(let operand):
      let value = try path(operand, at: position)
      return .all([try isThere(operand, at: position), .test("\(value) is not none")])
    case .isNull(let operand):
      return operand.path.isOptionalRoot
        ? .primary("false") : .test("\(try path(operand, at: position)) is none")
    case .isString(let operand): return .test("\(try path(operand, at: position)) is string")
    case .isObject(let operand): return .test("\(try path(operand, at: position)) is mapping")
    case .isList(let operand): return Self.isList(try path(operand, at: position))
    case .isIterable(let operand):
      let test = JinjaExpression.test("\(try path(operand, at: position)) is iterable")
      return operand.path.isOptionalRoot
        ? .any([try isThere(operand, at: position).negated, test]) : test
    case .isIdentifier(let operand):
      let value = try path(operand, at: position)
      let letters = "abcdefghijklmnopqrstuvwxyz"
      let set = JinjaLiteral.quoted(letters + letters.uppercased() + "0123456789_-")
      return .all([
        .test("\(value) is string"), .comparison("\(value) | length in range(1, 65)"),
        .test("not (\(value) | reject('in', \(set)) | list)"),
      ])
    case .equals(let operand, let value):
      return Self.equality(try path(operand, at: position), value)
    case .contains(let operand, let part):
      var value = JinjaExpression.primary(try path(operand, at: position))
      if !operand.isBare { value = try text(operand, at: position) }
      return .comparison("\(JinjaLiteral.quoted(part.string)) in \(value.inside(.sum))")
    case .starts(let operand, let prefix):
      let text = try text(operand, at: position).inside(.primary)
      return .primary("\(text).startswith(\(JinjaLiteral.quoted(prefix.string)))")
    case .ends(let operand, let suffix):
      let text = try text(operand, at: position).inside(.primary)
      return .primary("\(text).endswith(\(JinjaLiteral.quoted(suffix.string)))")
    case .member(.literal(let text), let list):
      return .comparison("\(JinjaLiteral.quoted(text.string)) in \(try path(list, at: position))")
    case .member(.value(let element), let list):
      let value = try path(element, at: position)
      return .all([
        .test("\(value) is string"), .comparison("\(value) in \(try path(list, at: position))"),
      ])
    case .length(let operand, let count):
      return .comparison("\(try path(operand, at: position)) | length == \(count)")
    default: throw inexpressible("a condition", at: condition.place)
    }
  }

  /// What the caller does not give is `none` for tools and documents, undefined for all else.
  private mutating func isThere(_ operand: Operand, at position: Position)
    throws(ChatTemplateError) -> JinjaExpression
  {
    let value = try path(operand, at: position)
    return .test(operand.path.isOptionalRoot ? "\(value) is not none" : "\(value) is defined")
  }

  static func isList(_ value: String) -> JinjaExpression {
    .all([
      .test("\(value) is defined"), .test("\(value) is sequence"),
      .test("\(value) is not string"), .test("\(value) is not mapping"),
    ])
  }

  /// `true` and 1 are equal in Python, but not in JSON.
  private static func equality(_ value: String, _ constant: JSONValue) -> JinjaExpression {
    switch constant {
    case .bool(let flag): .test("\(value) is \(flag)")
    case .null: .test("\(value) is none")
    default: .comparison("\(value) == \(literal(constant))")
    }
  }

  /// A constant of the file.
  static func literal(_ value: JSONValue) -> String {
    switch value {
    case .null: "none"
    case .string(let text): JinjaLiteral.quoted(text.string)
    case .array(let elements): "[\(elements.map(literal).joined(separator: ", "))]"
    default: value.serialized()
    }
  }
}

extension ValuePath {
  /// Whether it is what callers may give beside the messages.
  fileprivate var isOptionalRoot: Bool {
    guard steps.isEmpty else { return false }
    switch root {
    case .tools, .documents: return true
    default: return false
    }
  }
}

extension Operand {
  /// Whether it is the value itself, before text is made of it.
  fileprivate var isBare: Bool {
    if case .text = conversion { edits.isEmpty } else { false }
  }
}
