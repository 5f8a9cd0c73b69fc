// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// What an assistant's turn may look like, read off the turns of a definition.
///
/// Conditions become choices and repetitions stay repetitions, so that the grammar accepts every
/// turn that the template can write.
struct ResponseGrammar: Sendable {
  /// What a slot's text is in a message.
  enum Target: Sendable {
    case content, reasoning
    case callName, callIdentifier, argumentName
    /// The value of a named argument; text, or JSON by the tool's schema.
    case argumentValue
    /// Something that is not part of the message.
    case ignored
  }

  indirect enum Node: Sendable {
    case literal([UInt8])
    /// Text up to what follows.
    case text(Target)
    /// The value of an argument whose name the template knows.
    case argument(ExactString)
    /// The call's name, where the form tells it without writing it.
    case named(ExactString)
    /// All arguments of a call as one JSON value.
    case arguments
    /// The start of a call's JSON object, which other nodes complete.
    case openCall
    /// A call as one JSON object with `name` and `arguments` or `parameters`.
    case jsonCall
    case choice([[Node]])
    /// A body repeated, maybe never, with a separator; each repetition starts a call.
    case calls([Node], separator: [UInt8])
    /// A body repeated inside a call.
    case repeated([Node], separator: [UInt8])
  }

  /// The turns that an assistant can write, those with calls first.
  let turns: [[Node]]
  /// The control tokens of those turns: text that holds one is a marker misread.
  let markers: [[UInt8]]
  /// The tokens that end a turn.
  let stops: [[UInt8]]

  init(_ definition: TemplateDefinition) {
    var found: [(nodes: [Node], hasCalls: Bool)] = []
    for turn in definition.turns {
      if let roles = turn.roles, !roles.contains(Role.assistant.rawValue) { continue }
      guard turn.body.contains(where: \.isGenerated) else { continue }
      var builder = Builder(bos: definition.bos, eos: definition.eos)
      let nodes = builder.nodes(turn.body)
      found.append((nodes, builder.hasCalls))
    }
    let tokens = definition.controlTokens + [definition.eos].compactMap(\.self)
    markers = tokens.map { Array($0.utf8) }
    stops = definition.stop.map { Array($0.utf8) }
    turns = found.filter(\.hasCalls).map(\.nodes) + found.filter { !$0.hasCalls }.map(\.nodes)
  }
}

extension Segment {
  /// Whether the model writes a part of it.
  fileprivate var isGenerated: Bool {
    switch self {
    case .generated: true
    case .choice(_, let then, let otherwise):
      then.contains(where: \.isGenerated) || otherwise.contains(where: \.isGenerated)
    case .each(let each): each.body.contains(where: \.isGenerated)
    case .trimmed(let parts), .block(_, let parts): parts.contains(where: \.isGenerated)
    default: false
    }
  }
}

extension ResponseGrammar {
  /// Turns segments into nodes.
  private struct Builder {
    let bos: ExactString?
    let eos: ExactString?
    var hasCalls = false
    /// How many repetitions over calls are open; inside, members are a call's.
    private var callVariable: Int?

    init(bos: ExactString?, eos: ExactString?) {
      self.bos = bos
      self.eos = eos
    }

    mutating func nodes(_ segments: [Segment]) -> [Node] {
      segments.flatMap { node($0) }
    }

    private mutating func node(_ segment: Segment) -> [Node] {
      switch segment {
      case .literal(let literal): return [.literal(literal.text)]
      case .token(let token, _):
        let text = token == .bos ? bos : eos
        return text.map { [.literal(Array($0.utf8))] } ?? []
      case .slot(let operand): return slot(operand)
      case .choice(let condition, let then, let otherwise):
        var branches = [nodes(then), nodes(otherwise)]
        if let name = calledName(condition) { branches[0].insert(.named(name), at: 0) }
        // What writes nothing is tried last.
        if branches[0].isEmpty { branches.reverse() }
        // Within a call, what starts with a mark is tried before what starts with any text.
        if callVariable != nil, !branches[0].startsWithMark, branches[1].startsWithMark {
          branches.reverse()
        }
        return branches.allSatisfy(\.isEmpty) ? [] : [.choice(branches)]
      case .each(let each): return repetition(each)
      case .generated(let parts), .trimmed(let parts), .block(_, let parts): return nodes(parts)
      case .date, .number: return [.text(.ignored)]
      case .split, .refusal, .following: return []
      }
    }

