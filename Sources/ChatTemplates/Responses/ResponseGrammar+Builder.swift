// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

extension ResponseGrammar {
  /// Turns segments into nodes.
  struct Builder {
    let bos: ExactString?
    let stops: [ExactString]
    let controls: [ExactString]
    /// The variable of the repetition over calls that is open; inside, members are a call's.
    private var callVariable: Int?
    /// The names that a condition has asked of the call.
    private var knownNames: [ExactString] = []
    /// Whether the model writes what comes next.
    private var hasStarted = false
    /// Edits of the whole that the next slots stand in.
    private var edits: [TextEdit] = []

    init(_ definition: TemplateDefinition, stops: [ExactString]) {
      bos = definition.bos
      controls = definition.controlTokens
      self.stops = stops
    }

    mutating func nodes(_ segments: [Segment]) -> [Node] {
      var result: [Node] = []
      for segment in segments { result += node(segment) }
      return result.withJSONCall
    }

    private mutating func node(_ segment: Segment) -> [Node] {
      switch segment {
      case .literal(let literal): return text(literal.text, isControl: literal.isControl)
      case .token(.bos, _): return bos.map { text(Array($0.utf8), isControl: true) } ?? []
      case .token(.eos, _): return hasStarted ? [.terminator] : []
      case .slot(let operand): return slot(operand)
      case .choice(let condition, let then, let otherwise):
        return choice(condition, then, otherwise)
      case .each(let each): return repetition(each)
      case .generated(let parts):
        hasStarted = true
        return [.start(isInCall: callVariable != nil)] + nodes(parts)
      case .trimmed(let parts):
        edits.append(.trim)
        defer { edits.removeLast() }
        return nodes(parts)
      case .block(_, let parts): return nodes(parts)
      case .date, .number: return [.text(Slot(target: .ignored))]
      case .split, .refusal, .following: return []
      }
    }

    /// What ends an answer may end it anywhere, and so is no mark.
    private func text(_ text: [UInt8], isControl: Bool) -> [Node] {
      if isControl, stops.contains(where: { text.elementsEqual($0.utf8) }) {
        return hasStarted ? [.terminator] : []
      }
      return text.isEmpty ? [] : [.literal(text, isControl: isControl)]
    }

    // MARK: Choices

    private mutating func choice(
      _ condition: Condition, _ then: [Segment], _ otherwise: [Segment]
    ) -> [Node] {
      let outer = knownNames
      knownNames = callNames(condition)
      var first = nodes(then)
      if knownNames.count == 1, let name = knownNames.first, !first.contains(where: \.isName) {
        // A call without any mark cannot be told from text.
        first = first.contains(where: \.isMark) ? [.named(name)] + first : []
      }
      knownNames = outer
      let branches = [first, nodes(otherwise)]
      return branches.allSatisfy(\.isEmpty) ? [] : [.choice(branches)]
    }

    /// The names of calls of which a condition asks for one.
    private func callNames(_ condition: Condition) -> [ExactString] {
      guard callVariable != nil else { return [] }
      switch condition {
      case .equals(let operand, .string(let name)) where operand.path.lastName == "name":
        return [name]
      case .any(let conditions):
        let names = conditions.map { callNames($0) }
        return names.contains(where: \.isEmpty) ? [] : names.flatMap(\.self)
      default: return []
      }
    }

    // MARK: Repetitions

    private mutating func repetition(_ each: Segment.Each) -> [Node] {
      let separator = each.separator?.text ?? []
      // Models write text, never a list of parts.
      if case .message = each.list.path.root, each.list.path.text == "content" { return [] }
      guard case .message = each.list.path.root, each.list.path.text == "tool_calls" else {
        return [.repeated(nodes(each.body), separator: separator)]
      }
      let outer = callVariable
      callVariable = each.variable
      defer { callVariable = outer }
      return [.calls(nodes(each.body).withIdentifier, separator: separator)]
    }

    // MARK: Slots

    private mutating func slot(_ operand: Operand) -> [Node] {
      let path = operand.path
      switch path.root {
      case .thought: return [.text(slot(.reasoning, operand))]
      case .answer: return [.text(slot(.content, operand))]
      case .message: return messageSlot(path, operand)
      case .key: return [.text(Slot(target: .argumentName))]
      case .index, .number:
        return [.text(Slot(target: callVariable == nil ? .ignored : .counter))]
      case .variable(let variable):
        return variable == callVariable
          ? callSlot(path.lastName, operand) : [.text(slot(.argumentValue, operand))]
      default: return [.text(Slot(target: .ignored))]
      }
    }

