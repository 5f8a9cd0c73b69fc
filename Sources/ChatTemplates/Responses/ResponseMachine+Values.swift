// SPDX-License-Identifier: Apache-2.0

import TextPrimitives

/// Values that are read to their own end: the JSON and the braces of calls.
extension ResponseMachine {
  mutating func advance(
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
      if reading.trust >= ResponseProgram.certainMark, state.firstBytes.contains(byte) {
        leave(reading, state, symbol, at: offset)
      }
    case .done:
      if isPlain, keys != nil, reading.trust < ResponseProgram.certainMark { return }
      enter(state.next, from: reading, at: offset + 1)
    }
  }

  mutating func begin(
    value reading: Reading, _ state: ResponseProgram.State, _ symbol: Symbol, at offset: Int
  ) {
    guard case .byte(let byte) = symbol, mayStart(reading.state, symbol) else { return }
    var reading = reading
    commitIfCertain(&reading)
    reading.start = offset
    _ = reading.scan.step(byte, at: offset, of: input, nil)
    _ = reading.braces.step(byte)
    keep(reading)
  }

  private func isTool(_ range: Range<Int>) -> Bool {
    toolNames.isEmpty || toolNames.contains(input.jsonText(range))
  }

  /// Takes a symbol inside of values in braces; texts in them hold anything but a quote.
  mutating func advance(
    braces reading: Reading, _ state: ResponseProgram.State, quote: Int, _ symbol: Symbol,
    at offset: Int
  ) {
    guard offset > reading.start else {
      begin(value: reading, state, symbol, at: offset)
      return
    }
    var reading = reading
    switch symbol {
    case .control(quote): endQuote(quote, at: offset, &reading)
    case .control:
      leave(reading, state, symbol, at: offset)
      return
    case .byte(let byte):
      let start = input.count - program.controlBytes[quote].count
      if spells(quote, endingWith: byte), start >= reading.braces.lastEnd {
        endQuote(quote, at: start, &reading)
      } else if reading.braces.step(byte) {
        enter(state.next, from: reading, at: input.count)
        return
      }
    }
    keep(reading)
    // Values that break off end at the mark behind them.
    if case .byte(let byte) = symbol, state.firstBytes.contains(byte) {
      leave(reading, state, symbol, at: offset)
    }
  }

  private func spells(_ control: Int, endingWith byte: UInt8) -> Bool {
    let text = program.controlBytes[control]
    return readsSpelling && !tokenized[control] && text.last == byte
      && input.suffix(text.count).elementsEqual(text)
  }

  private mutating func endQuote(_ quote: Int, at start: Int, _ reading: inout Reading) {
    reading.braces.takeQuote(endingAt: input.count)
    log.append(.quote(start..<input.count), to: &reading.log)
  }
}