    /// The name that a condition asks of a call.
    private func calledName(_ condition: Condition) -> ExactString? {
      guard callVariable != nil, case .equals(let operand, .string(let name)) = condition,
        operand.path.lastName == "name"
      else { return nil }
      return name
    }

    private mutating func repetition(_ each: Segment.Each) -> [Node] {
      let separator = each.separator?.text ?? []
      // Models write text, never a list of parts.
      if case .message = each.list.path.root, each.list.path.text == "content" { return [] }
      guard case .message = each.list.path.root, each.list.path.text == "tool_calls" else {
        return [.repeated(nodes(each.body), separator: separator)]
      }
      hasCalls = true
      let outer = callVariable
      callVariable = each.variable
      defer { callVariable = outer }
      let body = nodes(each.body)
      return [.calls(body.withJSONCall, separator: separator)]
    }

    private mutating func slot(_ operand: Operand) -> [Node] {
      let path = operand.path
      switch path.root {
      case .thought: return [.text(.reasoning)]
      case .answer: return [.text(.content)]
      case .message: return messageSlot(path, operand)
      case .key: return [.text(.argumentName)]
      case .variable(let variable):
        return variable == callVariable ? callSlot(path.lastName, operand) : [.text(.argumentValue)]
      default: return [.text(.ignored)]
      }
    }

    private mutating func messageSlot(_ path: ValuePath, _ operand: Operand) -> [Node] {
      guard case .member(let field)? = path.steps.first else { return [.text(.ignored)] }
      switch field {
      case "role": return [.literal(Array(Role.assistant.rawValue.utf8))]
      case "content": return [.text(.content)]
      case "reasoning_content", "thinking", "reasoning": return [.text(.reasoning)]
      case "tool_calls":
        hasCalls = true
        return callSlot(path.lastName, operand)
      default: return [.text(.ignored)]
      }
    }

    private func callSlot(_ name: ExactString?, _ operand: Operand) -> [Node] {
      if case .openJSON = operand.conversion { return [.openCall] }
      return switch name {
      case "name": [.text(.callName)]
      case "id": [.text(.callIdentifier)]
      case "arguments": [.arguments]
      case "function": [.jsonCall]
      case .some(let name) where operand.path.steps.count > 1: [.argument(name)]
      default: [.text(.ignored)]
      }
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

extension [ResponseGrammar.Node] {
  /// Whether a literal or a JSON value comes first, in one of the branches at least.
  fileprivate var startsWithMark: Bool {
    for node in self {
      switch node {
      case .named: continue
      case .literal, .arguments, .jsonCall, .openCall: return true
      case .choice(let branches): return branches.contains(where: \.startsWithMark)
      default: return false
      }
    }
    return false
  }

  /// A call that is written as a JSON object also as any JSON object, whatever its spacing.
  fileprivate var withJSONCall: [ResponseGrammar.Node] {
    let brace = UInt8(ascii: "{")
    let end = UInt8(ascii: "}")
    if let open = firstIndex(where: { if case .openCall = $0 { true } else { false } }) {
      return completingCall(from: open)
    }
    guard
      let first = firstIndex(where: {
        if case .literal(let text) = $0 { text.contains(brace) } else { false }
      }),
      let last = lastIndex(where: {
        if case .literal(let text) = $0 { text.contains(end) } else { false }
      }),
      first < last, case .literal(let head) = self[first], case .literal(let tail) = self[last],
      let open = head.firstIndex(of: brace), let close = tail.lastIndex(of: end)
    else { return self }
    var loose = Array(self[..<first])
    if open > 0 { loose.append(.literal([UInt8](head[..<open]))) }
    loose.append(.jsonCall)
    if close + 1 < tail.count { loose.append(.literal([UInt8](tail[(close + 1)...]))) }
    loose += self[(last + 1)...]
    return [.choice([self, loose])]
  }

  /// A call whose object is left open and completed by literals, as one object.
  private func completingCall(from open: Int) -> [ResponseGrammar.Node] {
    var result = Array(self[..<open]) + [.jsonCall]
    let end = UInt8(ascii: "}")
    guard
      let last = lastIndex(where: {
        if case .literal(let text) = $0 { text.contains(end) } else { false }
      }), last > open, case .literal(let tail) = self[last],
      let close = tail.lastIndex(of: end)
    else { return result }
    if close + 1 < tail.count { result.append(.literal([UInt8](tail[(close + 1)...]))) }
    return result + self[(last + 1)...]
  }
}
