// SPDX-License-Identifier: Apache-2.0

import TextPrimitives

/// Makes the states of a program: for each step of a graph that waits for something, what may
/// come next, with all that lies between already walked through.
struct ResponseCompiler {
  typealias Action = ResponseProgram.Action

  /// A state that can be next, with what is noted on the way.
  struct Arrival {
    var state: Int
    var actions: [Action]
    /// Whether any other way to the state is preferred.
    var isLate = false
  }

  /// A state with what may come next; ``ResponseProgram/State`` tells more.
  struct State {
    var kind: ResponseProgram.Kind
    var next: [Arrival] = []
    var spelled: [Arrival] = []
    var firstBytes = ByteSet()
    var mayEnd = false
  }

  /// Where a walk comes from, which tells what white space may be passed over.
  private enum Mode: Hashable {
    /// From a mark or a start: white space is the template's, or less.
    case exact
    /// From text: white space that the template writes before the next mark.
    case afterText
    /// Through white space that the template does not write: to marks alone.
    case skipped
  }

  /// What a state was made for.
  private enum Key: Hashable {
    case item(Int)
    /// The rest of a control token or of white space, from a byte on.
    case spelling(Int, Int)
    case leading(Int, Int)
    case trailing(Int, Int)
    case skipping(Int)
    case origin, rescue
  }

  private(set) var graph: ResponseGraph
  private(set) var states: [State] = []
  private(set) var turnStart: [Arrival] = []
  private(set) var modelStart: [Arrival] = []
  private(set) var rescue = 0
  private let controls: [[UInt8]]
  private var numbers: [Key: Int] = [:]
  private var unfinished: [(state: Int, key: Key)] = []

  init(_ grammar: ResponseGrammar) {
    graph = ResponseGraph(grammar)
    controls = grammar.controls.map { Array($0.utf8) }
  }

  mutating func compile() {
    // The first state stands for what has not begun.
    _ = state(.origin, .end)
    turnStart = starts(graph.turns)
    modelStart = starts(graph.starts)
    rescue = state(.rescue, .text(slotNumber(graph.unparsed)))
    while let (number, key) = unfinished.popLast() { finish(number, key) }
    for number in states.indices { findFirstBytes(number) }
  }

  private func slotNumber(_ item: Int) -> Int {
    if case .text(let slot, _) = graph.items[item] { slot } else { 0 }
  }

  private mutating func starts(_ items: [Int]) -> [Arrival] {
    var walk = Walk()
    for item in items { collect(item, .exact, [], &walk) }
    for item in items { walk.found.append(skip(to: item, [])) }
    collect(graph.plainContent, .exact, [], &walk, isAgain: true)
    return arrivals(&walk)
  }

  // MARK: States

  private mutating func state(_ key: Key, _ kind: ResponseProgram.Kind) -> Int {
    if let number = numbers[key] { return number }
    states.append(State(kind: kind))
    numbers[key] = states.count - 1
    unfinished.append((states.count - 1, key))
    return states.count - 1
  }

  private mutating func skip(to item: Int, _ actions: [Action]) -> Arrival {
    Arrival(state: state(.skipping(item), .space), actions: actions)
  }

  private mutating func finish(_ number: Int, _ key: Key) {
    switch key {
    case .item(let item): finish(number, item)
    case .spelling(let item, let place):
      guard case .control(let control, let next) = graph.items[item] else { return }
      states[number].next = spelled(control, item, next, from: place + 1)
    case .leading(let item, let place):
      guard case .space(let text, let next, let isOptional) = graph.items[item] else { return }
      var walk = Walk()
      collect(next, .exact, [], &walk)
      states[number].next = arrivals(&walk)
      guard place + 1 < text.count else { return }
      if isOptional {
        // A part of what need not be there says nothing.
        for index in states[number].next.indices { states[number].next[index].isLate = true }
      }
      states[number].next.insert(space(.leading(item, place + 1), text[place + 1]), at: 0)
    case .trailing(let item, let place):
      guard case .space(let text, let next, _) = graph.items[item] else { return }
      if place + 1 < text.count {
        states[number].next = [space(.trailing(item, place + 1), text[place + 1])]
      } else {
        states[number].next = walk(from: next, .afterText)
      }
    case .skipping(let item):
      var walk = Walk()
      collect(item, .skipped, [], &walk)
      addLandmarks(&walk)
      states[number].next = arrivals(&walk)
    case .origin: break
    case .rescue:
      var walk = Walk()
      for mark in graph.landmarks { collect(mark.item, .afterText, [], &walk) }
      collect(graph.tail, .afterText, [], &walk)
      states[number].next = arrivals(&walk)
    }
  }

  private mutating func finish(_ number: Int, _ item: Int) {
    switch graph.items[item] {
    case .byte(_, let next): states[number].next = walk(from: next, .exact)
    case .control(let control, let next):
      states[number].next = walk(from: next, .exact)
      states[number].spelled = spelled(control, item, next, from: 1)
    case .text(let slot, let next):
      var walk = Walk()
      collect(next, .afterText, [], &walk)
      if graph.slots[slot].target != .ignored { addLandmarks(&walk) }
      states[number].next = arrivals(&walk)
    case .arguments(let next), .call(_, let next), .braces(_, let next):
      var walk = Walk()
      collect(next, .exact, [], &walk)
      walk.found.append(skip(to: next, []))
      addLandmarks(&walk)
      states[number].next = arrivals(&walk)
    default: break
    }
  }

