// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// Matches a turn against a grammar, with a budget, so that no text can hang it.
struct ResponseMatcher {
  typealias Node = ResponseGrammar.Node

  /// What a turn held.
  struct Capture {
    var content: [UInt8] = []
    var reasoning: [UInt8] = []
    var calls: [Call] = []
    /// The name of the argument whose value comes next.
    var argumentName: ExactString?

    struct Call {
      var name = ExactString("")
      var id: ExactString?
      var arguments: JSONValue?
    }
  }

  /// What is still to be matched.
  private indirect enum Rest {
    case end
    case node(Node, then: Rest)
    /// The place after one repetition: another may follow.
    case again(Node, from: Int, then: Rest)
  }

  private let input: [UInt8]
  /// Texts that content and reasoning may not hold.
  private let markers: [[UInt8]]
  /// Whether literals may be missing at the end.
  private let allowsTruncation: Bool
  /// Whether the input may end in the middle of a literal or a JSON value: more is to come.
  private let isPartial: Bool
  private var budget = 20_000

  init(_ input: [UInt8], markers: [[UInt8]], allowsTruncation: Bool, isPartial: Bool = false) {
    self.input = input
    self.markers = markers
    self.allowsTruncation = allowsTruncation
    self.isPartial = isPartial
  }

  /// What a turn holds, or nil where the input is no such turn.
  mutating func match(_ nodes: [Node]) -> Capture? {
    match(Self.rest(nodes, then: .end), at: 0, Capture())
  }

  private static func rest(_ nodes: [Node], then next: Rest) -> Rest {
    nodes.reversed().reduce(next) { .node($1, then: $0) }
  }

  private mutating func match(_ rest: Rest, at place: Int, _ capture: Capture) -> Capture? {
    budget -= 1
    guard budget > 0 else { return nil }
    switch rest {
    case .end: return place == input.count ? capture : nil
    case .again(let node, let start, let next):
      // A repetition that took nothing would go on for ever.
      guard place > start else { return nil }
      return matchAgain(node, next, at: place, capture)
    case .node(let node, let next):
      switch node {
      case .literal(let text): return matchLiteral(text, next, at: place, capture)
      case .text(let target): return matchText(target, next, at: place, capture)
      case .named(let name):
        var named = capture
        named.withCall { $0.name = name }
        return match(next, at: place, named)
      case .argument(let name):
        var named = capture
        named.argumentName = name
        return matchText(.argumentValue, next, at: place, named)
      case .arguments: return matchArguments(next, at: place, capture)
      case .jsonCall, .openCall: return matchCall(next, at: place, capture)
      case .choice(let branches):
        for branch in branches {
          if let found = match(Self.rest(branch, then: next), at: place, capture) { return found }
        }
        return nil
      case .calls(let body, _):
        var started = capture
        started.calls.append(.init())
        let once = Self.rest(body, then: .again(node, from: place, then: next))
        return match(once, at: place, started) ?? match(next, at: place, capture)
      case .repeated(let body, _):
        let once = Self.rest(body, then: .again(node, from: place, then: next))
        return match(once, at: place, capture) ?? match(next, at: place, capture)
      }
    }
  }

  private mutating func matchAgain(_ node: Node, _ next: Rest, at place: Int, _ capture: Capture)
    -> Capture?
  {
    let (body, separator, isCall): ([Node], [UInt8], Bool)
    switch node {
    case .calls(let nodes, let text): (body, separator, isCall) = (nodes, text, true)
    case .repeated(let nodes, let text): (body, separator, isCall) = (nodes, text, false)
    default: return nil
    }
    if isCall, capture.calls.last?.name.isEmpty ?? true { return nil }
    if place < input.count, starts(with: separator, at: place) {
      var started = capture
      if isCall { started.calls.append(.init()) }
      let once = Self.rest(body, then: .again(node, from: place, then: next))
      if let found = match(once, at: place + separator.count, started) { return found }
    }
    return match(next, at: place, capture)
  }

  private func starts(with text: [UInt8], at place: Int) -> Bool {
    place + text.count <= input.count && input[place..<place + text.count].elementsEqual(text)
  }

  /// Whether the input ends with a beginning of a text.
  private func startsPartly(with text: [UInt8], at place: Int) -> Bool {
    let left = input.count - place
    return left < text.count && input[place...].elementsEqual(text[..<left])
  }

  private mutating func matchLiteral(
    _ text: [UInt8], _ next: Rest, at place: Int, _ capture: Capture
  ) -> Capture? {
    if starts(with: text, at: place),
      let found = match(next, at: place + text.count, capture)
    {
      return found
    }
    // A turn that stops early lacks literals and nothing else.
    if allowsTruncation, place == input.count { return match(next, at: place, capture) }
    if isPartial, startsPartly(with: text, at: place) { return capture }
    // Models vary white space between marks.
    guard text.allSatisfy(Self.isSpace) else { return nil }
    var end = place
    while end < input.count, Self.isSpace(input[end]) { end += 1 }
    return match(next, at: end, capture)
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A }

  // MARK: Slots

