// SPDX-License-Identifier: Apache-2.0

extension PieceScanner {
  /// Cuts the open piece at its seams, from a place on that is its start or a seam.
  ///
  /// A part waits until the next one is known: where that may be a token that only a whole piece
  /// becomes, both stay together. What has a seam inside is no token.
  mutating func cut(
    _ seams: Seams.View, _ text: TextView, _ place: inout Int,
    _ ends: WorkBuffer<UInt32>.View, _ count: inout Int
  ) {
    let (end, room) = (openEnd, ends.count &- Self.slack)
    // Where the part that waits ends, or -1 where none does.
    var (waiting, next) = (-1, place)
    while true {
      let isLast = !Self.findSeam(seams, text, &next, end)
      let start = waiting < 0 ? place : waiting
      if next &- start >= seams.shortestLoner, seams.mayBeLoner(Self.ends(text, start..<next)) {
        // The first part goes on to the next seam, any other with the one before.
        waiting = isLast || waiting < 0 ? -1 : next
        if !isLast { continue }
      }
      if waiting >= 0 {
        ends[count] = UInt32(truncatingIfNeeded: waiting)
        count &+= 1
        place = waiting
      }
      if isLast { break }
      waiting = next
      if count >= room { return }
    }
    (place, openEnd) = (end, 0)
    ends[count] = UInt32(truncatingIfNeeded: end)
    count &+= 1
  }

  /// Moves a place on to the next seam; to the piece's end and false where there is none.
  @inline(__always)
  private static func findSeam(
    _ seams: Seams.View, _ text: TextView, _ place: inout Int, _ end: Int
  ) -> Bool {
    while place &+ 8 <= text.count, place &+ 3 < end {
      let word = text.word(at: place)
      if word & 0x0000_C0C0_F0C0_C0F0 == 0x0000_8080_E080_80E0 {
        place &+= 3
        if seams.isSeam(word) { return true }
      } else if word & 0x8080_8080_8080_8080 == 0 {
        place &+= 8
      } else {
        let lead = text[place]
        place &+= lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
      }
    }
    place = end
    return false
  }

  /// The first and last three bytes of a part.
  private static func ends(_ text: TextView, _ part: Range<Int>) -> UInt64 {
    text.word(at: part.lowerBound, length: 3)
      | text.word(at: part.upperBound &- 3, length: 3) &<< 24
  }
}
