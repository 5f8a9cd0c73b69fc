// SPDX-License-Identifier: Apache-2.0

/// Up to sixteen classes of ASCII bytes, asked of 64 bytes at once.
final class ByteClasses: Sendable {
  /// The most classes.
  static let limit = 16
  /// How many bytes are asked of at a time.
  static let size = 64

  /// Which of eight classes a byte is in, a byte of 0 or 1 for each; 256 words for every eight.
  private let lanes: ConstantTable<UInt64>
  private let hasSecondEight: Bool

  /// At most ``limit`` classes by their members among the ASCII bytes, 128 values each.
  init(_ classes: [[Bool]]) {
    hasSecondEight = classes.count > 8
    var lanes = [UInt64](repeating: 0, count: 512)
    for (index, members) in classes.enumerated() {
      for byte in 0..<128 where members[byte] {
        lanes[index / 8 * 256 + byte] |= 1 << UInt64(index % 8 * 8)
      }
    }
    self.lanes = ConstantTable(lanes)
  }

  var view: View {
    View(lanes: lanes.view, hasSecondEight: hasSecondEight)
  }

  /// The tables for the length of a call.
  struct View {
    fileprivate let lanes: ConstantTable<UInt64>.View
    fileprivate let hasSecondEight: Bool
  }
}

extension ByteClasses.View {
  /// Writes for each class which of the 64 bytes from a place on are in it, a bit each.
  ///
  /// - Returns: How many bytes there are before the window's end, the text's, or a byte that is not
  ///   ASCII; masks have no bits from there on.
  @inline(__always)
  func classify(_ text: TextView, _ place: Int, _ masks: WorkBuffer<UInt64>.View) -> Int {
    let count = Self.asciiCount(text, place)
    Self.gather(text, place, count, lanes, 0, masks)
    if hasSecondEight { Self.gather(text, place, count, lanes, 256, masks) }
    return count
  }

  private static func asciiCount(_ text: TextView, _ place: Int) -> Int {
    let limit = min(ByteClasses.size, text.count &- place)
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
