// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

extension DeclarativeRenderer {
  // MARK: Finding

  /// The value that an operand leads to; nil is what is not there.
  ///
  /// - Throws: Where a step leads on from what is not there, as Python's templates do.
  mutating func value(_ operand: RenderOperand) throws(ChatTemplateError) -> JSONValue? {
    var found: JSONValue?
    switch operand.root {
    case .message, .system, .answered, .previous: found = try field(operand)
    case .global: found = globals[operand.slot].value
    case .variable: found = variable(operand)?.value
    case .key: found = (variable(operand)?.key).map { .string($0) }
    case .systems:
      found = .array(systems.indices.map { .object(table.messages[Int(systems[$0])].fields) })
    case .called:
      found = called[position].flatMap { place in
        table.messages[Int(turns[place.turn])].fields["tool_calls"]?.array?[place.index]
      }
    case .calledIndex: found = called[position].map { .integer($0.number) }
    case .thought, .answer:
      found = reasoningText(operand).map { .string(ExactString($0.string)) }
    case .index: found = .integer(loop.index >= 0 ? loop.index : position)
    case .number: found = .integer((loop.index >= 0 ? loop.index : position) + 1)
    }
    if operand.steps.isEmpty { return found }
    return try follow(operand, from: found)
  }

  /// A field of one of the messages that operands name, or the whole message.
  private mutating func field(_ operand: RenderOperand) throws(ChatTemplateError) -> JSONValue? {
    guard let message = message(operand.root) else {
      if operand.slot >= 0 { throw missing(operand) }
      return nil
    }
    if operand.slot < 0 { return .object(table.messages[Int(message)].fields) }
    return table.value(message, operand.slot, named: program.tables.fields)
  }

  func variable(_ operand: RenderOperand) -> LoopVariable? {
    variables.isEmpty ? nil : variables[Int(operand.slot)]
  }

  /// The message that a root names; nil where there is none.
  @inline(__always)
  mutating func message(_ root: RenderOperand.Root) -> Int32? {
    if root == .message { return message >= 0 ? message : nil }
    return otherMessage(root)
  }

  private mutating func otherMessage(_ root: RenderOperand.Root) -> Int32? {
    switch root {
    case .system: return systems.first
    case .answered:
      guard message >= 0, answered[position] >= 0 else { return nil }
      return turns[Int(answered[position])]
    case .previous: return turns.indices.contains(position - 1) ? turns[position - 1] : nil
    case .called: return called[position].map { turns[$0.turn] }
    default: return nil
    }
  }

  private mutating func follow(_ operand: RenderOperand, from start: JSONValue?)
    throws(ChatTemplateError) -> JSONValue?
  {
    var found = start
    for index in operand.steps.indices {
      guard let value = found else { throw missing(operand) }
      switch program.tables.pathSteps[index] {
      case .member(let name): found = value[program.tables.texts[name]]
      case .element(let place):
        // JSON's null has a literal `nil` too: say which is meant.
        found = JSONValue?.none
        if case .array(let elements) = value, elements.indices.contains(Int(place)) {
          found = elements[Int(place)]
        }
      }
    }
    return found
  }

  /// What a value is.
  mutating func kinds(_ operand: RenderOperand) throws(ChatTemplateError) -> ValueKinds {
    if operand.steps.isEmpty, operand.slot >= 0, let message = message(operand.root) {
      return table.kinds(message, operand.slot)
    }
    if operand.isReasoning, operand.steps.isEmpty {
      guard let text = reasoningText(operand) else { return .absent }
      return text.isEmpty ? .string : [.string, .truthy]
    }
    return ValueKinds(of: try value(operand))
  }

  /// Where a value that was found comes from.
  mutating func origin(of operand: RenderOperand) -> FieldOrigin {
    var origin = FieldOrigin(
      source: operand.source, message: output.message, part: operand.part)
    switch operand.root {
    case .message, .system, .answered, .previous, .called:
      guard let message = message(operand.root) else { break }
      origin.message = message
      if message != output.message { origin.role = roleSource(message) }
    case .variable, .key:
      guard let variable = variable(operand) else { break }
      origin = variable.origin
      origin.source = operand.source
      if origin.part == SegmentNote.none { origin.part = operand.part }
    case .global:
      origin.message = SegmentNote.none
      origin.isTemplate = globals[operand.slot].isTemplate
    case .calledIndex, .index, .number: origin.isTemplate = true
    case .thought: if reasoning?.isField == true { origin.source += 1 }
    case .answer, .systems: break
    }
    return origin
  }

  /// The message whose role a segment of it has, as a note names it.
  private mutating func roleSource(_ message: Int32) -> Int32 {
    table.kinds(message, RenderCompiler.roleColumn).contains(.string) ? message : SegmentNote.none
  }

  // MARK: Text

  /// Writes a field of the turn's message where it is a text of which nothing is taken away, as
  /// most are; false where it is not.
  @inline(__always)
  mutating func writeField(_ step: RenderStep) -> Bool {
    guard message >= 0, message == output.message,
      let text = table.text(message, step.second)
    else { return false }
    if step.flag, !text.isEmpty, !text.isInked { return false }
    output.write(field: text, step)
    return true
  }

