// SPDX-License-Identifier: Apache-2.0

import TextPrimitives

/// The nodes of a grammar laid out one after the other, with the number of the next at each.
struct ResponseGraph {
  typealias Node = ResponseGrammar.Node
  typealias Action = ResponseProgram.Action

  /// A step of the layout.
  enum Item {
    case byte(UInt8, next: Int)
    case control(Int, next: Int)
    /// White space that the template writes, or may write.
    case space([UInt8], next: Int, isOptional: Bool)
    case text(slot: Int, next: Int)
    case arguments(next: Int)
    case braces(quote: Int, next: Int)
    case call(keys: Int, next: Int)
    case split([Int])
    case action(Action, next: Int)
    /// A turn's end; another may follow.
    case end
    /// The end of the answer.
    case rest
  }

  /// A mark at which reading can go on, wherever it stands.
  struct Landmark {
    var item: Int
    /// The slot whose text it closes.
    var closes: Int?
    /// Whether it stands inside a call, behind the mark that opens it.
    var isInner: Bool
  }

  private(set) var items: [Item] = []
  private(set) var slots: [ResponseGrammar.Slot] = []
  private(set) var keys: [ResponseGrammar.CallKeys] = []
  private(set) var names: [ExactString] = []
  private(set) var landmarks: [Landmark] = []
  /// Where turns start, and where the model starts to write in them.
  private(set) var turns: [Int] = []
  private(set) var starts: [Int] = []
  /// Where the forms start that the definition declares.
  private var answers: [Int] = []
  /// Text that stands for itself, outside all forms.
  private(set) var plainContent = 0
  private(set) var unparsed = 0
  let end: Int
  /// What may come at the end of a turn besides another turn: the tokens that end the answer.
  private(set) var tail = 0
  private let controls: [ExactString]

  init(_ grammar: ResponseGrammar) {
    controls = grammar.controls
    items = [.end]
    end = 0
    answers = grammar.answers.map { answer in
      add(.action(.start, next: lay(answer, next: end, isInCall: false)))
    }
    starts = answers
    for turn in grammar.turns { turns.append(lay(turn, next: end, isInCall: false)) }
    if !grammar.reasoning.isEmpty {
      starts.append(lay(grammar.reasoning, next: end, isInCall: false))
    }
    let content = slots.first { $0.target == .content } ?? .init(target: .content)
    plainContent = add(.text(slot: add(content), next: end))
    unparsed = add(.text(slot: add(.init(target: .unparsed)), next: end))
    let rest = add(.rest)
    let branches = grammar.stops.compactMap { stop -> Int? in
      guard let number = controls.firstIndex(of: stop) else { return nil }
      let mark = add(.action(.mark(ResponseProgram.controlWeight), next: rest))
      let token = add(.control(number, next: add(.action(.stop(number), next: mark))))
      return add(.action(.openStop, next: add(.action(.openMark, next: token))))
    }
    tail = add(.split(branches))
  }

  private mutating func add(_ item: Item) -> Int {
    items.append(item)
    return items.count - 1
  }

  private mutating func add(_ slot: ResponseGrammar.Slot) -> Int {
    slots.append(slot)
    return slots.count - 1
  }

  private mutating func add(name: ExactString) -> Int {
    names.append(name)
    return names.count - 1
  }

  // MARK: Laying out

  /// Lays nodes out from the last to the first.
  private mutating func lay(
    _ nodes: [Node], next: Int, isInCall: Bool, isOptional: Bool = false
  ) -> Int {
    if isOptional, nodes.count == 1, case .literal(let text, false) = nodes[0],
      text.allSatisfy(ResponseMachine.isSpace)
    {
      return add(.space(text, next: next, isOptional: true))
    }
    var place = next
    for (index, node) in nodes.enumerated().reversed() {
      place = lay(node, after: nodes[..<index], next: place, isInCall: isInCall)
    }
    return place
  }

  private mutating func lay(
    _ node: Node, after before: ArraySlice<Node>, next: Int, isInCall: Bool
  ) -> Int {
    switch node {
    case .literal(let text, let isControl):
      return lay(text, isControl, after: before, next: next, isInCall: isInCall)
    case .terminator: return end
    case .text(let slot): return add(.text(slot: add(slot), next: next))
    case .argument(let name, let slot):
      let text = add(.text(slot: add(slot), next: next))
      return add(.action(.argument(add(name: name)), next: text))
    case .named(let name): return add(.action(.name(add(name: name)), next: next))
    case .arguments, .openCall: return add(.arguments(next: next))
    case .braces(let quote):
      guard let number = controls.firstIndex(of: quote) else { return add(.arguments(next: next)) }
      return add(.braces(quote: number, next: next))
    case .identifier(let parts):
      let end = add(.action(.closeIdentifier, next: next))
      return add(.action(.openIdentifier, next: lay(parts, next: end, isInCall: isInCall)))
    case .jsonCall(let callKeys):
      keys.append(callKeys)
      return add(.call(keys: keys.count - 1, next: next))
    case .choice(let branches):
      let isOptional = branches.contains(where: \.isEmpty)
      return add(
        .split(branches.map { lay($0, next: next, isInCall: isInCall, isOptional: isOptional) }))
    case .calls(let body, let separator):
      return loop(body, separator, next: next, isCall: true, isInCall: isInCall)
    case .repeated(let body, let separator):
      return loop(body, separator, next: next, isCall: false, isInCall: isInCall)
    case .start(let isInCall):
      let start = add(.action(.start, next: next))
      starts.append(isInCall ? add(.action(.beginCall, next: start)) : start)
      return isInCall ? start : add(.split(answers + [start]))
    }
  }