    private func slot(_ target: Slot.Target, _ operand: Operand) -> Slot {
      var slot = Slot(target: target, edits: operand.edits + edits)
      switch operand.conversion {
      case .json, .stringOrJSON, .parsedJSON, .printed: slot.decodesJSON = true
      default: break
      }
      return slot
    }

    private mutating func messageSlot(_ path: ValuePath, _ operand: Operand) -> [Node] {
      guard case .member(let field)? = path.steps.first else {
        return [.text(Slot(target: .ignored))]
      }
      switch field {
      case "role": return [.literal(Array(Role.assistant.rawValue.utf8), isControl: false)]
      case "content": return content(operand)
      case "reasoning_content", "thinking", "reasoning": return [.text(slot(.reasoning, operand))]
      case "tool_calls": return callSlot(path.lastName, operand)
      default: return [.text(Slot(target: .ignored))]
      }
    }

    /// Content of which the template keeps what stands behind a mark: before it is reasoning.
    private func content(_ operand: Operand) -> [Node] {
      let plain = Node.text(slot(.content, operand))
      guard case .after(let close, _) = operand.conversion, close.utf8.starts(with: "</".utf8)
      else { return [plain] }
      let open = "<" + close.utf8.dropFirst(2).map { String(UnicodeScalar($0)) }.joined()
      var rest = slot(.content, operand)
      rest.edits.append(.trimNewlinesStart)
      let marks = [open, close].map { mark in
        Node.literal(Array(mark.utf8), isControl: controls.contains(ExactString(mark)))
      }
      let thought = Slot(target: .reasoning, edits: [.trimNewlines])
      return [.choice([[marks[0], .text(thought), marks[1], .text(rest)], [plain]])]
    }

    private mutating func callSlot(_ name: ExactString?, _ operand: Operand) -> [Node] {
      if case .openJSON = operand.conversion { return [.openCall] }
      switch name {
      case "name": return nameSlot()
      case "id": return [.text(Slot(target: .callIdentifier))]
      case "arguments":
        if case .braces(let writer) = operand.conversion {
          return [.braces(quote: ExactString(writer.quote))]
        }
        return [.arguments]
      case "function": return [.jsonCall(CallKeys())]
      case .some(let name) where operand.path.steps.count > 1:
        return [.argument(name, slot(.argumentValue, operand))]
      case nil where operand.conversion.isJSON: return [.jsonCall(CallKeys())]
      default: return [.text(Slot(target: .ignored))]
      }
    }

    /// The call's name; one of few, where a condition has asked for them.
    private func nameSlot() -> [Node] {
      guard !knownNames.isEmpty else { return [.text(Slot(target: .callName))] }
      return [
        .choice(knownNames.map { [.named($0), .literal(Array($0.utf8), isControl: false)] })
      ]
    }
  }
}

extension ValuePath {
  /// The last member that the path leads to.
  fileprivate var lastName: ExactString? {
    for step in steps.reversed() {
      if case .member(let name) = step { return name }
    }
    return nil
  }
}

extension TextConversion {
  /// Whether the whole value is written as JSON.
  fileprivate var isJSON: Bool {
    switch self {
    case .json, .stringOrJSON, .parsedJSON: true
    default: false
    }
  }
}

extension ResponseGrammar.Node {
  /// Whether it tells the call's name, in one of its branches at least.
  fileprivate var isName: Bool {
    switch self {
    case .named: true
    case .text(let slot): slot.target == .callName
    case .choice(let branches): branches.contains { $0.contains(where: \.isName) }
    default: false
    }
  }
}

extension [ResponseGrammar.Node] {
  /// A call that is counted beside its name and has no identifier of its own: name and count are it,
  /// with the text before.
  fileprivate var withIdentifier: [ResponseGrammar.Node] {
    guard let end = firstIndex(where: { $0.target == .counter }),
      let name = self[..<end].lastIndex(where: { $0.target == .callName }),
      !contains(where: { $0.target == .callIdentifier }),
      self[(name + 1)..<end].allSatisfy(\.isPlainLiteral)
    else { return self }
    var start = name
    while start > 0, self[start - 1].isPlainLiteral { start -= 1 }
    return self[..<start] + [.identifier(Array(self[start...end]))] + self[(end + 1)...]
  }
}