  /// Marks that may stand anywhere, since models misplace them, and what ends the answer.
  private mutating func addLandmarks(_ walk: inout Walk) {
    let count = walk.found.count
    for mark in graph.landmarks where !mark.isInner {
      collect(mark.item, .afterText, mark.closes.map { [.closes($0)] } ?? [], &walk)
    }
    for index in count..<walk.found.count { walk.found[index].isLate = true }
    collect(graph.tail, .afterText, [], &walk)
  }

  private mutating func spelled(_ control: Int, _ item: Int, _ next: Int, from place: Int)
    -> [Arrival]
  {
    let text = controls[control]
    guard place < text.count else { return walk(from: next, .exact) }
    return [
      Arrival(state: state(.spelling(item, place), .byte(text[place])), actions: [])
    ]
  }

  private mutating func space(_ key: Key, _ byte: UInt8) -> Arrival {
    Arrival(state: state(key, .byte(byte)), actions: [])
  }

  // MARK: Walks

  /// What a walk has found.
  private struct Walk {
    var found: [Arrival] = []
    /// What is preferred least.
    var last: [Arrival] = []
    var seen: Set<Int> = []
    /// How the end of a turn was reached, behind which another may start.
    var end: (mode: Mode, actions: [Action])?
  }

  /// What a walk has found, with the turns that may follow where it came to an end.
  private mutating func arrivals(_ walk: inout Walk) -> [Arrival] {
    if let (mode, actions) = walk.end {
      for start in graph.turns + graph.starts {
        collect(start, mode, actions, &walk, isAgain: true)
      }
      collect(graph.plainContent, mode, actions, &walk, isAgain: true)
    }
    return walk.found + walk.last
  }

  private mutating func walk(from item: Int, _ mode: Mode) -> [Arrival] {
    var walk = Walk()
    collect(item, mode, [], &walk)
    return arrivals(&walk)
  }

  private mutating func collect(
    _ item: Int, _ mode: Mode, _ actions: [Action], _ walk: inout Walk, isAgain: Bool = false
  ) {
    guard walk.seen.insert(item).inserted else { return }
    switch graph.items[item] {
    case .byte(let byte, _):
      // Where nothing has ended a turn, a word of the next one's could stand in any text.
      guard !isAgain || ResponseGraph.mayOpenMark(byte) else { return }
      walk.found.append(arrival(item, .byte(byte), actions))
    case .control(let number, _): walk.found.append(arrival(item, .control(number), actions))
    case .text(let slot, let next):
      guard mode != .skipped else { return }
      // Nothing tells two texts apart that touch: the second is empty.
      guard mode != .afterText else {
        collect(next, mode, actions, &walk, isAgain: isAgain)
        return
      }
      var text = arrival(item, .text(slot), actions)
      text.isLate = isAgain
      if isAgain { walk.last.append(text) } else { walk.found.append(text) }
    case .arguments: walk.found.append(arrival(item, .arguments, actions))
    case .braces(let quote, _):
      walk.found.append(arrival(item, .braces(quote: quote), actions))
    case .call(let keys, _): walk.found.append(arrival(item, .call(keys), actions))
    case .rest: walk.found.append(arrival(item, .rest, actions))
    case .split(let branches):
      for branch in branches { collect(branch, mode, actions, &walk, isAgain: isAgain) }
    case .action(let action, let next):
      collect(next, mode, actions + [action], &walk, isAgain: isAgain)
      if case .mark = action { walk.found.append(skip(to: next, actions + [action])) }
    case .space(let text, let next, _):
      collect(space: item, text, next, mode, actions, &walk, isAgain)
    case .end:
      walk.found.append(arrival(item, .end, actions))
      collect(graph.tail, mode, actions, &walk)
      if mode != .afterText, walk.end == nil { walk.end = (mode, actions) }
    }
  }

  private mutating func collect(
    space item: Int, _ text: [UInt8], _ next: Int, _ mode: Mode, _ actions: [Action],
    _ walk: inout Walk, _ isAgain: Bool
  ) {
    switch mode {
    case .exact:
      var first = space(.leading(item, 0), text[0])
      first.actions = actions
      walk.found.append(first)
    case .afterText:
      for place in text.indices {
        var entry = space(.trailing(item, place), text[place])
        entry.actions = actions
        walk.found.append(entry)
      }
    case .skipped: break
    }
    collect(next, mode, actions, &walk, isAgain: isAgain)
  }

  private mutating func arrival(_ item: Int, _ kind: ResponseProgram.Kind, _ actions: [Action])
    -> Arrival
  {
    Arrival(state: state(.item(item), kind), actions: actions)
  }

  // MARK: First bytes

  private mutating func findFirstBytes(_ number: Int) {
    var isJSON = false
    switch states[number].kind {
    case .text, .space: break
    case .arguments, .call, .braces: isJSON = true
    default: return
    }
    // The last word counts where several states begin with one byte.
    var isFirst = [Bool](repeating: false, count: 256)
    for arrival in states[number].next {
      switch states[arrival.state].kind {
      case .byte(let byte): isFirst[Int(byte)] = !isJSON || !JSONScan.isOwn(byte)
      case .control(let control):
        if let byte = controls[control].first { isFirst[Int(byte)] = true }
      case .arguments: for byte in JSONScan.opening { isFirst[Int(byte)] = !isJSON }
      case .call, .braces: isFirst[Int(JSONScan.openBrace)] = !isJSON
      case .end: states[number].mayEnd = !isJSON
      case .text, .space, .rest: break
      }
    }
    for byte in isFirst.indices where isFirst[byte] {
      states[number].firstBytes.insert(UInt8(byte))
    }
  }
}
