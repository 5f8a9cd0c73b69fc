// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

extension DeclarativeRenderer {
  /// Whether a condition, by its number, holds here.
  mutating func holds(_ number: Int32) throws(ChatTemplateError) -> Bool {
    let test = views.tests[Int(number)]
    switch test.question {
    case .fieldKind:
      guard message >= 0 else { throw missing(about: number) }
      return table.kinds(message, test.second).isSome(of: test.kinds)
    case .globalKind: return globals.kinds(test.second).isSome(of: test.kinds)
    case .not: return !(try holds(test.first))
    case .all:
      for place in Int(test.first)..<Int(test.second)
      where !(try holds(views.lists[place])) { return false }
      return true
    case .any:
      for place in Int(test.first)..<Int(test.second)
      where try holds(views.lists[place]) { return true }
      return false
    case .first: return (loop.index >= 0 ? loop.index : position) == 0
    case .last:
      return loop.index >= 0 ? loop.index == loop.count - 1 : isLastTurn()
    case .firstTurn: return position == 0
    case .lastTurn: return isLastTurn()
    case .opening: return hasOpening
    case .role:
      return message >= 0 && listed(role, StepRange(start: test.first, end: test.second))
    case .anyTurn:
      if turns.isEmpty { noteChangeable() }
      return !turns.isEmpty
    case .hasSystem:
      if systems.isEmpty, case .all = program.definition.systemPolicy { noteChangeable() }
      return !systems.isEmpty
    case .hasAnswered: return message >= 0 && answered[position] >= 0
    case .afterMark:
      let isAfter = position > marks[Int(test.first)]
      if isAfter { noteChangeable() }
      return isAfter
    case .previous: return try holds(test.first, at: position - 1)
    case .next: return try holds(test.first, at: position + 1)
    case .starting: return try holds(test.first, at: 0)
    case .ending, .nearestBefore, .nearestAfter, .earlier, .later, .lastOfRole:
      return try holdsElsewhere(test)
    default:
      let operand = views.operands[Int(test.first)]
      noteUse(of: operand)
      recallReasoning(for: operand)
      if test.question == .holdsValue { recallReasoning(for: views.operands[Int(test.second)]) }
      return try answer(test, operand)
    }
  }

  /// Whether a number is among those of a range of the lists.
  @inline(__always)
  func listed(_ number: Int32, _ range: StepRange) -> Bool {
    for index in range.indices where views.lists[index] == number { return true }
    return false
  }

  /// What is wrong where a test asks for a message that is not there.
  mutating func missing(about test: Int32) -> ChatTemplateError {
    missing(views.operands[Int(views.tests[Int(test)].first)])
  }

  private mutating func isLastTurn() -> Bool {
    if position >= turns.count - 1 { noteChangeable() }
    return position == turns.count - 1
  }

  // MARK: Other turns

  private mutating func holdsElsewhere(_ test: RenderTest) throws(ChatTemplateError) -> Bool {
    switch test.question {
    case .ending:
      noteChangeable()
      return try holds(test.first, at: turns.count - 1)
    case .nearestBefore:
      let before = (0..<max(0, min(position, turns.count))).reversed()
      guard let place = try nearest(test.first, in: before) else { return false }
      return try holds(test.second, at: place)
    case .nearestAfter:
      let after = min(position + 1, turns.count)..<turns.count
      guard let place = try nearest(test.first, in: after) else {
        noteChangeable()
        return false
      }
      return try holds(test.second, at: place)
    case .earlier:
      return try remembered(test, last: false) < position
    case .later:
      let isLater = try remembered(test, last: true) > position
      if !isLater { noteChangeable() }
      return isLater
    default:
      noteChangeable()
      let place = try remembered(test, last: true)
      guard turns.indices.contains(place) else { return false }
      return place == position
        || table.messages[Int(turns[place])] == table.messages[Int(turns[position])]
    }
  }

  /// Whether a condition holds at another turn; false where there is none.
  private mutating func holds(_ test: Int32, at place: Int) throws(ChatTemplateError) -> Bool {
    guard turns.indices.contains(place) else {
      if place >= turns.count { noteChangeable() }
      return false
    }
    let (here, outer) = (position, loop)
    move(to: place)
    loop.index = -1
    defer {
      move(to: here)
      loop = outer
    }
    return try holds(test)
  }

  /// The first of some turns at which a condition holds.
  private mutating func nearest(_ test: Int32, in places: some Sequence<Int>)
    throws(ChatTemplateError) -> Int?
  {
    for place in places where try holds(test, at: place) { return place }
    return nil
  }

  /// The first or the last turn at which a condition holds, looked up once for a conversation.
  private mutating func remembered(_ test: RenderTest, last: Bool)
    throws(ChatTemplateError) -> Int
  {
    if let place = memos[Int(test.second)] { return place }
    let found =
      last
      ? try nearest(test.first, in: turns.indices.reversed()) ?? -1
      : try nearest(test.first, in: turns.indices) ?? turns.count
    memos[Int(test.second)] = found
    return found
  }

  // MARK: Values

  /// Conditions about one value.
  private mutating func answer(_ test: RenderTest, _ operand: RenderOperand)
    throws(ChatTemplateError) -> Bool
  {
    switch test.question {
    case .kind: return try kinds(operand).isSome(of: test.kinds)
    case .hasText:
      if let text = editedPlainText(operand) { return !text.isEmpty }
      return !(try edited(operand).range.isEmpty)
    case .isIdentifier: return try value(operand)?.string.map(Self.isIdentifier) ?? false
    case .equals: return try value(operand) == program.tables.constants[Int(test.second)]
    case .contains:
      let part = views.text(test.second)
      if let text = editedPlainText(operand) { return text.contains(part) }
      let text = try edited(operand)
      return part.withSpan {
        TextScanning.find($0, in: text.text.utf8Span.span, text.range) != nil
      }
    case .starts:
      let text = try edited(operand)
      return text.bytes.starts(with: program.tables.texts[test.second].utf8)
    case .ends:
      let text = try edited(operand)
      return text.bytes.reversed().starts(with: program.tables.texts[test.second].utf8.reversed())
    case .holdsText:
      if operand.edits.isEmpty, let text = editedPlainText(operand) {
        return text.contains(views.text(test.second))
      }
      return try has(program.tables.texts[test.second], in: operand)
    case .holdsValue:
      let element = views.operands[Int(test.second)]
      guard let text = try value(element)?.string else { return false }
      return try has(text, in: operand)
    default: return try length(operand) == Int(test.second)
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

  private mutating func has(_ part: ExactString, in list: RenderOperand)
    throws(ChatTemplateError) -> Bool
  {
    switch try value(list) {
    case nil: return false
    case .string(let text): return TextScanning.contains(text.string, part.string)
    case .array(let elements): return elements.contains { $0.string == part }
    case .object(let object): return object[part] != nil
    case .some(let other): throw noList(other, list)
    }
  }

  private mutating func length(_ operand: RenderOperand) throws(ChatTemplateError) -> Int {
    switch try value(operand) {
    case nil: return 0
    case .string(let text): return text.string.unicodeScalars.count
    case .array(let elements): return elements.count
    case .object(let object): return object.count
    case .some(let other): throw noList(other, operand)
    }
  }

  private mutating func noList(_ value: JSONValue, _ operand: RenderOperand) -> ChatTemplateError {
    wrongType(operand, expected: "a string or a list", found: value)
  }
}

extension ValueKinds {
  /// Whether it is one of several kinds.
  @inline(__always)
  func isSome(of kinds: ValueKinds) -> Bool { !isDisjoint(with: kinds) }
}
