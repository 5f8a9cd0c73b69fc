// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

extension RenderCompiler {
  /// Adds a value; its number.
  mutating func operand(_ operand: Operand) -> Int32 {
    let path = operand.path
    var entry = RenderOperand(
      root: root(of: path), conversion: number(of: operand.conversion),
      keepsStrings: operand.conversion.keepsStrings, source: 0,
      path: tables.texts.number(of: path.text))
    var steps = path.steps[...]
    var field = path.text
    switch path.root {
    case .message, .system, .answered, .previous:
      if case .member(let name)? = steps.first {
        field = name
        entry.slot = tables.fields.number(of: name)
        steps.removeFirst()
      }
      if case .answered = path.root { tables.asksAnswered = true }
    case .systems: field = "content"
    case .called: field = "tool_calls"
    case .variable(let slot), .key(let slot):
      entry.slot = Int32(slot)
      field = variableFields[slot]
    case .tools: entry.slot = GlobalValues.tools
    case .documents: entry.slot = GlobalValues.documents
    case .parameter(let index): entry.slot = GlobalValues.firstParameter + Int32(index)
    case .thought, .answer: field = "content"
    case .calledIndex, .index, .number: break
    }
    entry.source = source(operand.place, field: field)
    if case .thought = path.root, let rule = definition.reasoning {
      _ = source(operand.place, field: rule.field)
    }
    note(steps, in: &entry)
    let firstEdit = Int32(tables.edits.count)
    tables.edits += operand.edits
    entry.edits = StepRange(start: firstEdit, end: Int32(tables.edits.count))
    if definition.refusesMarks(at: operand) {
      entry.ends = list(operand.ends) { $0.tables.texts.number(of: $1) }
    }
    if definition.systemPolicy == .all {
      entry.changesWithSystems = entry.root == .systems
      entry.changesWithFirstSystem = entry.root == .system
    }
    entry.isPlain =
      (entry.root.isMessage && entry.slot >= 0 || entry.isReasoning || entry.root == .global)
      && entry.steps.isEmpty && entry.keepsStrings && entry.ends.isEmpty
      && !entry.changesWithFirstSystem
    tables.operands.append(entry)
    return Int32(tables.operands.count - 1)
  }

  private mutating func note(_ steps: ArraySlice<ValuePath.Step>, in entry: inout RenderOperand) {
    let start = Int32(tables.pathSteps.count)
    for step in steps {
      switch step {
      case .member(let name): tables.pathSteps.append(.member(tables.texts.number(of: name)))
      case .element(let place):
        if entry.part < 0 { entry.part = Int32(clamping: place) }
        tables.pathSteps.append(.element(Int32(clamping: place)))
      }
    }
    entry.steps = StepRange(start: start, end: Int32(tables.pathSteps.count))
  }

  private func root(of path: ValuePath) -> RenderOperand.Root {
    switch path.root {
    case .message: .message
    case .system: .system
    case .systems: .systems
    case .answered: .answered
    case .called: .called
    case .calledIndex: .calledIndex
    case .previous: .previous
    case .variable: .variable
    case .key: .key
    case .parameter, .tools, .documents: .global
    case .thought: .thought
    case .answer: .answer
    case .index: .index
    case .number: .number
    }
  }

  private mutating func number(of conversion: TextConversion) -> Int32 {
    if conversion.isText, let first = tables.conversions.firstIndex(where: \.isText) {
      return Int32(first)
    }
    tables.conversions.append(conversion)
    return Int32(tables.conversions.count - 1)
  }
}

extension RenderOperand.Root {
  /// Whether it is a message, of which a field is named.
  fileprivate var isMessage: Bool {
    switch self {
    case .message, .system, .answered, .previous: true
    default: false
    }
  }
}

extension TextConversion {
  /// Whether a string must stand there, which is taken as it is.
  var isText: Bool {
    if case .text = self { true } else { false }
  }

  /// Whether a string stays as it is.
  var keepsStrings: Bool {
    switch self {
    case .text, .printed, .stringOrNothing, .visible, .stringOrJSON, .paragraphs, .lines: true
    default: false
    }
  }
}