  private mutating func matchText(
    _ target: ResponseGrammar.Target, _ next: Rest, at place: Int, _ capture: Capture
  ) -> Capture? {
    let (firsts, mayEnd) = Self.firsts(of: next)
    var end = place
    while end < input.count {
      let mayFollow = firsts.contains { first in
        starts(with: first, at: end) || (isPartial && startsPartly(with: first, at: end))
      }
      if mayFollow,
        let found = match(next, at: end, capture.adding(input[place..<end], as: target))
      {
        return found
      }
      if markers.contains(where: { starts(with: $0, at: end) }) { return nil }
      end += 1
      guard budget > 0 else { return nil }
    }
    guard mayEnd || allowsTruncation && Self.isOpenEnded(target) else { return nil }
    return match(next, at: end, capture.adding(input[place..<end], as: target))
  }

  /// Content and reasoning may be cut short; a name may not.
  private static func isOpenEnded(_ target: ResponseGrammar.Target) -> Bool {
    switch target {
    case .content, .reasoning: true
    default: false
    }
  }

  /// The literals that can come next, and whether nothing may.
  private static func firsts(of rest: Rest) -> ([[UInt8]], Bool) {
    switch rest {
    case .end: return ([], true)
    case .again(let node, _, let next):
      let (after, mayEnd) = firsts(of: next)
      var found = after
      switch node {
      case .calls(let body, let separator), .repeated(let body, let separator):
        found += separator.isEmpty ? firsts(of: self.rest(body, then: .end)).0 : [separator]
      default: break
      }
      return (found, mayEnd)
    case .node(let node, let next):
      switch node {
      case .literal(let text):
        return text.isEmpty ? firsts(of: next) : ([text], false)
      case .choice(let branches):
        return branches.reduce(into: ([], false)) { result, branch in
          let (found, mayEnd) = firsts(of: self.rest(branch, then: next))
          result = (result.0 + found, result.1 || mayEnd)
        }
      case .calls(let body, _), .repeated(let body, _):
        let inner = firsts(of: self.rest(body, then: .end)).0
        let (found, mayEnd) = firsts(of: next)
        return (inner + found, mayEnd)
      case .arguments, .jsonCall, .openCall: return ([[UInt8(ascii: "{")]], false)
      case .named: return firsts(of: next)
      case .text, .argument: return ([], true)
      }
    }
  }

  private mutating func matchArguments(_ next: Rest, at place: Int, _ capture: Capture)
    -> Capture?
  {
    guard let (value, end) = json(at: place) else { return isPartial ? capture : nil }
    var capture = capture
    capture.withCall { $0.arguments = value }
    return match(next, at: end, capture)
  }

  private mutating func matchCall(_ next: Rest, at place: Int, _ capture: Capture) -> Capture? {
    guard let (value, end) = json(at: place) else {
      let isOpen = place < input.count && input[place] == UInt8(ascii: "{")
      return isPartial && isOpen ? capture : nil
    }
    guard let object = value.object, let name = object["name"]?.string else { return nil }
    var capture = capture
    capture.withCall { call in
      call.name = name
      call.arguments = object["arguments"] ?? object["parameters"] ?? .object([:])
      call.id = object["id"]?.string ?? call.id
    }
    return match(next, at: end, capture)
  }

  /// The JSON value that starts at a place, and where it ends.
  private func json(at place: Int) -> (JSONValue, Int)? {
    guard place < input.count,
      [UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "\"")].contains(input[place])
    else { return nil }
    var depth = 0
    var isInString = false
    var isEscaped = false
    for end in place..<input.count {
      let byte = input[end]
      if isInString {
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
          isInString = false
        }
      } else if byte == UInt8(ascii: "\"") {
        isInString = true
      } else if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") {
        depth += 1
      } else if byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") {
        depth -= 1
      }
      guard depth == 0, !isInString else { continue }
      guard let value = try? JSONValue(parsing: Array(input[place...end])) else { return nil }
      return (value, end + 1)
    }
    return nil
  }
}

extension ResponseMatcher.Capture {
  fileprivate mutating func withCall(_ change: (inout Call) -> Void) {
    if calls.isEmpty { calls.append(Call()) }
    change(&calls[calls.count - 1])
  }

  fileprivate func adding(_ bytes: ArraySlice<UInt8>, as target: ResponseGrammar.Target)
    -> ResponseMatcher.Capture
  {
    var copy = self
    let text = ExactString(String(decoding: bytes, as: UTF8.self))
    switch target {
    case .content: copy.content += bytes
    case .reasoning: copy.reasoning += bytes
    case .callName: copy.withCall { $0.name = text.unquoted }
    case .callIdentifier: copy.withCall { $0.id = text.unquoted }
    case .argumentName: copy.argumentName = text
    case .argumentValue:
      guard let name = argumentName else { return copy }
      copy.withCall { call in
        var object = call.arguments?.object ?? [:]
        object[name] = .string(text)
        call.arguments = .object(object)
      }
    case .ignored: break
    }
    return copy
  }
}

extension ExactString {
  /// The text of a JSON string, or this text where it is none.
  fileprivate var unquoted: ExactString {
    guard utf8.first == UInt8(ascii: "\""), let value = try? JSONValue(parsing: string) else {
      return self
    }
    return value.string ?? self
  }
}