extension ResponseGrammar.Node {
  fileprivate var target: ResponseGrammar.Slot.Target? {
    if case .text(let slot) = self { slot.target } else { nil }
  }

  fileprivate var isPlainLiteral: Bool {
    if case .literal(_, isControl: false) = self { true } else { false }
  }

  /// Whether all arguments of a call are written, always or where there are any.
  fileprivate var holdsArguments: Bool {
    switch self {
    case .arguments: true
    case .choice(let branches):
      branches.contains(where: \.isEmpty)
        && branches.contains { $0.contains(where: \.holdsArguments) }
    default: false
    }
  }

  /// Whether it can be told from text.
  fileprivate var isMark: Bool {
    switch self {
    case .literal, .jsonCall, .openCall: true
    case .choice(let branches): branches.contains { $0.contains(where: \.isMark) }
    default: false
    }
  }
}

extension [ResponseGrammar.Node] {
  private static let open = UInt8(ascii: "{")
  private static let close = UInt8(ascii: "}")

  /// A call that is written as a JSON object as any such object, whatever its spacing and order.
  fileprivate var withJSONCall: [ResponseGrammar.Node] {
    if let start = firstIndex(where: { if case .openCall = $0 { true } else { false } }) {
      return replacing(start, prefix: [])
    }
    guard contains(where: \.holdsArguments), contains(where: \.isName) else { return self }
    for (index, node) in enumerated() {
      switch node {
      case .literal(let text, false):
        guard let place = text.firstIndex(of: Self.open) else { continue }
        return replacing(index, prefix: [UInt8](text[..<place]))
      case .arguments: return self
      default: continue
      }
    }
    return self
  }

  /// The nodes from one up to the literal that closes the object, as one object.
  private func replacing(_ start: Int, prefix: [UInt8]) -> [ResponseGrammar.Node] {
    let last = lastIndex { node in
      if case .literal(let text, false) = node { text.contains(Self.close) } else { false }
    }
    guard let last, last > start, case .literal(let tail, _) = self[last],
      let end = tail.lastIndex(of: Self.close)
    else { return self }
    var keys = ResponseGrammar.CallKeys()
    var literal: [UInt8] = []
    for node in self[start...last] { node.collectKeys(&keys, after: &literal) }
    var result = Array(self[..<start])
    if !prefix.isEmpty { result.append(.literal(prefix, isControl: false)) }
    result.append(.jsonCall(keys))
    if end + 1 < tail.count {
      result.append(.literal([UInt8](tail[(end + 1)...]), isControl: false))
    }
    return result + self[(last + 1)...]
  }
}

extension ResponseGrammar.Node {
  /// Notes the keys that the literals before slots end with, and how they are written.
  fileprivate func collectKeys(
    _ keys: inout ResponseGrammar.CallKeys, after literal: inout [UInt8]
  ) {
    switch self {
    case .literal(let text, _):
      literal = text
      keys.usesHTML = keys.usesHTML || text.holds(JSONScan.reference)
    case .text(let slot):
      guard let key = Self.lastKey(literal) else {
        let isKey = slot.target == .callName && literal.last == Self.quote
        keys.isKeyedByName = keys.isKeyedByName || isKey
        return
      }
      switch slot.target {
      case .callName: keys.name.append(key)
      case .callIdentifier: keys.identifier.append(key)
      default: keys.others.append(key)
      }
    case .arguments: if let key = Self.lastKey(literal) { keys.arguments.append(key) }
    case .choice(let branches):
      for branch in branches {
        var text = literal
        for node in branch { node.collectKeys(&keys, after: &text) }
      }
    default: break
    }
  }

  private static let quote = UInt8(ascii: "\"")

  /// The key of a JSON member whose value comes next.
  private static func lastKey(_ literal: [UInt8]) -> ExactString? {
    guard let colon = literal.lastIndex(of: UInt8(ascii: ":")) else { return nil }
    let head = literal[..<colon]
    for mark in [[quote], JSONScan.reference]
    where head.suffix(mark.count).elementsEqual(mark) {
      let end = head.endIndex - mark.count
      guard let start = head[..<end].lastIndex(of: mark[mark.count - 1]) else { continue }
      return ExactString(String(decoding: head[(start + 1)..<end], as: UTF8.self))
    }
    return nil
  }
}
