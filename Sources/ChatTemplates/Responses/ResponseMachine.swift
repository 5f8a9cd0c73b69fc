// SPDX-License-Identifier: Apache-2.0

import TextPrimitives

/// Runs a program over an answer: all readings at once, in order of preference.
///
/// Readings that come to the same state are one, and there are no more states than the family has
/// marks, so the time is linear in the answer, whatever it holds.
struct ResponseMachine: Sendable {
  typealias Arrival = ResponseProgram.Arrival

  /// What is read in one step.
  enum Symbol { case byte(UInt8), control(Int) }

  /// One reading of what has come so far.
  struct Reading: Sendable {
    var state: Int
    /// The last entry of its log; -1 is none.
    var log = -1
    /// Where the open text or JSON value starts.
    var start = 0
    /// Where the marks since the last text started, and how many bytes they have.
    var markStart = 0
    var markLength = 0
    /// Where the last of them ended, or the text before.
    var markEnd = 0
    /// Whether it has come to where the model writes.
    var hasStarted = false
    /// Whether the call that is open has a name.
    var isNamed = false
    /// How many bytes of marks have said that this is no plain text.
    var trust = 0
    /// Whether any other way to the state is preferred.
    var isLate = false
    var scan = JSONScan()
    var braces = BraceScan()
    /// Where the text starts that identifies the call.
    var identifierStart = 0
  }

  let program: ResponseProgram
  /// Names of the tools; a call without a mark must be of one of them.
  let toolNames: [ExactString]
  /// The control tokens that come as such, never spelled.
  let tokenized: [Bool]
  private(set) var input: [UInt8] = []
  var log = ResponseLog()
  private(set) var readings: [Reading] = []
  /// Whether control tokens are recognized by their spelling.
  var readsSpelling = true

  /// The readings behind the step that is being taken, those that are preferred least apart.
  var next: [Reading] = []
  var late: [Reading] = []
  /// The step in which a state was last reached.
  var visited: [Int]
  private(set) var step = 0
  /// Where the latest mark started that says for certain what it is.
  var commitment = -1

  init(_ program: ResponseProgram, toolNames: [ExactString], tokenized: Set<ExactString>) {
    self.program = program
    self.toolNames = toolNames
    self.tokenized = program.controls.map(tokenized.contains)
    visited = Array(repeating: -1, count: program.states.count)
    restart(atTurn: true)
  }

  /// Begins anew, where the model writes, or with a turn's header.
  mutating func restart(atTurn: Bool) {
    input = []
    log = ResponseLog()
    step += 1
    next = []
    enter(atTurn ? program.turnStart : program.modelStart, from: Reading(state: 0), at: 0)
    addLate()
    readings = next
  }

  // MARK: Reading

  /// Takes text.
  mutating func read(_ bytes: [UInt8]) {
    var place = 0
    while place < bytes.count {
      let plain = plainCount(bytes, from: place)
      if plain > 0 {
        input += bytes[place..<place + plain]
        place += plain
      } else {
        advance(.byte(bytes[place]))
        place += 1
      }
    }
  }

  /// Takes a control token.
  mutating func read(control name: ExactString) {
    guard let number = program.controls.firstIndex(of: name) else {
      read(Array(name.utf8))
      return
    }
    advance(.control(number))
  }

  /// How many bytes change nothing: all readings are in texts, or in strings of values, that go on.
  private func plainCount(_ bytes: [UInt8], from place: Int) -> Int {
    var ends = ByteSet()
    for index in readings.indices where !addEnds(of: index, to: &ends) { return 0 }
    var end = place
    while end < bytes.count, !ends.contains(bytes[end]) { end += 1 }
    return end - place
  }

  /// Adds the bytes that change something for a reading; false where any byte may.
  private func addEnds(of index: Int, to ends: inout ByteSet) -> Bool {
    let state = program.states[readings[index].state]
    switch state.kind {
    case .text(let slot):
      guard readings[index].accepts(program.targets[slot]) else { return false }
    case .arguments, .call:
      guard let quote = readings[index].scan.plainQuote else { return false }
      ends.insert(quote)
      ends.insert(JSONScan.escape)
    case .braces(let quote):
      guard readings[index].braces.isInText, let last = program.controlBytes[quote].last else {
        return false
      }
      ends.insert(last)
    case .rest: break
    default: return false
    }
    ends.formUnion(state.firstBytes)
    return true
  }

