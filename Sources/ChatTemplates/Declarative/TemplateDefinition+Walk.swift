// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

extension TemplateDefinition {
  /// The named lists of segments: the prologue, each kind of turn, the ending and the opening.
  var sections: [(name: String, segments: [Segment])] {
    [("prologue", prologue)] + turns.map { ("turn '\($0.name)'", $0.body) }
      + [("ending", ending), ("opening", opening)]
  }

  /// Every condition that rendering asks, the outermost of each, with where it stands.
  func forEachCondition(
    _ body: (Condition, _ section: String, _ place: TemplatePlace?, _ isInLoop: Bool) -> Void
  ) {
    for mark in marks { body(mark.condition, "mark '\(mark.name)'", mark.condition.place, false) }
    for turn in turns {
      guard let condition = turn.condition else { continue }
      body(condition, "turn '\(turn.name)'", condition.place ?? turn.body.firstPlace, false)
    }
    for (name, segments) in sections {
      segments.forEachChoice { condition, place, isInLoop in
        body(condition, name, place, isInLoop)
      }
    }
  }

  /// The texts that conditions look for in values, and the marks around reasoning: what callers
  /// write can matter to the template through these alone.
  var soughtTexts: [ExactString] {
    var texts: [ExactString] = []
    if let reasoning { texts += [ExactString(reasoning.open), ExactString(reasoning.close)] }
    forEachCondition { condition, _, _, _ in
      condition.forEachLeaf { leaf in
        switch leaf {
        case .contains(_, let text), .starts(_, let text), .ends(_, let text): texts.append(text)
        case .equals(_, let value):
          if let text = value.string { texts.append(text) }
        default: break
        }
      }
    }
    return texts
  }
}

extension Condition {
  /// The parts that are no combination of others.
  func forEachLeaf(_ body: (Condition) -> Void) {
    switch self {
    case .not(let inner), .previous(let inner), .next(let inner), .earlier(let inner, _),
      .later(let inner, _), .starting(let inner), .ending(let inner):
      inner.forEachLeaf(body)
    case .nearestBefore(let wanted, let inner), .nearestAfter(let wanted, let inner):
      wanted.forEachLeaf(body)
      inner.forEachLeaf(body)
    case .all(let parts), .any(let parts):
      for part in parts { part.forEachLeaf(body) }
    default: body(self)
    }
  }

  /// The value that a leaf asks about.
  var operand: Operand? {
    switch self {
    case .isTrue(let operand), .present(let operand), .defined(let operand), .isNull(let operand),
      .isString(let operand), .isList(let operand), .isObject(let operand),
      .isIterable(let operand), .equals(let operand, _), .contains(let operand, _),
      .starts(let operand, _), .ends(let operand, _), .length(let operand, _),
      .isIdentifier(let operand),
      .member(_, let operand):
      operand
    default: nil
    }
  }

  /// Where the first value that is asked about stands.
  var place: TemplatePlace? {
    var found: TemplatePlace?
    forEachLeaf { leaf in found = found ?? leaf.operand?.place }
    return found
  }
}

extension [Segment] {
  /// Where the first of them that has a place stands.
  var firstPlace: TemplatePlace? {
    for segment in self {
      if let place = segment.place { return place }
    }
    return nil
  }

  /// Every choice, outer ones first, and whether it stands in a repetition.
  func forEachChoice(
    isInLoop: Bool = false, _ body: (Condition, TemplatePlace?, Bool) -> Void
  ) {
    for segment in self {
      switch segment {
      case .choice(let condition, _, _):
        body(condition, condition.place ?? segment.place, isInLoop)
      case .following(let condition, let parts) where parts.contains(where: \.canWrite):
        body(.next(condition), condition.place ?? segment.place, false)
      default: break
      }
      var isInside = isInLoop
      if case .each = segment { isInside = true }
      for part in segment.parts { part.forEachChoice(isInLoop: isInside, body) }
    }
  }

  /// Every value that is written or gone through.
  func forEachOperand(_ body: (Operand) -> Void) {
    for segment in self {
      switch segment {
      case .slot(let operand): body(operand)
      case .each(let each): body(each.list)
      default: break
      }
      for part in segment.parts { part.forEachOperand(body) }
    }
  }
}

extension Segment {
  /// The lists of segments inside.
  var parts: [[Segment]] {
    switch self {
    case .choice(_, let then, let otherwise): [then, otherwise]
    case .each(let each): [each.body]
    case .trimmed(let parts), .generated(let parts), .block(_, let parts),
      .following(_, let parts):
      [parts]
    case .literal, .token, .slot, .date, .number, .split, .refusal: []
    }
  }

  /// Whether it can write text, and not refuse alone.
  var canWrite: Bool {
    switch self {
    case .refusal, .split: false
    case .literal, .token, .slot, .date, .number: true
    default: parts.joined().contains(where: \.canWrite)
    }
  }

  /// Whether the model writes a part of it.
  var holdsGenerated: Bool {
    if case .generated = self { true } else { parts.joined().contains(where: \.holdsGenerated) }
  }

  /// Where it stands in its file, or its first part does.
  var place: TemplatePlace? {
    switch self {
    case .literal(let literal): literal.place
    case .token(_, let place), .date(_, let place), .number(_, _, let place): place
    case .refusal(let refusal): refusal.place
    case .slot(let operand): operand.place
    case .each(let each): each.list.place
    case .choice, .trimmed, .generated, .block, .following, .split:
      parts.lazy.compactMap(\.firstPlace).first
    }
  }
}
