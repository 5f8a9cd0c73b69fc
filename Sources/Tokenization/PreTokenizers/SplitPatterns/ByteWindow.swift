// SPDX-License-Identifier: Apache-2.0

import CProcessor

/// A pattern's shapes over ASCII, matched in 64 bytes at once.
///
/// For every class that the shapes ask for, a mask tells which of the window's bytes are in it. The
/// end of a run is then the number of ones from a place on, without a loop whose length the processor
/// cannot foresee. A window starts where a piece does, so nothing is carried from one to the next.
final class ByteWindow: Sendable {
  /// The most classes that a window has masks for.
  static let maskLimit = 16
  /// Bytes of a window.
  static let size = 64
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

  /// Which of eight masks a byte is in, a byte of 0 or 1 for each; 256 words for every eight masks.
  let lanes: ConstantTable<UInt64>
  let hasSecondLanes: Bool
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
  /// For each ASCII byte which of the first eight masks it is in, a bit each, and so for the others;
  /// empty where the processor cannot look up many bytes at once.
  let classes: ConstantTable<UInt8>

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
    guard classes.count <= Self.maskLimit else { return nil }
    hasSecondLanes = classes.count > 8
    var lanes = [UInt64](repeating: 0, count: 512)
    for (index, members) in classes.enumerated() {
      for byte in 0..<128 where members[byte] {
        lanes[index / 8 * 256 + byte] |= 1 << UInt64(index % 8 * 8)
      }
    }
    self.lanes = ConstantTable(lanes)
    let places = classes
    self.classes = ConstantTable(
      dialect_can_classify()
        ? (0..<256).map { place in
          (0..<8).reduce(0) { bits, bit in
            let index = place / 128 * 8 + bit
            return index < places.count && places[index][place % 128] ? bits | 1 << bit : bits
          }
        } : [])
    self.shapes = ConstantTable(described)
    entries = ConstantTable(entriesByByte)
  }
}

extension ByteWindow {
  var view: View {
    View(
      lanes: lanes.view, hasSecondLanes: hasSecondLanes, shapes: shapes.view,
      entries: entries.view, favourite: favourite, favouriteStarts: favouriteStarts,
      second: second ?? favourite, secondStarts: second == nil ? nil : secondStarts,
      classes: classes.view)
  }

  /// The tables for the length of a call.
  struct View {
    let lanes: ConstantTable<UInt64>.View
    let hasSecondLanes: Bool
    let shapes: ConstantTable<Shape>.View
    let entries: ConstantTable<UInt64>.View
    let favourite: Int
    let favouriteStarts: Int
    let second: Int
    let secondStarts: Int?
    let classes: ConstantTable<UInt8>.View
  }
}

// MARK: - Classification

extension ByteWindow.View {
  /// Writes the masks of up to 64 bytes from a place on.
  ///
  /// - Returns: How many bytes there are before the window's end, the text's, or a byte that is not
  ///   ASCII; masks have no bits from there on.
  @inline(__always)
  func classify(_ text: TextView, _ place: Int, _ masks: WorkBuffer<UInt64>.View) -> Int {
    if classes.count > 0, place &+ ByteWindow.size <= text.count {
      let ascii = masks.classify(text, place, classes, 0)
      if hasSecondLanes { _ = masks.classify(text, place, classes, 8) }
      return ascii
    }
    let count = Self.asciiCount(text, place)
    Self.gather(text, place, count, lanes, 0, masks)
    if hasSecondLanes { Self.gather(text, place, count, lanes, 256, masks) }
    return count
  }

  private static func asciiCount(_ text: TextView, _ place: Int) -> Int {
    let limit = min(ByteWindow.size, text.count &- place)
    var count = 0
    while count &+ 8 <= limit {
      let high = text.word(at: place &+ count) & 0x8080_8080_8080_8080
      if high != 0 { return count &+ high.trailingZeroBitCount &>> 3 }
      count &+= 8
    }
    while count < limit, text[place &+ count] < 0x80 { count &+= 1 }
    return count
  }

  /// Writes eight masks.
  @inline(__always)
  private static func gather(
    _ text: TextView, _ place: Int, _ count: Int, _ lanes: ConstantTable<UInt64>.View,
    _ first: Int, _ masks: WorkBuffer<UInt64>.View
  ) {
    @inline(__always)
    func eight(_ group: Int) -> UInt64 {
      let start = place &+ group &* 8
      if group &* 8 &+ 8 <= count {
        let bytes = text.word(at: start)
        @inline(__always)
        func lane(_ index: UInt64) -> UInt64 {
          lanes[first &+ Int(truncatingIfNeeded: bytes &>> (index &* 8) & 0xFF)] &<< index
        }
        return (lane(0) | lane(1)) | (lane(2) | lane(3)) | (lane(4) | lane(5))
          | (lane(6) | lane(7))
      }
      var word: UInt64 = 0
      var index = group &* 8
      while index < count {
        word |= lanes[first &+ Int(text[place &+ index])] &<< UInt64(index & 7)
        index &+= 1
      }
      return word
    }
    var (w0, w1, w2, w3) = (eight(0), eight(1), eight(2), eight(3))
    var (w4, w5, w6, w7) = (eight(4), eight(5), eight(6), eight(7))
    // Byte i of word g holds eight bits of mask i; transposing the bytes makes words of the masks.
    swap(&w0, &w4, 32, 0x0000_0000_FFFF_FFFF)
    swap(&w1, &w5, 32, 0x0000_0000_FFFF_FFFF)
    swap(&w2, &w6, 32, 0x0000_0000_FFFF_FFFF)
    swap(&w3, &w7, 32, 0x0000_0000_FFFF_FFFF)
    swap(&w0, &w2, 16, 0x0000_FFFF_0000_FFFF)
    swap(&w1, &w3, 16, 0x0000_FFFF_0000_FFFF)
    swap(&w4, &w6, 16, 0x0000_FFFF_0000_FFFF)
    swap(&w5, &w7, 16, 0x0000_FFFF_0000_FFFF)
    swap(&w0, &w1, 8, 0x00FF_00FF_00FF_00FF)
    swap(&w2, &w3, 8, 0x00FF_00FF_00FF_00FF)
    swap(&w4, &w5, 8, 0x00FF_00FF_00FF_00FF)
    swap(&w6, &w7, 8, 0x00FF_00FF_00FF_00FF)
    let target = first &>> 5
    masks[target] = w0
    masks[target &+ 1] = w1
    masks[target &+ 2] = w2
    masks[target &+ 3] = w3
    masks[target &+ 4] = w4
    masks[target &+ 5] = w5
    masks[target &+ 6] = w6
    masks[target &+ 7] = w7
  }

  /// Exchanges the upper parts of one word with the lower parts of the other.
  @inline(__always)
  private static func swap(
    _ low: inout UInt64, _ high: inout UInt64, _ shift: UInt64, _ mask: UInt64
  ) {
    let difference = (low &>> shift ^ high) & mask
    high ^= difference
    low ^= difference &<< shift
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
