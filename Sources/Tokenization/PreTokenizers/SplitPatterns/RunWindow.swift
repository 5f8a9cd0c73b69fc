// SPDX-License-Identifier: Apache-2.0

/// Finds where pieces start in 64 bytes at once, by ``RunRules``.
///
/// A window starts where a piece does. Bit i of a mask speaks of byte i; where a byte stands beside
/// another is a shift, and where a run ends is the carry of an addition.
struct RunWindow {
  private let traits: RunRules.Traits
  private let classes: ByteClasses.View
  private let contractions: ConstantTable<UInt8>.View
  private let masks: WorkBuffer<UInt64>.View

  /// A window for the length of a call, which `rules` must outlive.
  init(_ rules: RunRules, masks: WorkBuffer<UInt64>.View) {
    traits = rules.traits
    classes = rules.classes.view
    contractions = rules.contractions.view
    self.masks = masks
  }

  @inline(__always)
  private subscript(name: RunRules.Class) -> UInt64 { masks[name.rawValue] }

  /// The places after the window's start where pieces start, as far as that can be told: what stands
  /// after the last of them is for the next window.
  @inline(__always)
  func starts(_ text: TextView, _ place: Int) -> UInt64 {
    let size = classes.classify(text, place, masks)
    guard size > 1 else { return 0 }
    let valid = UInt64.max &>> UInt64(truncatingIfNeeded: ByteClasses.size &- size)
    let letters = self[.letters]
    let numbers = self[.numbers]
    if traits.isSpaced { return spacedStarts(letters, numbers, valid) }
    let marks = valid & ~(letters | numbers | self[.whitespace])
    // Nothing is told of the window's start, which is known to be one.
    var told = valid & ~1
    let tail = tail(after: marks, &told)
    let whitespace = self[.whitespace] & ~tail
    let lineEnds = traits.hasLineEnds ? self[.lineEnds] & ~tail : 0
    let others = whitespace & ~lineEnds
    var starts = whitespace & ~(whitespace &<< 1)
    starts |= startsAfterLineEnds(others, lineEnds)
    // A run's last, which the next piece may take along.
    let last = others & ~(whitespace &>> 1)
    starts |= last
    // White space that goes on beyond the window may have another last one, and another line end.
    if whitespace &>> UInt64(truncatingIfNeeded: size &- 1) & 1 != 0 {
      let start = UInt64(truncatingIfNeeded: lastRunStart(whitespace, valid))
      told &= (2 &<< start) &- 1
    }
    let space = last & self[.spaces]
    var markStarts = marks & ~(marks &<< 1)
    if traits.marksTakeSpace { markStarts &= ~(space &<< 1) }
    starts |= markStarts
    var letterStarts = letters & ~(letters &<< 1)
    switch traits.prefix {
    case .none: break
    case .space: letterStarts &= ~(space &<< 1)
    case .any: letterStarts &= ~((last | (markStarts & ~(marks &>> 1))) &<< 1)
    }
    if traits.isCased { letterStarts |= letters & ~self[.lowercase] & (self[.lowercase] &<< 1) }
    starts |= letterStarts | numberStarts(numbers, space)
    if traits.contraction != nil {
      contract(text, place, size, letters, markStarts, &starts, &told)
    }
    return starts & told
  }

  /// Where runs of spaces, letters or numbers without spaces before them, and all other bytes start.
  @inline(__always)
  private func spacedStarts(
    _ letters: UInt64, _ numbers: UInt64, _ valid: UInt64
  ) -> UInt64 {
    let spaces = self[.spaces]
    var starts = (spaces & ~(spaces &<< 1)) | (valid & ~(letters | numbers | spaces))
    starts |= letters & ~((letters | spaces) &<< 1)
    starts |= numbers & ~((numbers | spaces) &<< 1)
    return starts & ~1
  }

  /// The line ends that belong to marks before them.
  @inline(__always)
  private func tail(after marks: UInt64, _ told: inout UInt64) -> UInt64 {
    guard traits.hasTail else { return 0 }
    let first = self[.lineEnds] & marks &<< 1
    let members = self[.lineEnds] | self[.tailMarks]
    let tail = members & ~(members &+ first)
    if traits.hasTailMarks {
      // What marks after line ends do is not told here.
      let odd = self[.tailMarks] & self[.lineEnds] &<< 1
      if odd != 0 { told &= (odd & (0 &- odd)) &- 1 }
    }
    return tail & self[.lineEnds]
  }

  /// Where white space starts after the last line end of its run.
  @inline(__always)
  private func startsAfterLineEnds(_ others: UInt64, _ lineEnds: UInt64) -> UInt64 {
    var starts = others & lineEnds &<< 1
    guard starts != 0 else { return 0 }
    var goingOn = (others &+ starts) & lineEnds
    while goingOn != 0 {
      // This run comes before another line end.
      let before = ~others & ((goingOn & (0 &- goingOn)) &- 1)
      starts &= ~(1 &<< UInt64(truncatingIfNeeded: ByteClasses.size &- before.leadingZeroBitCount))
      goingOn &= goingOn &- 1
    }
    return starts
  }

  /// Where the last run of white space starts, which reaches the window's end.
  @inline(__always)
  private func lastRunStart(_ whitespace: UInt64, _ valid: UInt64) -> Int {
    ByteClasses.size &- (valid & ~whitespace).leadingZeroBitCount
  }

  @inline(__always)
  private func numberStarts(_ numbers: UInt64, _ space: UInt64) -> UInt64 {
    if traits.numberLimit == 1 { return numbers }
    var starts = numbers & ~(numbers &<< 1)
    if traits.numbersTakeSpace { return starts & ~(space &<< 1) }
    guard traits.numberLimit < ByteClasses.size else { return starts }
    let step = UInt64(truncatingIfNeeded: traits.numberLimit)
    var within = numbers
    for distance in 1...step { within &= numbers &<< distance }
    guard within != 0 else { return starts }
    var next = starts
    repeat {
      next = next &<< step & within
      starts |= next
    } while next != 0
    return starts
  }

  /// Makes contractions pieces of their own, or parts of the letters before.
  @inline(__always)
  private func contract(
    _ text: TextView, _ place: Int, _ size: Int, _ letters: UInt64, _ markStarts: UInt64,
    _ starts: inout UInt64, _ told: inout UInt64
  ) {
    let isAfter = traits.contraction == .after
    let last: UInt64 = 1 &<< UInt64(truncatingIfNeeded: size &- 1)
    var found = self[.apostrophe] & (letters &>> 1 | last)
    found &= isAfter ? letters &<< 1 : markStarts
    var end = -1
    while found != 0 {
      let apostrophe = found.trailingZeroBitCount
      found &= found &- 1
      // What ends with a contraction takes no other.
      if isAfter, apostrophe == end { continue }
      guard apostrophe &+ 3 < size else {
        told &= (1 &<< UInt64(truncatingIfNeeded: apostrophe)) &- 1
        return
      }
      let first = Int(text[place &+ apostrophe &+ 1]), second = Int(text[place &+ apostrophe &+ 2])
      let length = contractions[first &<< 7 | second]
      guard length > 0 else { continue }
      end = apostrophe &+ Int(length)
      let inside: UInt64 = (1 &<< UInt64(length)) &- 1
      let kept: UInt64 = isAfter ? 0 : 1
      starts &= ~((inside & ~kept) &<< UInt64(truncatingIfNeeded: apostrophe))
      starts |= letters & (1 &<< UInt64(truncatingIfNeeded: end))
    }
  }
}
