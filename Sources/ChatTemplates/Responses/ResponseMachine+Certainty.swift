// SPDX-License-Identifier: Apache-2.0

/// What is settled while an answer arrives, and at its end.
extension ResponseMachine {
  /// Marks that are long enough leave no other reading of them.
  mutating func commitIfCertain(_ reading: inout Reading) {
    if reading.markLength >= ResponseProgram.certainMark {
      commitment = max(commitment, reading.markStart)
    }
    reading.markLength = 0
  }

  /// Drops the readings that take the mark for text, and of texts that start at one place and
  /// are said to be content and reasoning all but the kind that is preferred.
  mutating func commit() {
    var preferred: ResponseGrammar.Slot.Target?
    next.removeAll { reading in
      switch program.states[reading.state].kind {
      case .text(let slot) where reading.start == input.count:
        let target = program.targets[slot]
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
      case .braces: return reading.start < commitment && !reading.braces.isInText
      default: return false
      }
    }
  }

  /// Goes on where no reading is left: what follows belongs to no form, up to the next mark.
  mutating func rescue(_ symbol: Symbol, at offset: Int) {
    guard var reading = readings.max(by: { $0.trust < $1.trust }) else { return }
    var start = offset
    switch program.states[reading.state].kind {
    case .text, .rest, .space, .end: break
    case .arguments where reading.start < offset, .call where reading.start < offset,
      .braces where reading.start < offset:
      break
    default: start = reading.markEnd
    }
    close(&reading, at: offset)
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
    let complete = readings.first { program.states[$0.state].isWhole || isOpenValue($0) }
    // A control token is no text, whatever is still missing behind it.
    let cut = readings.first { $0.markLength >= ResponseProgram.controlWeight }
    let isCut = cut.map { cut in complete.map { isText($0) && $0.start < cut.markEnd } ?? true }
    let open = readings.first { isText($0) || $0.markLength > 0 || isOpenValue($0) }
    guard var best = isCut == true ? cut : complete ?? open ?? readings.first else {
      return ([], false)
    }
    let isWhole = program.states[best.state].isWhole && isCut != true
    if isInMark(best), best.markEnd < input.count {
      // A mark that breaks off is none.
      log.append(.rest(best.markEnd..<input.count), to: &best.log)
    }
    close(&best, at: input.count)
    return (log.entries(upTo: best.log), isWhole)
  }

  /// Whether a reading waits for the rest of a mark, or for one.
  private func isInMark(_ reading: Reading) -> Bool {
    switch program.states[reading.state].kind {
    case .byte, .control, .space, .end: true
    case .arguments, .call, .braces: reading.start == input.count
    case .text, .rest: false
    }
  }

  private func isText(_ reading: Reading) -> Bool {
    if case .text = program.states[reading.state].kind { true } else { false }
  }

  /// Whether a reading is inside of a value that belongs to a call.
  private func isOpenValue(_ reading: Reading) -> Bool {
    switch program.states[reading.state].kind {
    case .arguments, .call, .braces:
      reading.start < input.count && reading.trust >= ResponseProgram.certainMark
        && (reading.isNamed || reading.scan.name != nil)
    default: false
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
