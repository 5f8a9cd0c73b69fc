// SPDX-License-Identifier: Apache-2.0

/// Cuts a text into a pattern's matches and what lies between them, a batch at a time, and those at
/// seams.
///
/// For patterns that never match nothing.
struct PieceScanner: ~Copyable {
  private var matcher: PatternMatcher
  /// How many ends more than asked for there must be room for.
  static let slack = ByteClasses.size

  private let seams: Seams.View?
  /// Where the piece ends that is being cut at seams, or 0.
  var openEnd = 0
  private let rules: RunWindow?
  private let window: ByteWindow.View?
  /// Keeps the tables of the windows.
  private let program: PatternProgram
  private let masks: WorkBuffer<UInt64>.View

  /// A scanner for the length of a call, which the seams must outlive.
  init(_ program: PatternProgram, seams: Seams? = nil, masks: WorkBuffer<UInt64>.View) {
    self.seams = seams?.view
    matcher = PatternMatcher(program)
    rules = program.rules.map { RunWindow($0, masks: masks) }
    window = program.window?.view
    self.program = program
    self.masks = masks
  }

  /// Writes where pieces end, and moves the place on to the last end.
  ///
  /// - Returns: How many ends were written: at least one where there is text left, and ``slack`` fewer
  ///   than there is room for, or more.
  mutating func fill(
    _ ends: WorkBuffer<UInt32>.View, _ text: TextView, _ place: inout Int
  ) -> Int {
    let room = ends.count &- Self.slack
    var count = 0
    while place < text.count, count < room {
      if place < openEnd, let seams {
        cut(seams, text, &place, ends, &count)
        continue
      }
      if Self.isWorthWindow(text, place) {
        let start = place
        if let rules {
          cut(rules, text, &place, ends, &count)
        } else if let window {
          scan(window, text, &place, ends, &count, room)
        }
        if place > start { continue }
      }
      cutOne(text, &place, ends, &count)
    }
    return count
  }

  /// Cuts at the starts that one window tells.
  @inline(__always)
  private func cut(
    _ window: RunWindow, _ text: TextView, _ place: inout Int,
    _ ends: WorkBuffer<UInt32>.View, _ count: inout Int
  ) {
    var starts = window.starts(text, place)
    guard starts != 0 else { return }
    let first = UInt32(truncatingIfNeeded: place)
    let total = starts.nonzeroBitCount
    place &+= ByteClasses.size &- 1 &- starts.leadingZeroBitCount
    // Some more than there are cost less than a loop whose length the processor cannot foresee.
    var written = 0
    repeat {
      for index in 0..<4 {
        let start = UInt32(truncatingIfNeeded: starts.trailingZeroBitCount)
        ends[count &+ written &+ index] = first &+ start
        starts &= starts &- 1
      }
      written &+= 4
    } while written < total
    count &+= total
  }

  /// Whether the next bytes are ASCII.
  @inline(__always)
  private static func isWorthWindow(_ text: TextView, _ place: Int) -> Bool {
    place &+ 8 <= text.count
      ? text.word(at: place) & 0x8080_8080_8080_8080 == 0 : text[place] < 0x80
  }

  /// Cuts with the matcher alone.
  @inline(never)
  private mutating func cutOne(
    _ text: TextView, _ place: inout Int, _ ends: WorkBuffer<UInt32>.View, _ count: inout Int
  ) {
    let start = place
    let match = text.withSpan { matcher.nextMatch(in: $0, from: start) }
    guard let match, !match.isEmpty else {
      place = text.count
      ends[count] = UInt32(truncatingIfNeeded: place)
      count += 1
      return
    }
    if match.lowerBound > start {
      ends[count] = UInt32(truncatingIfNeeded: match.lowerBound)
      count += 1
    }
    if let seams, match.count > 3 {
      (openEnd, place) = (match.upperBound, match.lowerBound)
      return cut(seams, text, &place, ends, &count)
    }
    place = match.upperBound
    ends[count] = UInt32(truncatingIfNeeded: place)
    count += 1
  }

  /// Cuts what one window tells.
  @inline(__always)
  private mutating func scan(
    _ window: ByteWindow.View, _ text: TextView, _ place: inout Int,
    _ ends: WorkBuffer<UInt32>.View, _ count: inout Int, _ room: Int
  ) {
    let first = place
    let size = window.classes.classify(text, first, masks)
    let isEnd = first &+ size == text.count
    let favourite = Favourite(window, window.favourite, starts: window.favouriteStarts, masks)
    let second = Favourite(window, window.second, starts: window.secondStarts, masks)
    var start = 0
    while start < size, count < room {
      var end = favourite.match(start, size)
      if end == Favourite.none { end = second.match(start, size) }
      if end <= 0 {
        end = window.match(text, first, start, size, isEnd: isEnd, masks)
        if end == ByteWindow.Answer.beyond, start > 0 { break }
        if end < 0 {
          var next = first &+ start
          cutOne(text, &next, ends, &count)
          start = next &- first
          continue
        }
      }
      start = end
      ends[count] = UInt32(truncatingIfNeeded: first &+ end)
      count &+= 1
    }
    place = first &+ start
  }

  /// An alternative of runs with its masks, in registers.
  private struct Favourite {
    /// The alternative does not match, or does not start there.
    static let none = -1

    let starts: UInt64
    let optional: UInt64
    let a: UInt64
    let b: UInt64
    let restFirst: UInt64
    let isOverlapping: Bool
    let optionalOverlaps: Bool

    @inline(__always)
    init(
      _ window: ByteWindow.View, _ alternative: Int, starts: Int?,
      _ masks: WorkBuffer<UInt64>.View
    ) {
      let shape = window.shapes[alternative]
      self.starts = starts.map { masks[$0] } ?? 0
      optionalOverlaps = shape.optionalOverlaps
      optional = shape.optional == ByteWindow.absent ? 0 : masks[Int(shape.optional)]
      a = masks[Int(shape.a)]
      b = shape.b == ByteWindow.absent ? 0 : masks[Int(shape.b)]
      restFirst = shape.restFirst == ByteWindow.absent ? 0 : masks[Int(shape.restFirst)]
      isOverlapping = shape.form == .overlapping
    }

    /// Where its match ends within the window, ``none``, or 0 where more must be asked.
    @inline(__always)
    func match(_ start: Int, _ size: Int) -> Int {
      guard starts &>> UInt64(start) & 1 != 0 else { return Self.none }
      let body = start &+ Int(truncatingIfNeeded: optional &>> UInt64(start) & 1)
      guard body < size else { return 0 }
      var end = ByteWindow.View.endOfRun(a, body)
      guard end < size else { return 0 }
      if isOverlapping {
        guard b &>> UInt64(end) & 1 != 0 else { return 0 }
        end = ByteWindow.View.endOfRun(b, end)
      } else {
        guard end > body else { return optionalOverlaps ? 0 : Self.none }
        if b != 0 { end = ByteWindow.View.endOfRun(b, end) }
      }
      guard end < size, restFirst &>> UInt64(end) & 1 == 0 else { return 0 }
      return end
    }
  }
}
