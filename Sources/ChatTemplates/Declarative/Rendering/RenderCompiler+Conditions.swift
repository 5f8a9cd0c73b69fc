// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

extension RenderCompiler {
  /// Adds a condition after its parts; its number.
  mutating func test(_ condition: Condition) -> Int32 {
    let entry = entry(condition)
    tables.tests.append(entry)
    return Int32(tables.tests.count - 1)
  }

  private mutating func entry(_ condition: Condition) -> RenderTest {
    switch condition {
    case .not(let inner): return RenderTest(question: .not, first: test(inner))
    case .all(let parts): return combined(.all, parts)
    case .any(let parts): return combined(.any, parts)
    case .first: return RenderTest(question: .first)
    case .last: return RenderTest(question: .last)
    case .firstTurn: return RenderTest(question: .firstTurn)
    case .lastTurn: return RenderTest(question: .lastTurn)
    case .opening: return RenderTest(question: .opening)
    case .anyTurn: return RenderTest(question: .anyTurn)
    case .hasSystem: return RenderTest(question: .hasSystem)
    case .hasAnswered:
      tables.asksAnswered = true
      return RenderTest(question: .hasAnswered)
    case .role(let roles): return role(roles)
    case .previous(let inner): return RenderTest(question: .previous, first: test(inner))
    case .next(let inner): return RenderTest(question: .next, first: test(inner))
    case .starting(let inner): return RenderTest(question: .starting, first: test(inner))
    case .ending(let inner): return RenderTest(question: .ending, first: test(inner))
    case .earlier(let inner, let memo):
      return RenderTest(question: .earlier, first: test(inner), second: Int32(memo))
    case .later(let inner, let memo):
      return RenderTest(question: .later, first: test(inner), second: Int32(memo))
    case .nearestBefore(let wanted, let inner):
      return RenderTest(question: .nearestBefore, first: test(wanted), second: test(inner))
    case .nearestAfter(let wanted, let inner):
      return RenderTest(question: .nearestAfter, first: test(wanted), second: test(inner))
    case .after(let mark): return RenderTest(question: .afterMark, first: Int32(mark))
    case .lastOfRole(let role, let memo):
      return RenderTest(question: .lastOfRole, first: test(.role([role])), second: Int32(memo))
    default: return question(condition)
    }
  }

  private mutating func combined(_ question: RenderTest.Question, _ parts: [Condition])
    -> RenderTest
  {
    let range = list(parts) { $0.test($1) }
    return RenderTest(question: question, first: range.start, second: range.end)
  }

  private mutating func role(_ roles: [ExactString]) -> RenderTest {
    let range = list(roles) { $0.tables.roles.number(of: $1) }
    return RenderTest(question: .role, first: range.start, second: range.end)
  }

  /// Conditions about one value.
  private mutating func question(_ condition: Condition) -> RenderTest {
    switch condition {
    case .isTrue(let value):
      if case .text = value.conversion, value.edits.isEmpty { return kind(.truthy, of: value) }
      return RenderTest(question: .hasText, first: operand(value))
    case .present(let value): return kind(.present, of: value)
    case .defined(let value): return kind(.defined, of: value)
    case .isNull(let value): return kind(.null, of: value)
    case .isString(let value): return kind(.string, of: value)
    case .isList(let value): return kind(.array, of: value)
    case .isObject(let value): return kind(.object, of: value)
    case .isIterable(let value): return kind(.iterable, of: value)
    case .isIdentifier(let value):
      return RenderTest(question: .isIdentifier, first: operand(value))
    case .equals(let value, let constant):
      tables.constants.append(constant)
      return RenderTest(
        question: .equals, first: operand(value), second: Int32(tables.constants.count - 1))
    case .contains(let value, let text):
      if case .text = value.conversion, value.edits.isEmpty {
        return about(text, .holdsText, value)
      }
      return about(text, .contains, value)
    case .starts(let value, let text): return about(text, .starts, value)
    case .ends(let value, let text): return about(text, .ends, value)
    case .member(.literal(let text), let list): return about(text, .holdsText, list)
    case .member(.value(let element), let list):
      return RenderTest(question: .holdsValue, first: operand(list), second: operand(element))
    case .length(let value, let count):
      return RenderTest(
        question: .length, first: operand(value), second: Int32(clamping: count))
    // The others are no questions about a value: `entry` knows them.
    default: return RenderTest(question: .any)
    }
  }

  private mutating func about(
    _ text: ExactString, _ question: RenderTest.Question, _ value: Operand
  ) -> RenderTest {
    RenderTest(
      question: question, first: operand(value), second: tables.texts.number(of: text))
  }

  /// What a value is, asked in the shortest way.
  private mutating func kind(_ kinds: ValueKinds, of value: Operand) -> RenderTest {
    let number = operand(value)
    let entry = tables.operands[Int(number)]
    let question: RenderTest.Question =
      switch entry.root {
      case .message where entry.slot >= 0 && entry.steps.isEmpty: .fieldKind
      case .global where entry.steps.isEmpty: .globalKind
      default: .kind
      }
    return RenderTest(question: question, kinds: kinds, first: number, second: entry.slot)
  }
}
