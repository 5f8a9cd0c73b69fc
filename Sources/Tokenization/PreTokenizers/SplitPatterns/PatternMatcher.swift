// SPDX-License-Identifier: Apache-2.0

/// Runs a pattern's program over a text.
struct PatternMatcher {
  /// What to do where the present way fails.
  private struct Choice {
    var instruction: Int
    var place: Int
    /// The run that may give back scalars ends at `place` and must keep this much.
    var floor: Int
  }

  private let program: PatternProgram
  private var choices: [Choice] = []

  init(_ program: PatternProgram) {
    self.program = program
  }

  mutating func nextMatch(in text: Span<UInt8>, from start: Int) -> Range<Int>? {
    var place = start
    while place < text.count {
      var entries = program.entriesByByte[Int(text[place])]
      while entries != 0 {
        let entry = entries.trailingZeroBitCount
        entries &= entries - 1
        if let end = match(program.entries[entry], text, place) { return place..<end }
      }
      place += UTF8Length.scalar(in: text, at: place)
    }
    var entries = place == text.count ? program.emptyEntries : 0
    while entries != 0 {
      let entry = entries.trailingZeroBitCount
      entries &= entries - 1
      if let end = match(program.entries[entry], text, place) { return place..<end }
    }
    return nil
  }

  /// Where the match that starts at `start` ends.
  private mutating func match(_ entry: Int, _ text: Span<UInt8>, _ start: Int) -> Int? {
    let base = choices.count
    defer { choices.removeLast(choices.count - base) }
    var instruction = entry
    var place = start
    while true {
      var isFailed = false
      switch program.code[instruction] {
      case .accept: return place
      case .one(let set):
        let length = memberLength(set, text, place)
        isFailed = length == 0
        place += length
        instruction += 1
      case .run(let set, let minimum, let maximum, let greed):
        isFailed = !run(set, minimum, maximum, greed, text, &place, &instruction)
      case .split(let first, let second):
        choices.append(Choice(instruction: second, place: place, floor: place))
        instruction = first
      case .jump(let target): instruction = target
      case .atomic(let next):
        let end = match(instruction + 1, text, place)
        isFailed = end == nil
        place = end ?? place
        instruction = next
      case .lookAhead(let next, let negative):
        isFailed = (match(instruction + 1, text, place) != nil) == negative
        instruction = next
      case .lookBehind(let set, let negative):
        isFailed = holdsBefore(set, text, place) == negative
        instruction += 1
      case .textStart:
        isFailed = place != 0
        instruction += 1
      case .textEnd:
        isFailed = place != text.count
        instruction += 1
      case .lineStart:
        isFailed = place != 0 && (text[place - 1] != 0x0A || place == text.count)
        instruction += 1
      case .lineEnd:
        isFailed = place != text.count && text[place] != 0x0A
        instruction += 1
      }
      while isFailed {
        guard choices.count > base else { return nil }
        guard let way = takeBack(text) else { continue }
        (instruction, place) = way
        isFailed = false
      }
    }
  }

  private mutating func run(
    _ set: Int, _ minimum: Int, _ maximum: Int, _ greed: PatternNode.Greed,
    _ text: Span<UInt8>, _ place: inout Int, _ instruction: inout Int
  ) -> Bool {
    var taken = 0
    let wanted = greed == .lazy ? minimum : maximum
    var floor = place
    while taken < wanted {
      let length = memberLength(set, text, place)
      if length == 0 { break }
      place += length
      taken += 1
      if taken == minimum { floor = place }
    }
    guard taken >= minimum else { return false }
    switch greed {
    case .possessive: break
    case .greedy:
      if place > floor {
        choices.append(Choice(instruction: instruction + 1, place: place, floor: floor))
      }
    case .lazy:
      if maximum > minimum {
        choices.append(Choice(instruction: ~instruction, place: place, floor: taken))
      }
    }
    instruction += 1
    return true
  }

  /// Goes back to the last choice and takes the other way; nil where that fails at once.
  private mutating func takeBack(_ text: Span<UInt8>) -> (instruction: Int, place: Int)? {
    let last = choices.count - 1
    let choice = choices[last]
    if choice.instruction < 0 { return takeLazily(text, choice) }
    guard choice.place > choice.floor else {
      choices.removeLast()
      return (choice.instruction, choice.place)
    }
    // A greedy run gives back one scalar; where all is given back the choice is used up.
    var place = choice.place - 1
    while place > choice.floor, text[place] & 0xC0 == 0x80 { place -= 1 }
    if place > choice.floor { choices[last].place = place } else { choices.removeLast() }
    return (choice.instruction, place)
  }

  /// A lazy run, whose choice holds the complement of its instruction and how much it took, takes
  /// one scalar more.
  private mutating func takeLazily(_ text: Span<UInt8>, _ choice: Choice) -> (Int, Int)? {
    let instruction = ~choice.instruction
    choices.removeLast()
    guard case .run(let set, _, let maximum, _) = program.code[instruction] else { return nil }
    let length = memberLength(set, text, choice.place)
    guard length > 0 else { return nil }
    let taken = choice.floor + 1
    if taken < maximum {
      choices.append(
        Choice(instruction: choice.instruction, place: choice.place + length, floor: taken))
    }
    return (instruction + 1, choice.place + length)
  }

  @inline(__always)
  private func memberLength(_ set: Int, _ text: Span<UInt8>, _ place: Int) -> Int {
    guard place < text.count else { return 0 }
    let byte = text[place]
    if byte < 0x80 { return program.sets[set].contains(UInt32(byte)) ? 1 : 0 }
    let (scalar, length) = Self.decode(text, place)
    return program.sets[set].contains(scalar) ? length : 0
  }

  private func holdsBefore(_ set: Int, _ text: Span<UInt8>, _ place: Int) -> Bool {
    guard place > 0 else { return false }
    var start = place - 1
    while start > 0, place - start < 4, text[start] & 0xC0 == 0x80 { start -= 1 }
    return start + memberLength(set, text, start) == place
  }

  /// The scalar at `place`, which starts with a byte beyond ASCII.
  ///
  /// A byte that starts no valid sequence is a scalar beyond Unicode, so that no set holds it.
  @inline(__always)
  static func decode(_ text: Span<UInt8>, _ place: Int) -> (scalar: UInt32, length: Int) {
    let lead = UInt32(text[place])
    let length = lead < 0xC2 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 1
    guard length > 1, place + length <= text.count else { return (.max, 1) }
    var scalar = lead & (0x7F >> UInt32(length))
    for index in 1..<length {
      let byte = UInt32(text[place + index])
      guard byte & 0xC0 == 0x80 else { return (.max, 1) }
      scalar = scalar << 6 | byte & 0x3F
    }
    let isShortest = length == 2 || (length == 3 ? scalar >= 0x800 : scalar >= 0x10000)
    let isScalar = scalar < 0x110000 && !(0xD800..<0xE000 ~= scalar)
    return isShortest && isScalar ? (scalar, length) : (.max, 1)
  }
}
