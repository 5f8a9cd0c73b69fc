// SPDX-License-Identifier: Apache-2.0

/// A pattern's shapes over ASCII, matched in 64 bytes at once.
///
/// For every class that the shapes ask for, a mask tells which of the window's bytes are in it. The
/// end of a run is then the number of ones from a place on, without a loop whose length the processor
/// cannot foresee. A window starts where a piece does, so nothing is carried from one to the next.
final class ByteWindow: Sendable {
  /// Bytes of a window.
  static let size = ByteClasses.size
  static let absent: UInt8 = .max

  /// A shape whose classes are named by the places of their masks.
  struct Shape: Sendable, BitwiseCopyable {
    var form: PatternShape.Form
    var optionalOverlaps: Bool
    var optional = ByteWindow.absent
    var a: UInt8 = 0
    var b = ByteWindow.absent
    var restFirst = ByteWindow.absent
    var maximum: Int32
  }

  /// The classes that have masks.
  let classes: ByteClasses
  let shapes: ConstantTable<Shape>
  /// For each ASCII byte the alternatives that can start with it.
  let entries: ConstantTable<UInt64>
  /// The alternative that letters start with, which is tried first and in registers.
  let favourite: Int
  /// The mask of the bytes of which the favourite is the first alternative.
  let favouriteStarts: Int
  /// The alternative that marks start with, which is tried next; nil where it is none of runs.
  let second: Int?
  /// The mask of the bytes whose alternatives begin with the second, or with the favourite and it.
  let secondStarts: Int

  /// The window of a pattern, or nil where its shapes ask for too many classes.
  init?(_ shapes: [PatternShape], entriesByByte: [UInt64], masks: ScalarMasks) {
    let values = masks.tables.values
    var classes: [[Bool]] = []
    func place(_ members: [Bool]) -> UInt8 {
      if let known = classes.firstIndex(of: members) { return UInt8(known) }
      classes.append(members)
      return UInt8(min(classes.count - 1, 254))
    }
    func place(_ mask: UInt64) -> UInt8 {
      mask == 0 ? Self.absent : place((0..<128).map { values[$0] & mask != 0 })
    }
    favourite = entriesByByte[Int(UInt8(ascii: "e"))].trailingZeroBitCount
    guard favourite < shapes.count, [.runs, .overlapping].contains(shapes[favourite].form) else {
      return nil
    }
    let favourite = favourite
    favouriteStarts = Int(
      place((0..<128).map { entriesByByte[$0].trailingZeroBitCount == favourite }))
    let others = (0..<128).map { entriesByByte[$0] & ~(1 << UInt64(favourite)) }
    let second = others[Int(UInt8(ascii: ","))].trailingZeroBitCount
    if second < shapes.count, shapes[second].form == .runs, shapes[second].restFirst == 0 {
      self.second = second
      secondStarts = Int(
        place(
          (0..<128).map { byte in
            others[byte].trailingZeroBitCount == second
              && (entriesByByte[byte] == others[byte]
                || entriesByByte[byte].trailingZeroBitCount == favourite)
          }))
    } else {
      self.second = nil
      secondStarts = favouriteStarts
    }
    let described = shapes.map { shape in
      Shape(
        form: shape.form, optionalOverlaps: shape.optionalOverlaps,
        optional: place(shape.optional), a: place(shape.a), b: place(shape.b),
        restFirst: place(shape.restFirst), maximum: shape.maximum)
    }
    guard classes.count <= ByteClasses.limit else { return nil }
    self.classes = ByteClasses(classes)
    self.shapes = ConstantTable(described)
    entries = ConstantTable(entriesByByte)
  }
}

extension ByteWindow {
  var view: View {
    View(
      classes: classes.view, shapes: shapes.view, entries: entries.view, favourite: favourite,
      favouriteStarts: favouriteStarts, second: second ?? favourite,
      secondStarts: second == nil ? nil : secondStarts)
  }

  /// The tables for the length of a call.
  struct View {
    let classes: ByteClasses.View
    let shapes: ConstantTable<Shape>.View
    let entries: ConstantTable<UInt64>.View
    let favourite: Int
    let favouriteStarts: Int
    let second: Int
    let secondStarts: Int?
  }
}

// MARK: - Matching

extension ByteWindow {
  /// What a window tells of a place.
  enum Answer {
    /// The matcher must be asked.
    static let unknown = -1
    /// The window ends too early.
    static let beyond = -2
    /// The alternative does not match.
    fileprivate static let none = -3
  }
}