  private mutating func advance(_ symbol: Symbol) {
    let offset = input.count
    switch symbol {
    case .byte(let byte): input.append(byte)
    case .control(let number): input += program.controlBytes[number]
    }
    step += 1
    commitment = -1
    next.removeAll(keepingCapacity: true)
    for index in readings.indices { advance(readings[index], symbol, at: offset) }
    addLate()
    if next.isEmpty { rescue(symbol, at: offset) }
    if commitment >= 0 { commit() }
    swap(&readings, &next)
    var last = -1
    for index in readings.indices { last = max(last, readings[index].log) }
    if !readings.isEmpty { log.forget(after: last) }
    if log.isCrowded { collectLog() }
  }

  private mutating func collectLog() {
    var numbers = readings.map(\.log)
    log.collect(&numbers)
    for index in readings.indices { readings[index].log = numbers[index] }
  }

  mutating func advance(_ reading: Reading, _ symbol: Symbol, at offset: Int) {
    let state = program.states[reading.state]
    switch (state.kind, symbol) {
    case (.byte(let wanted), .byte(let byte)):
      if byte == wanted { enter(state.next, from: reading, at: input.count) }
    case (.control(let wanted), .control(let found)):
      if found == wanted { enter(state.next, from: reading, at: input.count) }
    case (.control(let wanted), .byte(let byte)):
      if matches(wanted, byte) { enter(state.spelled, from: reading, at: input.count) }
    case (.space, .byte(let byte)) where Self.isSpace(byte): keep(reading)
    case (.space, _): leave(reading, state, symbol, at: offset)
    case (.text(let slot), _):
      leave(reading, state, symbol, at: offset)
      if mayHold(symbol, program.targets[slot], reading) { keep(reading) }
    case (.arguments, _), (.call, _): advance(value: reading, state, symbol, at: offset)
    case (.braces(let quote), _):
      advance(braces: reading, state, quote: quote, symbol, at: offset)
    case (.rest, _): keep(reading)
    default: break
    }
  }

  func matches(_ control: Int, _ byte: UInt8) -> Bool {
    program.controlBytes[control].first == byte && readsSpelling && !tokenized[control]
  }

  private func mayHold(
    _ symbol: Symbol, _ target: ResponseGrammar.Slot.Target, _ reading: Reading
  ) -> Bool {
    guard case .byte(let byte) = symbol else { return target == .unparsed }
    return reading.accepts(target) || Self.isNameByte(byte)
  }

  /// Takes a symbol as the first of what comes after a text.
  mutating func leave(
    _ reading: Reading, _ state: ResponseProgram.State, _ symbol: Symbol, at offset: Int
  ) {
    if case .byte(let byte) = symbol, !state.firstBytes.contains(byte) { return }
    for index in state.next {
      let arrival = program.arrivals[index]
      guard mayStart(arrival.state, symbol), reading.mayTake(arrival) else { continue }
      let count = next.count
      advance(follow(arrival, from: reading, at: offset), symbol, at: offset)
      if arrival.isLate { postpone(from: count) }
    }
  }

  func mayStart(_ state: Int, _ symbol: Symbol) -> Bool {
    switch (program.states[state].kind, symbol) {
    case (.byte(let wanted), .byte(let byte)): byte == wanted
    case (.control(let wanted), .byte(let byte)): matches(wanted, byte)
    case (.control(let wanted), .control(let found)): wanted == found
    case (.arguments, .byte(let byte)): JSONScan.opening.contains(byte)
    case (.call, .byte(let byte)), (.braces, .byte(let byte)): byte == JSONScan.openBrace
    default: false
    }
  }

  static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
  }

  /// Whether a name may hold a byte, where nothing else says that it is one.
  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
    default: byte >= 0x80
    }
  }
}

extension ResponseMachine.Reading {
  /// Whether any byte may stand in a text: a name must look like one unless marks announce it.
  fileprivate func accepts(_ target: ResponseGrammar.Slot.Target) -> Bool {
    switch target {
    case .content, .reasoning, .unparsed, .ignored, .counter: true
    case .callName, .callIdentifier, .argumentName, .argumentValue:
      trust >= ResponseProgram.certainMark
    }
  }

  /// Whether it may go on so: short marks alone, such as a bracket, are no form that could end.
  func mayTake(_ arrival: ResponseProgram.Arrival) -> Bool {
    trust == 0 || trust >= ResponseProgram.certainMark || !arrival.isStop
  }
}
