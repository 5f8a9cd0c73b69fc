// SPDX-License-Identifier: Apache-2.0

import TextNormalization

/// Runs a pattern's program over a text: the leftmost match, and of several the first alternative.
struct PatternMatcher: ~Copyable {
  /// What to do where the present way fails.
  private struct Choice {
    var instruction: Int32
    /// A lazy run may take more; a greedy one may give back down to `floor`.
    var isLazy: Bool
    var needed: UInt64
    var place: Int
    var floor: Int
  }

  /// After this many ways taken back in one match, those that failed are remembered, so that a
  /// pattern cannot take exponential time.
  private static let patience = 4096

  private let program: PatternProgram
  private let tables: ScalarMasks.Tables
  private let shapes: ConstantTable<PatternShape>.View
  private let starts: ConstantTable<Int>.View
  private let entriesByByte: ConstantTable<UInt64>.View
  private var choices: [Choice] = []
  private var failed: Set<UInt64> = []
  private var taken = 0

  init(_ program: PatternProgram) {
    self.program = program
    tables = program.masks.tables
    shapes = program.shapes.view
    starts = program.entries.view
    entriesByByte = program.entriesByByte.view
  }

  /// The first match at or after an offset.
  @inline(__always)
  mutating func nextMatch(in text: Span<UInt8>, from start: Int) -> Range<Int>? {
    var place = start
    while place < text.count {
      // SAFETY: the place is within the text.
      var entries = entriesByByte[Int(unsafe text[unchecked: place])]
      if entries != 0 {
        let first = tables.scalar(text, place)
        repeat {
          let entry = entries.trailingZeroBitCount
          entries &= entries &- 1
          let shape = shapes[entry]
          var end =
            shape.form == .other
            ? match(starts[entry], text, place) : tables.match(shape, text, place, first)
          if end < 0 { continue }
          if shape.restFirst != 0, tables.scalar(text, end).mask & shape.restFirst != 0 {
            end = match(Int(shape.rest), text, end)
          }
          return place..<end
        } while entries != 0
      }
      place += UTF8Scalars.decode(text, at: place).length
    }
    return place == text.count ? matchAtEnd(text) : nil
  }

  private mutating func matchAtEnd(_ text: Span<UInt8>) -> Range<Int>? {
    var entries = program.endEntries
    while entries != 0 {
      let end = match(starts[entries.trailingZeroBitCount], text, text.count)
      if end >= 0 { return text.count..<end }
      entries &= entries &- 1
    }
    return nil
  }

  /// Where the match that starts at a place ends, or -1.
  @inline(never)
  private mutating func match(_ entry: Int, _ text: Span<UInt8>, _ start: Int) -> Int {
    let code = program.code.view
    let tables = tables
    let base = choices.count
    if base == 0, taken > 0 { forget() }
    var instruction = entry
    var place = start
    while true {
      let step = code[instruction]
      var holds = true
      switch step.operation {
      case .accept:
        if choices.count > base { choices.removeLast(choices.count - base) }
        return place
      case .one:
        let (mask, length) = tables.scalar(text, place)
        holds = mask & step.mask != 0
        place += length
      case .possessiveRun:
        holds = tables.run(step, text, &place) >= 0
      case .greedyRun:
        let floor = tables.run(step, text, &place)
        holds = floor >= 0
        if floor >= 0, place > floor {
          choices.append(
            Choice(
              instruction: Int32(instruction + 1), isLazy: false, needed: step.needed,
              place: place, floor: floor))
        }
      case .lazyRun:
        var shortest = step
        shortest.maximum = step.minimum
        holds = tables.run(shortest, text, &place) >= 0
        if holds, step.maximum > step.minimum {
          choices.append(
            Choice(
              instruction: Int32(instruction), isLazy: true, needed: 0, place: place,
              floor: Int(step.minimum)))
        }
      case .split, .lazySplit:
        let (mask, _) = tables.scalar(text, place)
        let canEnter = step.mask == 0 || mask & step.mask != 0
        let canPass = step.needed == 0 || mask & step.needed != 0
        holds = canEnter || canPass
        if canEnter, canPass {
          let isLazy = step.operation == .lazySplit
          let other = isLazy ? Int32(instruction + 1) : step.target
          choices.append(
            Choice(instruction: other, isLazy: false, needed: 0, place: place, floor: place))
          if isLazy { instruction = Int(step.target) - 1 }
        } else if canPass {
          instruction = Int(step.target) - 1
        }
      case .jump: instruction = Int(step.target) - 1
      case .atomic:
        let end = match(instruction + 1, text, place)
        holds = end >= 0
        place = end
        instruction = Int(step.target) - 1
      case .lookAhead:
        holds = (match(instruction + 1, text, place) >= 0) != step.isNegative
        instruction = Int(step.target) - 1
      case .lookAheadSet:
        holds = (tables.scalar(text, place).mask & step.mask != 0) != step.isNegative
      case .lookBehindSet:
        let before = place > 0 ? tables.scalar(text, Self.start(before: place, in: text)).mask : 0
        holds = (before & step.mask != 0) != step.isNegative
      case .textStart: holds = place == 0
      case .textEnd: holds = place == text.count
      case .lineStart:
        holds = place == 0 || (text[place - 1] == 0x0A && (!step.isNegative || place < text.count))
      case .lineEnd: holds = place == text.count || text[place] == 0x0A
      }
      if holds {
        instruction += 1
        continue
      }
      guard choices.count > base, let way = takeBack(text, tables, code, base) else { return -1 }
      (instruction, place) = way
    }
  }

  /// Goes back to the last choice that has another way, and takes that; nil where there is none.
  @inline(never)
  private mutating func takeBack(
    _ text: Span<UInt8>, _ tables: ScalarMasks.Tables,
    _ code: ConstantTable<PatternProgram.Instruction>.View, _ base: Int
  ) -> (instruction: Int, place: Int)? {
    while choices.count > base {
      let last = choices.count - 1
      let choice = choices[last]
      var instruction = Int(choice.instruction)
      var place = choice.place
      if choice.isLazy {
        let step = code[instruction]
        let (mask, length) = tables.scalar(text, place)
        guard mask & step.mask != 0 else {
          choices.removeLast()
          continue
        }
        place += length
        choices[last].place = place
        choices[last].floor += 1
        if choices[last].floor >= Int(step.maximum) { choices.removeLast() }
        instruction += 1
      } else if place > choice.floor {
        repeat {
          place = Self.start(before: place, in: text)
        } while place > choice.floor && choice.needed != 0
          && tables.scalar(text, place).mask & choice.needed == 0
        choices[last].place = place
        if place <= choice.floor { choices.removeLast() }
        if choice.needed != 0, tables.scalar(text, place).mask & choice.needed == 0 { continue }
      } else {
        choices.removeLast()
      }
      taken += 1
      if taken > Self.patience, base == 0 {
        let way = UInt64(instruction) << 44 | UInt64(place)
        if !failed.insert(way).inserted { continue }
      }
      return (instruction, place)
    }
    return nil
  }

  private mutating func forget() {
    taken = 0
    if !failed.isEmpty { failed.removeAll() }
  }

  /// The start of the scalar that ends at a place.
  private static func start(before place: Int, in text: Span<UInt8>) -> Int {
    if text[place - 1] < 0x80 { return place - 1 }
    for length in 2...4 where place >= length {
      if UTF8Scalars.decode(text, at: place - length).length == length { return place - length }
    }
    return place - 1
  }
}
