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
    /// How many bytes of marks have said that this is no plain text.
    var trust = 0
    /// Whether any other way to the state is preferred.
    var isLate = false
    var scan = JSONScan()
  }

  let program: ResponseProgram
  /// Names of the tools; a call without a mark must be of one of them.
  let toolNames: [ExactString]
  /// The control tokens that come as such, never spelled.
  let tokenized: [Bool]
  private(set) var input: [UInt8] = []
  private(set) var log = ResponseLog()
  private(set) var readings: [Reading] = []
  /// Whether control tokens are recognized by their spelling.
  var readsSpelling = true

  private var next: [Reading] = []
  private var late: [Reading] = []
  private var visited: [Int]
  private var step = 0
  /// Where the latest mark started that says for certain what it is.
  private var commitment = -1

  init(_ program: ResponseProgram, toolNames: [ExactString], tokenized: Set<ExactString>) {
    self.program = program
    self.toolNames = toolNames
    self.tokenized = program.controls.map(tokenized.contains)
    visited = Array(repeating: -1, count: program.states.count)
    restart(atTurn: true)
  }

  /// Begins anew, at a turn's header or behind it.
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
        advance(.byte(bytes[place]), as: [bytes[place]])
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
    advance(.control(number), as: Array(name.utf8))
  }

  /// How many bytes change nothing: all readings are in texts that go on.
  private func plainCount(_ bytes: [UInt8], from place: Int) -> Int {
    var end = place
    for reading in readings {
      switch program.states[reading.state].kind {
      case .text(let slot) where reading.accepts(program.slots[slot].target): continue
      case .rest: continue
      default: return 0
      }
    }
    while end < bytes.count {
      let byte = Int(bytes[end])
      for reading in readings {
        let first = program.states[reading.state].firstBytes
        if !first.isEmpty, first[byte] { return end - place }
      }
      end += 1
    }
    return end - place
  }

  private mutating func advance(_ symbol: Symbol, as bytes: [UInt8]) {
    let offset = input.count
    input += bytes
    step += 1
    commitment = -1
    next.removeAll(keepingCapacity: true)
    for reading in readings { advance(reading, symbol, at: offset) }
    addLate()
    if next.isEmpty { rescue(symbol, at: offset) }
    if commitment >= 0 { commit() }
    swap(&readings, &next)
    if let last = readings.lazy.map(\.log).max() { log.forget(after: last) }
  }

  private mutating func advance(_ reading: Reading, _ symbol: Symbol, at offset: Int) {
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
      if mayHold(symbol, program.slots[slot].target, reading) { keep(reading) }
    case (.arguments, _), (.call, _): advance(value: reading, state, symbol, at: offset)
    case (.rest, _): keep(reading)
    default: break
    }
  }

  private func matches(_ control: Int, _ byte: UInt8) -> Bool {
    readsSpelling && !tokenized[control] && program.controls[control].utf8.first == byte
  }

  private func mayHold(
    _ symbol: Symbol, _ target: ResponseGrammar.Slot.Target, _ reading: Reading
  ) -> Bool {
    guard case .byte(let byte) = symbol else { return target == .unparsed }
    return reading.accepts(target) || Self.isNameByte(byte)
  }

  /// Takes a symbol as the first of what comes after a text.
  private mutating func leave(
    _ reading: Reading, _ state: ResponseProgram.State, _ symbol: Symbol, at offset: Int
  ) {
    if case .byte(let byte) = symbol, !state.firstBytes[Int(byte)] { return }
    for arrival in state.next where mayStart(arrival.state, symbol) {
      advance(follow(arrival, from: reading, at: offset), symbol, at: offset)
    }
  }

  private func mayStart(_ state: Int, _ symbol: Symbol) -> Bool {
    switch (program.states[state].kind, symbol) {
    case (.byte(let wanted), .byte(let byte)): byte == wanted
    case (.control(let wanted), .byte(let byte)): matches(wanted, byte)
    case (.control(let wanted), .control(let found)): wanted == found
    case (.arguments, .byte(let byte)): JSONScan.opening.contains(byte)
    case (.call, .byte(let byte)): byte == JSONScan.openBrace
    default: false
    }
  }

  private mutating func advance(
    value reading: Reading, _ state: ResponseProgram.State, _ symbol: Symbol, at offset: Int
  ) {
    guard offset > reading.start else {
      begin(value: reading, state, symbol, at: offset)
      return
    }
    guard case .byte(let byte) = symbol else {
      leave(reading, state, symbol, at: offset)
      return
    }
    var reading = reading
    var keys: ResponseGrammar.CallKeys?
    if case .call(let number) = state.kind { keys = program.keys[number] }
    let isPlain = reading.trust < ResponseProgram.certainMark
    let wasCall = reading.scan.name != nil && reading.scan.argumentsStart != nil
    switch reading.scan.step(byte, at: offset, of: input, keys, isStrict: isPlain) {
    case .rejected: return
    case .more:
      if isPlain, !wasCall, reading.scan.argumentsStart != nil, let name = reading.scan.name {
        guard isTool(name) else { return }
        reading.trust = ResponseProgram.certainMark
        commitment = max(commitment, reading.start)
      }
      keep(reading)
      // A value that is broken ends at the mark behind it.
      if reading.trust >= ResponseProgram.certainMark, state.firstBytes[Int(byte)] {
        leave(reading, state, symbol, at: offset)
      }
    case .done:
      if isPlain, keys != nil, reading.trust < ResponseProgram.certainMark { return }
      enter(state.next, from: reading, at: offset + 1)
    }
  }

  private mutating func begin(
    value reading: Reading, _ state: ResponseProgram.State, _ symbol: Symbol, at offset: Int
  ) {
    guard case .byte(let byte) = symbol, mayStart(reading.state, symbol) else { return }
    var reading = reading
    commitIfCertain(&reading)
    reading.start = offset
    _ = reading.scan.step(byte, at: offset, of: input, nil)
    keep(reading)
  }

  private func isTool(_ range: Range<Int>) -> Bool {
    guard !toolNames.isEmpty else { return true }
    let name = input[range].dropFirst().dropLast()
    return toolNames.contains { name.elementsEqual($0.utf8) }
  }

  // MARK: Arriving

  private mutating func enter(
    _ arrivals: [Arrival], from reading: Reading, at offset: Int
  ) {
    for arrival in arrivals {
      keep(follow(arrival, from: reading, at: offset))
    }
  }

  /// A reading that has gone on to another state: closes what was open and notes what happened.
  private mutating func follow(
    _ arrival: Arrival, from reading: Reading, at offset: Int
  ) -> Reading {
    var result = reading
    close(&result, at: offset, as: arrival.actions.closedSlot)
    result.state = arrival.state
    result.isLate = arrival.isLate
    for action in arrival.actions {
      switch action {
      case .openMark: if result.markLength == 0 { result.markStart = offset }
      case .mark(let length):
        result.markLength += length
        result.markEnd = offset
        result.trust += length
      case .endCall:
        commitIfCertain(&result)
        log.append(.endCall(offset), to: &result.log)
      case .beginCall: log.append(.beginCall(offset), to: &result.log)
      case .name(let number): log.append(.name(number), to: &result.log)
      case .argument(let number): log.append(.argument(number), to: &result.log)
      case .stop(let number): log.append(.stop(number), to: &result.log)
      case .start:
        result.markStart = offset
        result.markLength = 0
        result.trust = 0
      case .closes: break
      }
    }
    switch program.states[arrival.state].kind {
    case .text(let slot):
      commitIfCertain(&result)
      result.start = offset
      switch program.slots[slot].target {
      case .content, .reasoning: result.trust = 0
      default: break
      }
    case .rest:
      commitIfCertain(&result)
      result.start = offset
    case .arguments, .call:
      result.start = offset
      result.scan = JSONScan()
    default: break
    }
    return result
  }

  /// Notes the text or the value that a reading leaves.
  private mutating func close(
    _ reading: inout Reading, at offset: Int, as slot: Int?
  ) {
    let range = reading.start..<offset
    switch program.states[reading.state].kind {
    case .text(let own):
      var number = own
      if let slot, program.slots[own].target == .content { number = slot }
      log.append(.text(slot: number, range), to: &reading.log)
    case .arguments where !range.isEmpty:
      log.append(.arguments(range, isWhole: reading.scan.isDone), to: &reading.log)
    case .call where !range.isEmpty: log.append(.call(range, reading.scan), to: &reading.log)
    case .rest: log.append(.rest(range), to: &reading.log)
    default: return
    }
    reading.markStart = offset
    reading.markEnd = offset
    reading.markLength = 0
  }

  private mutating func keep(_ reading: Reading) {
    if reading.isLate {
      late.append(reading)
    } else {
      add(reading)
    }
  }

  private mutating func addLate() {
    for reading in late { add(reading) }
    late.removeAll(keepingCapacity: true)
  }

  private mutating func add(_ reading: Reading) {
    guard visited[reading.state] != step else { return }
    visited[reading.state] = step
    next.append(reading)
  }

  // MARK: Certainty

  /// Marks that are long enough leave no other reading of them.
  private mutating func commitIfCertain(_ reading: inout Reading) {
    if reading.markLength >= ResponseProgram.certainMark {
      commitment = max(commitment, reading.markStart)
    }
    reading.markLength = 0
  }

  /// Drops the readings that take the mark for text, and of texts that start at one place and
  /// are said to be content and reasoning all but the kind that is preferred.
  private mutating func commit() {
    var preferred: ResponseGrammar.Slot.Target?
    next.removeAll { reading in
      switch program.states[reading.state].kind {
      case .text(let slot) where reading.start == input.count:
        let target = program.slots[slot].target
        guard target == .content || target == .reasoning else { return false }
        preferred = preferred ?? target
        return target != preferred
      default: break
      }
      guard reading.start <= commitment else { return false }
      switch program.states[reading.state].kind {
      case .text: return true
      case .arguments, .call:
        return reading.start < commitment && !reading.scan.isInString
      default: return false
      }
    }
  }

  /// Goes on where no reading is left: what follows belongs to no form, up to the next mark.
  private mutating func rescue(_ symbol: Symbol, at offset: Int) {
    guard var reading = readings.max(by: { $0.trust < $1.trust }) else { return }
    var start = offset
    switch program.states[reading.state].kind {
    case .text, .rest, .space, .end: break
    case .arguments where reading.start < offset, .call where reading.start < offset: break
    default: start = reading.markEnd
    }
    close(&reading, at: offset, as: nil)
    reading.state = program.rescue
    reading.start = start
    reading.markLength = 0
    reading.isLate = false
    advance(reading, symbol, at: offset)
    addLate()
  }

  /// Takes entries out of the log; all readings have them.
  mutating func takeLog(upTo last: Int) -> [ResponseLog.Entry] {
    log.take(upTo: last)
  }

  // MARK: The end

  /// Closes the best reading; true where the answer has the form of a whole one.
  mutating func finish() -> (entries: [ResponseLog.Entry], isWhole: Bool) {
    let whole = readings.first { program.states[$0.state].isWhole }
    let open = readings.first { reading in
      if case .text = program.states[reading.state].kind { return true }
      return reading.markLength > 0 || reading.start < input.count && isValue(reading.state)
    }
    guard var best = whole ?? open ?? readings.first else { return ([], false) }
    close(&best, at: input.count, as: nil)
    return (log.entries(upTo: best.log), whole != nil)
  }

  private func isValue(_ state: Int) -> Bool {
    switch program.states[state].kind {
    case .arguments, .call: true
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
    case .content, .reasoning, .unparsed, .ignored: true
    case .callName, .callIdentifier, .argumentName, .argumentValue:
      trust >= ResponseProgram.certainMark
    }
  }
}

extension ResponseProgram.State {
  /// Whether a reading that is here may be the whole answer.
  fileprivate var isWhole: Bool {
    switch kind {
    case .end, .rest: true
    default: mayEnd
    }
  }
}

extension [ResponseProgram.Action] {
  /// The slot whose text the next mark closes.
  fileprivate var closedSlot: Int? {
    for action in self {
      if case .closes(let slot) = action { return slot }
    }
    return nil
  }
}
