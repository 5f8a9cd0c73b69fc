// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// A question about the conversation.
///
/// The set is closed, so that it can be analysed.
indirect enum Condition: Sendable {
  case not(Condition)
  case all([Condition])
  case any([Condition])
  /// The innermost repetition is at its first element.
  case first
  /// The innermost repetition is at its last element.
  case last
  /// The turn is the first, or the last, whatever repetition stands around.
  case firstTurn, lastTurn
  /// The prompt ends with an opening for the model.
  case opening
  /// There is at least one turn.
  case anyTurn
  /// There is a system message outside the turns.
  case hasSystem
  /// The role of the turn's message is one of these.
  case role([ExactString])
  /// The turn before, or after, fulfils a condition; false where there is none.
  case previous(Condition)
  case next(Condition)
  /// Any turn before, or after, does. The number is where the answer is kept.
  case earlier(Condition, memo: Int)
  case later(Condition, memo: Int)
  /// The nearest turn before, or after, that fulfils one condition fulfils another.
  case nearestBefore(Condition, Condition)
  case nearestAfter(Condition, Condition)
  /// The first turn does.
  case starting(Condition)
  /// The last turn does.
  case ending(Condition)
  /// The turn comes after a named position.
  case after(mark: Int)
  /// The turn's message equals the last one with this role.
  case lastOfRole(ExactString, memo: Int)
  /// There is an assistant's message before this turn.
  case hasAnswered
  /// The value is true in Python's sense.
  case isTrue(Operand)
  /// The value is there, even if it is null.
  case present(Operand)
  /// The value is there and not null.
  case defined(Operand)
  case isNull(Operand)
  case isString(Operand)
  case isList(Operand)
  case isObject(Operand)
  /// A string, a list, an object, or nothing at all.
  case isIterable(Operand)
  case equals(Operand, JSONValue)
  case contains(Operand, ExactString)
  case starts(Operand, ExactString)
  case ends(Operand, ExactString)
  /// A text is an element of a list, a key of an object; false where there is no list.
  case member(Member, of: Operand)
  /// A string of 1 to 64 ASCII letters, digits, `_` and `-`.
  case isIdentifier(Operand)
  /// A string's scalars, or a list's elements, are this many.
  case length(Operand, Int)

  enum Member: Sendable {
    case literal(ExactString)
    case value(Operand)
  }
}
