// SPDX-License-Identifier: Apache-2.0

/// Cuts a text into a pattern's matches and what lies between them, a batch at a time.
///
/// For patterns that never match nothing.
struct PieceScanner: ~Copyable {
  private var matcher: PatternMatcher
  private let window: ByteWindow.View?
  /// Keeps the tables of the window.
  private let program: PatternProgram
  private let masks: WorkBuffer<UInt64>.View

  init(_ program: PatternProgram, masks: WorkBuffer<UInt64>.View) {
    matcher = PatternMatcher(program)
    window = program.window?.view
    self.program = program
    self.masks = masks
  }

  /// Writes where pieces end, and moves the place on to the last end.
  ///
  /// - Returns: How many ends were written, fewer than there is room only at the end of the text.
  mutating func fill(
    _ ends: WorkBuffer<UInt32>.View, _ text: TextView, _ place: inout Int
  ) -> Int {
    // One match may give two pieces.
    let room = ends.count &- 1
    var count = 0
    while place < text.count, count < room {
      if let window, Self.isWorthWindow(text, place) {
        let start = place
        scan(window, text, &place, ends, &count, room)
        if place > start { continue }
      }
      cutOne(text, &place, ends, &count)
    }
    return count
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
    let size = window.classify(text, first, masks)
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