  /// Writes a value as its operand says.
  mutating func write(operand step: RenderStep) throws(ChatTemplateError) {
    let operand = views.operands[Int(step.first)]
    noteUse(of: operand)
    recallReasoning(for: operand)
    if let text = editedPlainText(operand) ?? globalText(operand) {
      return output.write(text, from: origin(of: operand), isGenerated: step.isGenerated)
    }
    if operand.edits.isEmpty {
      switch program.tables.conversions[Int(operand.conversion)] {
      case .json(let serializer):
        let value = try present(operand)
        var text: [UInt8] = []
        serializer.write(value, to: &text)
        return output.write(
          memory.hold(text.span), from: origin(of: operand), isGenerated: step.isGenerated)
      case .braces(let writer):
        return write(writer.pieces(of: try present(operand)), operand, writer, step)
      default: break
      }
    }
    let whole = try text(operand)
    if !operand.ends.isEmpty { try refuse(operand, holding: whole) }
    let kept = edited(whole, operand)
    let held = memory.hold(kept.text.utf8Span.span.extracting(kept.range))
    output.write(held, from: origin(of: operand), isGenerated: step.isGenerated)
  }

  /// The text of a value for the whole conversation, where it is written as it stands.
  private mutating func globalText(_ operand: RenderOperand) -> HeldText? {
    guard operand.root == .global, operand.isPlain, operand.edits.isEmpty else { return nil }
    return globals.bytes(operand.slot).map { memory.hold($0) }
  }

  private mutating func write(
    _ pieces: [BraceWriter.Piece], _ operand: RenderOperand, _ writer: BraceWriter,
    _ step: RenderStep
  ) {
    let origin = origin(of: operand)
    let isStop = program.definition.stop.contains {
      $0.string.utf8.elementsEqual(writer.quote.utf8)
    }
    let quote = memory.hold(writer.quote)
    let traits = step.traits.union(isStop ? [.control, .stop] : .control)
    for piece in pieces {
      switch piece {
      case .quote: output.write(own: quote, traits, source: operand.source)
      case .text(let text):
        output.write(
          memory.hold(text), from: origin, isGenerated: step.isGenerated)
      }
    }
  }

  private mutating func refuse(_ operand: RenderOperand, holding text: TextSlice)
    throws(ChatTemplateError)
  {
    let bytes = text.text.utf8Span.span
    for index in operand.ends.indices {
      let end = program.tables.texts[views.lists[index]]
      guard TextScanning.find(end.string.utf8Span.span, in: bytes, text.range) != nil else {
        continue
      }
      let words = Operand.refusal(of: program.tables.texts[operand.path], holding: end)
      throw refusal(words, about: operand)
    }
  }

  private mutating func present(_ operand: RenderOperand) throws(ChatTemplateError) -> JSONValue {
    guard let value = try value(operand) else { throw missing(operand) }
    return value
  }

  /// The text of a value before it is edited, for messages.
  mutating func unedited(_ operand: RenderOperand) throws(ChatTemplateError) -> String {
    String(try text(operand).substring)
  }

  /// The text of a value as its operand edits it.
  mutating func edited(_ operand: RenderOperand) throws(ChatTemplateError) -> TextSlice {
    edited(try text(operand), operand)
  }

  /// The text of a plain operand as it is edited; nil where it is no string.
  @inline(__always)
  mutating func editedPlainText(_ operand: RenderOperand) -> HeldText? {
    guard operand.isPlain, let text = plainText(operand) else { return nil }
    // Edits take away white space alone, and mostly there is none.
    if operand.edits.isEmpty || text.isEmpty || text.isInked { return text }
    return text.part(
      text.withSpan { bytes in
        operand.edits.indices.reduce(0..<bytes.count) { views.edits[$1].apply(to: bytes, $0) }
      })
  }

  /// The text of a plain operand; nil where it is no string.
  @inline(__always)
  private mutating func plainText(_ operand: RenderOperand) -> HeldText? {
    if operand.isReasoning { return reasoningText(operand) }
    return message(operand.root).flatMap { table.text($0, operand.slot) }
  }

  private mutating func edited(_ text: TextSlice, _ operand: RenderOperand) -> TextSlice {
    if operand.edits.isEmpty { return text }
    var kept = text
    let bytes = text.text.utf8Span.span
    for index in operand.edits.indices {
      kept.range = views.edits[index].apply(to: bytes, kept.range)
    }
    return kept
  }

  /// The text of a value before it is edited.
  private mutating func text(_ operand: RenderOperand) throws(ChatTemplateError) -> TextSlice {
    let value = try value(operand)
    if operand.keepsStrings, case .string(let text)? = value { return TextSlice(text.string) }
    let conversion = program.tables.conversions[Int(operand.conversion)]
    do {
      return TextSlice(try conversion.text(of: value))
    } catch {
      throw placed(error, operand)
    }
  }
}

/// A part of a string's UTF-8, not copied.
struct TextSlice {
  let text: String
  var range: Range<Int>

  init(_ text: String) {
    self.text = text
    range = 0..<text.utf8.count
  }

  init(_ text: String, _ range: Range<Int>) {
    self.text = text
    self.range = range
  }

  var substring: Substring {
    let start = text.utf8.index(text.startIndex, offsetBy: range.lowerBound)
    return text[start..<text.utf8.index(start, offsetBy: range.count)]
  }

  var bytes: Substring.UTF8View { substring.utf8 }
}