  private mutating func loop(
    _ body: [Node], _ separator: [UInt8], next: Int, isCall: Bool, isInCall: Bool
  ) -> Int {
    let again = add(.split([]))
    let after = isCall ? add(.action(.endCall, next: again)) : again
    var once = lay(body, next: after, isInCall: isInCall || isCall)
    if isCall {
      openCalls(at: once)
      once = add(.action(.beginCall, next: once))
    }
    // That another one follows without a separator is the last thing to believe.
    var branches = [next, once]
    if !separator.isEmpty {
      var mark = lay(separator, false, after: [], next: once, isInCall: true)
      if !separator.allSatisfy(ResponseMachine.isSpace) {
        mark = add(.space([UInt8(ascii: " ")], next: mark, isOptional: true))
      }
      branches.insert(mark, at: 0)
    }
    items[again] = .split(branches)
    return add(.split(isCall ? [once, next] : [next, once]))
  }

  /// Has the marks that come first in a call begin one, wherever they stand.
  private mutating func openCalls(at start: Int) {
    var seen: Set<Int> = []
    var waiting = [start]
    while let item = waiting.popLast() {
      guard seen.insert(item).inserted else { continue }
      let marks = landmarks.indices.filter { landmarks[$0].item == item }
      for index in marks {
        landmarks[index].item = add(.action(.beginCall, next: item))
        landmarks[index].isInner = false
      }
      guard marks.isEmpty else { continue }
      switch items[item] {
      case .split(let branches): waiting += branches
      case .action(_, let next), .space(_, let next, _): waiting.append(next)
      default: break
      }
    }
  }

  /// Lays a literal out: white space, a mark, white space.
  private mutating func lay(
    _ text: [UInt8], _ isControl: Bool, after before: ArraySlice<Node>, next: Int, isInCall: Bool
  ) -> Int {
    let spaces = TextScanning.trimmed(text.span, 0..<text.count)
    let core = isControl ? text[...] : text[spaces]
    guard !core.isEmpty else { return add(.space(text, next: next, isOptional: false)) }
    var place = next
    if spaces.upperBound < text.count, !isControl {
      place = add(
        .space([UInt8](text[spaces.upperBound...]), next: place, isOptional: false))
    }
    let weight = isControl ? ResponseProgram.controlWeight : core.count
    place = add(.action(.mark(weight), next: place))
    if isControl, let number = controls.firstIndex(where: { core.elementsEqual($0.utf8) }) {
      place = add(.control(number, next: place))
    } else {
      for byte in core.reversed() { place = add(.byte(byte, next: place)) }
    }
    place = add(.action(.openMark, next: place))
    if isControl || isLandmark(core) { note(place, after: before, isInCall) }
    if spaces.lowerBound > 0, !isControl {
      place = add(
        .space([UInt8](text[..<spaces.lowerBound]), next: place, isOptional: false))
    }
    return place
  }

  /// Whether a literal is a mark wherever it stands: long enough, and no plain word.
  private func isLandmark(_ core: ArraySlice<UInt8>) -> Bool {
    core.count > ResponseProgram.certainMark && core.first.map(Self.mayOpenMark) == true
  }

  /// Whether marks that are no plain words start with a byte.
  static func mayOpenMark(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "<") || byte == UInt8(ascii: "[")
  }

  private mutating func note(_ item: Int, after before: ArraySlice<Node>, _ isInCall: Bool) {
    var mark = Landmark(item: item, isInner: isInCall)
    if let slot = before.lastSlot, slot.target == .reasoning { mark.closes = add(slot) }
    landmarks.append(mark)
  }
}

extension Collection<ResponseGrammar.Node> {
  /// The slot at the end, with nothing but white space behind it.
  fileprivate var lastSlot: ResponseGrammar.Slot? {
    for node in reversed() as [ResponseGrammar.Node] {
      switch node {
      case .literal(let text, false) where text.allSatisfy(ResponseMachine.isSpace): continue
      case .text(let slot): return slot
      case .choice(let branches): return branches.lazy.compactMap(\.lastSlot).first
      default: return nil
      }
    }
    return nil
  }
}
