// SPDX-License-Identifier: Apache-2.0

/// How a reading goes on to another state.
extension ResponseMachine {
  mutating func enter(
    _ arrivals: Range<Int>, from reading: Reading, at offset: Int
  ) {
    for index in arrivals where reading.mayTake(program.arrivals[index]) {
      keep(follow(program.arrivals[index], from: reading, at: offset))
    }
  }

  /// A reading that has gone on to another state: closes what was open and notes what happened.
  mutating func follow(
    _ arrival: Arrival, from reading: Reading, at offset: Int
  ) -> Reading {
    var result = reading
    close(&result, at: offset, as: arrival.closedSlot)
    result.state = arrival.state
    result.isLate = arrival.isLate
    for index in arrival.actions {
      switch program.actions[index] {
      case .openMark: if result.markLength == 0 { result.markStart = offset }
      case .mark(let length):
        result.markLength += length
        result.markEnd = offset
        result.trust += length
      case .endCall:
        commitIfCertain(&result)
        log.append(.endCall(offset), to: &result.log)
      case .beginCall:
        result.isNamed = false
        log.append(.beginCall(offset), to: &result.log)
      case .name(let number):
        result.isNamed = true
        log.append(.name(number), to: &result.log)
      case .argument(let number): log.append(.argument(number), to: &result.log)
      case .stop(let number):
        let start = offset - program.controlBytes[number].count
        log.append(.stop(number, at: start), to: &result.log)
      case .openIdentifier: result.identifierStart = offset
      case .closeIdentifier:
        log.append(.identifier(result.identifierStart..<offset), to: &result.log)
      case .start:
        result.markStart = offset
        result.markLength = 0
        result.trust = 0
        result.hasStarted = true
      case .closes, .openStop: break
      }
    }
    switch program.states[arrival.state].kind {
    case .text(let slot):
      commitIfCertain(&result)
      result.start = offset
      switch program.targets[slot] {
      case .content, .reasoning:
        result.trust = 0
        result.isNamed = false
      default: break
      }
    case .rest:
      commitIfCertain(&result)
      result.start = offset
    case .arguments, .call, .braces:
      result.start = offset
      result.scan = JSONScan()
      result.braces = BraceScan()
    default: break
    }
    return result
  }

  /// Notes the text or the value that a reading leaves.
  mutating func close(
    _ reading: inout Reading, at offset: Int, as slot: Int = -1
  ) {
    let range = reading.start..<offset
    switch program.states[reading.state].kind {
    case .text(let own):
      var number = own
      if slot >= 0, program.targets[own] == .content { number = slot }
      if program.targets[own] == .callName { reading.isNamed = true }
      log.append(.text(slot: number, range), to: &reading.log)
    case .arguments where !range.isEmpty:
      log.append(.arguments(range, isWhole: reading.scan.isDone), to: &reading.log)
    case .braces where !range.isEmpty:
      log.append(.braces(range, isWhole: reading.braces.isDone), to: &reading.log)
    case .call where !range.isEmpty: log.append(.call(range, reading.scan), to: &reading.log)
    case .rest: log.append(.rest(range), to: &reading.log)
    default: return
    }
    reading.markStart = offset
    reading.markEnd = offset
    reading.markLength = 0
  }

  mutating func keep(_ reading: Reading) {
    if reading.isLate {
      late.append(reading)
    } else {
      add(reading)
    }
  }

  /// Has the readings from a place on be added late.
  mutating func postpone(from count: Int) {
    for reading in next[count...] {
      visited[reading.state] = -1
      late.append(reading)
    }
    next.removeLast(next.count - count)
  }

  mutating func addLate() {
    for reading in late { add(reading) }
    late.removeAll(keepingCapacity: true)
  }

  mutating func add(_ reading: Reading) {
    guard visited[reading.state] != step else { return }
    visited[reading.state] = step
    next.append(reading)
  }
}
