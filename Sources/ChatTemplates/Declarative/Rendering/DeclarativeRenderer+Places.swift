// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// What is wrong with a conversation is told in its own terms: the index of the message, and the path
/// to the value in it, such as `tool_calls[1].function.name`, whatever a template calls it.
extension DeclarativeRenderer {
  /// Refuses with the template's words.
  mutating func refuse(_ number: Int32) throws(ChatTemplateError) {
    let refusal = program.tables.refusals[Int(number)]
    var words = ""
    for part in refusal.words {
      switch part {
      case .text(let text): words += text
      case .value(let number):
        let operand = views.operands[Int(number)]
        recallReasoning(for: operand)
        words += try unedited(operand)
      }
    }
    guard refusal.subject < 0 else {
      throw self.refusal(words, about: views.operands[Int(refusal.subject)])
    }
    guard output.message == SegmentNote.none else {
      throw ChatTemplateError(.refused(words), message: Int(output.message))
    }
    throw ChatTemplateError(
      .refused(words), hint: "this is about the conversation as a whole, not one message")
  }

  mutating func refusal(_ words: String, about operand: RenderOperand) -> ChatTemplateError {
    ChatTemplateError(.refused(words), message: messageIndex(of: operand), field: path(of: operand))
  }

  mutating func missing(_ operand: RenderOperand) -> ChatTemplateError {
    ChatTemplateError(.missingField(path(of: operand)), message: messageIndex(of: operand))
  }

  mutating func wrongType(_ operand: RenderOperand, expected: String, found: JSONValue)
    -> ChatTemplateError
  {
    ChatTemplateError(
      .wrongType(field: path(of: operand), expected: expected, found: found.kindName),
      message: messageIndex(of: operand))
  }

  /// An error of a conversion, which knows only what is inside of the value.
  mutating func placed(_ error: ChatTemplateError, _ operand: RenderOperand) -> ChatTemplateError {
    let kind: ChatTemplateError.Kind =
      switch error.kind {
      case .missingField(let inner): .missingField(path(of: operand) + inner)
      case .wrongType(let inner, let expected, let found):
        .wrongType(field: path(of: operand) + inner, expected: expected, found: found)
      default: error.kind
      }
    return ChatTemplateError(kind, message: messageIndex(of: operand), hint: error.hint)
  }

  // MARK: Paths

  /// The index of the message that a value is from; nil of tools and other values that are no
  /// message's.
  private mutating func messageIndex(of operand: RenderOperand) -> Int? {
    switch operand.root {
    case .message, .system, .answered, .previous, .called:
      return (message(operand.root) ?? message(.message)).map(Int.init)
    case .variable, .key:
      guard let element = variable(operand) else { return nil }
      if element.origin.message >= 0 { return Int(element.origin.message) }
      return messageIndex(of: views.operands[Int(element.list)])
    case .systems: return systems.first.map(Int.init)
    case .thought, .answer: return message(.message).map(Int.init)
    case .global, .calledIndex, .index, .number: return nil
    }
  }

  /// The path to a value in its message, or from the request's own members, such as `tools[0]`.
  private mutating func path(of operand: RenderOperand) -> String {
    var path = root(of: operand)
    for index in operand.steps.indices {
      switch program.tables.pathSteps[index] {
      case .member(let name): path += (path.isEmpty ? "" : ".") + program.tables.texts[name].string
      // One of the system messages is told by its index.
      case .element(let place): if operand.root != .systems { path += "[\(place)]" }
      }
    }
    return path
  }

  private mutating func root(of operand: RenderOperand) -> String {
    switch operand.root {
    case .message, .system, .answered, .previous:
      return operand.slot >= 0 ? program.tables.fields[operand.slot].string : ""
    case .called: return "tool_calls[\(called[position]?.index ?? 0)]"
    case .variable, .key:
      guard let element = variable(operand) else { return "" }
      let list = views.operands[Int(element.list)]
      // The system messages are messages themselves.
      if list.root == .systems, list.steps.isEmpty { return "" }
      var path = path(of: list)
      if element.index >= 0 { path += "[\(element.index)]" }
      if !element.key.utf8.isEmpty { path += ".\(element.key)" }
      return path
    case .thought, .answer:
      let source = origin(of: operand).source
      return program.tables.sources[Int(source)].field.string
    case .global:
      switch operand.slot {
      case GlobalValues.tools: return "tools"
      case GlobalValues.documents: return "documents"
      default:
        let number = operand.slot - GlobalValues.firstParameter
        return program.definition.parameters[Int(number)].name.string
      }
    case .systems, .calledIndex, .index, .number: return ""
    }
  }
}
