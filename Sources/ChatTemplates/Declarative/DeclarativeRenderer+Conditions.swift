// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

extension DeclarativeRenderer {
  /// Whether a condition holds here.
  mutating func holds(_ condition: Condition) throws(ChatTemplateError) -> Bool {
    switch condition {
    case .not(let inner): return !(try holds(inner))
    case .all(let parts):
      for part in parts where !(try holds(part)) { return false }
      return true
    case .any(let parts):
      for part in parts where try holds(part) { return true }
      return false
    case .first: return (loop?.index ?? position) == 0
    case .last:
      if let loop { return loop.index == loop.count - 1 }
      return isLastTurn()
    case .firstTurn: return position == 0
    case .lastTurn: return isLastTurn()
    case .opening: return hasOpening
    case .anyTurn:
      if turns.isEmpty { noteChangeable() }
      return !turns.isEmpty
    case .hasSystem:
      if systems.isEmpty, case .all = definition.systemPolicy { noteChangeable() }
      return !systems.isEmpty
    case .hasAnswered: return turns.indices.contains(position) && answered[position] != nil
    case .role(let roles):
      return turns.indices.contains(position) && roles.contains(role(at: position))
    case .previous(let inner): return try holds(inner, at: position - 1)
    case .next(let inner): return try holds(inner, at: position + 1)
    case .nearestBefore(let wanted, let inner):
      return try holds(inner, atNearest: wanted, in: (0..<max(0, position)).reversed())
    case .nearestAfter(let wanted, let inner):
      let next = min(position + 1, turns.count)..<turns.count
      if !(try holds(.anyTurn, atNearest: wanted, in: next)) { noteChangeable() }
      return try holds(inner, atNearest: wanted, in: next)
    case .starting(let inner): return try holds(inner, at: 0)
    case .ending(let inner):
      noteChangeable()
      return try holds(inner, at: turns.count - 1)
    case .earlier(let inner, let memo):
      return try remembered(memo, inner, last: false) < position
    case .later(let inner, let memo):
      let isLater = try remembered(memo, inner, last: true) > position
      if !isLater { noteChangeable() }
      return isLater
    case .lastOfRole(let role, let memo):
      noteChangeable()
      let place = try remembered(memo, .role([role]), last: true)
      guard turns.indices.contains(place) else { return false }
      return place == position || messages[turns[place]] == messages[turns[position]]
    case .after(let mark):
      let isAfter = position > marks[mark]
      if isAfter { noteChangeable() }
      return isAfter
    default:
      if let operand = condition.operand { noteUse(of: operand) }
      return try answer(condition)
    }
  }

  private mutating func isLastTurn() -> Bool {
    if position >= turns.count - 1 { noteChangeable() }
    return position == turns.count - 1
  }

  /// Whether a condition holds at another turn; false where there is none.
  private mutating func holds(_ condition: Condition, at place: Int) throws(ChatTemplateError)
    -> Bool
  {
    guard turns.indices.contains(place) else {
      if place >= turns.count { noteChangeable() }
      return false
    }
    let (here, outer) = (position, loop)
    position = place
    loop = nil
    defer {
      position = here
      loop = outer
    }
    return try holds(condition)
  }

  /// Whether a condition holds at the first of some turns that fulfils another.
  private mutating func holds(
    _ condition: Condition, atNearest wanted: Condition, in places: some Sequence<Int>
  ) throws(ChatTemplateError) -> Bool {
    for place in places where try holds(wanted, at: place) {
      return try holds(condition, at: place)
    }
    return false
  }

  /// The first or the last turn at which a condition holds, looked up once for a conversation.
  private mutating func remembered(_ memo: Int, _ condition: Condition, last: Bool)
    throws(ChatTemplateError) -> Int
  {
    if let place = memos[memo] { return place }
    var found = last ? -1 : turns.count
    let places = last ? Array(turns.indices.reversed()) : Array(turns.indices)
    for place in places where try holds(condition, at: place) {
      found = place
      break
    }
    memos[memo] = found
    return found
  }

  /// Conditions about one value.
  private func answer(_ condition: Condition) throws(ChatTemplateError) -> Bool {
    switch condition {
    case .isTrue(let operand):
      return try isTrue(operand)
    case .present(let operand): return try value(operand) != nil
    case .defined(let operand): return try value(operand).map { !$0.isNull } ?? false
    case .isNull(let operand): return try value(operand)?.isNull ?? false
    case .isString(let operand): return try value(operand)?.string != nil
    case .isList(let operand): return try value(operand)?.array != nil
    case .isObject(let operand): return try value(operand)?.object != nil
    case .isIterable(let operand):
      switch try value(operand) {
      case nil, .string, .array, .object: return true
      default: return false
      }
    case .isIdentifier(let operand):
      return try value(operand)?.string.map(Self.isIdentifier) ?? false
    case .equals(let operand, let constant): return try value(operand) == constant
    case .contains(let operand, let part):
      if case .text = operand.conversion, operand.edits.isEmpty {
        return try has(part, in: try value(operand), operand)
      }
      return TextScanning.contains(String(try compared(operand)), part.string)
    case .starts(let operand, let prefix):
      return try compared(operand).utf8.starts(with: prefix.utf8)
    case .ends(let operand, let suffix):
      return try compared(operand).utf8.reversed().starts(with: suffix.utf8.reversed())
    case .member(.literal(let text), let list):
      return try has(text, in: try value(list), list)
    case .member(.value(let element), let list):
      guard let text = try value(element)?.string else { return false }
      return try has(text, in: try value(list), list)
    case .length(let operand, let count): return try length(operand) == count
    default: return false
    }
  }

  private static func isIdentifier(_ text: ExactString) -> Bool {
    (1...64).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
          true
        default: false
        }
      }
  }

  /// A value's truth; where text is made of it first, the text's.
  private func isTrue(_ operand: Operand) throws(ChatTemplateError) -> Bool {
    let found = try find(operand)
    if case .text = operand.conversion, operand.edits.isEmpty {
      return PythonText.isTrue(found.value)
    }
    return !edited(try text(of: found, operand), operand.edits).isEmpty
  }

  private func compared(_ operand: Operand) throws(ChatTemplateError) -> Substring {
    let text = try text(of: try find(operand), operand)
    let range = edited(text, operand.edits)
    let start = text.utf8.index(text.startIndex, offsetBy: range.lowerBound)
    return text[start..<text.utf8.index(start, offsetBy: range.count)]
  }

  private func has(_ part: ExactString, in value: JSONValue?, _ operand: Operand)
    throws(ChatTemplateError) -> Bool
  {
    switch value {
    case nil: return false
    case .string(let text): return TextScanning.contains(text.string, part.string)
    case .array(let elements): return elements.contains { $0.string == part }
    case .object(let object): return object[part] != nil
    case .some(let other):
      throw ChatTemplateError(
        .wrongType(
          field: operand.path.text.string, expected: "a string or a list", found: other.kindName))
    }
  }

  private func length(_ operand: Operand) throws(ChatTemplateError) -> Int {
    switch try value(operand) {
    case nil: return 0
    case .string(let text): return text.string.unicodeScalars.count
    case .array(let elements): return elements.count
    case .object(let object): return object.count
    case .some(let other):
      throw ChatTemplateError(
        .wrongType(
          field: operand.path.text.string, expected: "a string or a list", found: other.kindName))
    }
  }
}