extension ByteWindow.View {
  private typealias Answer = ByteWindow.Answer

  /// Where the piece that starts at a place of the window ends.
  ///
  /// The window has `count` bytes; `isEnd` says whether the text ends with it.
  ///
  /// - Returns: The place in the window, or an ``Answer``.
  @inline(never)
  func match(
    _ text: TextView, _ window: Int, _ start: Int, _ count: Int, isEnd: Bool,
    _ masks: WorkBuffer<UInt64>.View
  ) -> Int {
    var entries = self.entries[Int(text[window &+ start])]
    while entries != 0 {
      let shape = shapes[entries.trailingZeroBitCount]
      entries &= entries &- 1
      if shape.form == .other { return Answer.unknown }
      let end = match(shape, start, count, isEnd, masks)
      if end == Answer.none { continue }
      if end >= 0, shape.restFirst != ByteWindow.absent, end < count,
        Self.holds(masks[Int(shape.restFirst)], end)
      {
        return Answer.unknown
      }
      if end >= 0, shape.restFirst != ByteWindow.absent, end == count, !isEnd {
        return Answer.beyond
      }
      return end
    }
    return Answer.unknown
  }

  @inline(__always)
  private static func holds(_ mask: UInt64, _ place: Int) -> Bool {
    place < ByteWindow.size && mask &>> UInt64(place) & 1 != 0
  }

  /// The end of the run of ones from a place on.
  @inline(__always)
  static func endOfRun(_ mask: UInt64, _ place: Int) -> Int {
    place < ByteWindow.size ? place &+ (~(mask &>> UInt64(place))).trailingZeroBitCount : place
  }

  private func match(
    _ shape: ByteWindow.Shape, _ start: Int, _ count: Int, _ isEnd: Bool,
    _ masks: WorkBuffer<UInt64>.View
  ) -> Int {
    if shape.optional != ByteWindow.absent, Self.holds(masks[Int(shape.optional)], start) {
      if start &+ 1 == count, !isEnd { return Answer.beyond }
      let end = body(shape, start &+ 1, count, isEnd, masks)
      if end != Answer.none || !shape.optionalOverlaps { return end }
    }
    return body(shape, start, count, isEnd, masks)
  }

  /// As ``ScalarMasks/Tables`` matches a shape's body, form by form.
  private func body(
    _ shape: ByteWindow.Shape, _ start: Int, _ count: Int, _ isEnd: Bool,
    _ masks: WorkBuffer<UInt64>.View
  ) -> Int {
    let a = masks[Int(shape.a)]
    let b = shape.b == ByteWindow.absent ? 0 : masks[Int(shape.b)]
    let end = Self.endOfRun(a, start)
    let isCut = end == count && !isEnd
    switch shape.form {
    case .other: return Answer.unknown
    case .counted:
      guard end > start else { return Answer.none }
      let limit = start &+ Int(shape.maximum)
      return end >= limit ? limit : isCut ? Answer.beyond : end
    case .runs:
      guard end > start else { return Answer.none }
      if isCut { return Answer.beyond }
      if shape.b == ByteWindow.absent { return end }
      let last = Self.endOfRun(b, end)
      return last == count && !isEnd ? Answer.beyond : last
    case .overlapping, .lastOf:
      if isCut { return Answer.beyond }
      if shape.form == .overlapping, Self.holds(b, end) {
        let last = Self.endOfRun(b, end)
        return last == count && !isEnd ? Answer.beyond : last
      }
      guard end > start else { return Answer.none }
      let members = b & Self.bits(start, end)
      return members == 0 ? Answer.none : ByteWindow.size &- members.leadingZeroBitCount
    case .allButLast:
      guard end > start else { return Answer.none }
      if isCut { return Answer.beyond }
      return end == count ? end : end &- start > 1 ? end &- 1 : Answer.none
    case .toTextEnd:
      guard end > start else { return Answer.none }
      return end == count ? (isEnd ? end : Answer.beyond) : Answer.none
    }
  }

  /// The bits from one place up to another that is greater.
  @inline(__always)
  private static func bits(_ start: Int, _ end: Int) -> UInt64 {
    (UInt64.max &>> UInt64(ByteWindow.size &- (end &- start))) &<< UInt64(start)
  }
}
