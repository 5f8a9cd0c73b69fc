// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

extension DeclarativeRenderer {
  /// Runs the steps of a body once for each element.
  mutating func repeatSteps(_ repetition: RenderRepetition, _ start: Int, _ end: Int)
    throws(ChatTemplateError)
  {
    let list = views.operands[Int(repetition.list)]
    if lacks(list), !repetition.isOverMembers { return }
    noteUse(of: list)
    recallReasoning(for: list)
    let elements = try elements(of: list, repetition)
    if elements.isEmpty { return }
    let body = repetition.separator < 0 ? start : start + 1
    if variables.isEmpty {
      variables = Array(repeating: nil, count: program.definition.variableCount)
    }
    let outer = loop
    for (index, element) in elements.enumerated() {
      loop = (index, elements.count)
      variables[Int(repetition.variable)] = element
      if index > 0, repetition.separator >= 0 { try run(start, body) }
      try run(body, end)
    }
    variables[Int(repetition.variable)] = nil
    loop = outer
  }

  /// Whether a list is a field that the turn's message does not have, as is mostly so of calls.
  private mutating func lacks(_ list: RenderOperand) -> Bool {
    list.root == .message && list.slot >= 0 && list.steps.isEmpty && message >= 0
      && table.kinds(message, list.slot) == .absent
  }

  private mutating func elements(of list: RenderOperand, _ repetition: RenderRepetition)
    throws(ChatTemplateError) -> [LoopVariable]
  {
    let (texts, without) = (program.tables.texts, repetition.without)
    let isOverMembers = repetition.isOverMembers
    switch try value(list) {
    case nil where !isOverMembers: return []
    case .object(let object) where !isOverMembers:
      // As Python goes through a dictionary: by its keys.
      let origin = origin(of: list)
      return object.keys.map {
        LoopVariable(list: repetition.list, key: $0, value: .string($0), origin: origin)
      }
    case .object(let object):
      let origin = origin(of: list)
      return object.filter { !program.tables.texts(without, contain: $0.key) }
        .map {
          LoopVariable(list: repetition.list, key: $0.key, value: $0.value, origin: origin)
        }
    case .array(let values) where !isOverMembers:
      let origin = origin(of: list)
      let areSystems = list.root == .systems && list.steps.isEmpty
      var result: [LoopVariable] = []
      result.reserveCapacity(values.count)
      for (index, value) in values.enumerated() {
        if let text = value.string, program.tables.texts(without, contain: text) { continue }
        var element = LoopVariable(
          list: repetition.list, index: Int32(clamping: index), key: "", value: value,
          origin: origin)
        if areSystems {
          element.origin.message = systems[index]
        } else if origin.part == SegmentNote.none {
          element.origin.part = Int32(clamping: index)
        }
        if repetition.unwrapped >= 0, let inner = value[texts[repetition.unwrapped]],
          PythonText.isTrue(inner)
        {
          element.value = inner
          element.key = texts[repetition.unwrapped]
        }
        result.append(element)
      }
      return result
    case .string where !isOverMembers: return []
    case nil: throw missing(list)
    case .some(let other):
      let expected = isOverMembers ? "an object" : "a list"
      throw wrongType(list, expected: expected, found: other)
    }
  }
}
