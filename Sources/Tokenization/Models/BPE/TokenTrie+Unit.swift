// SPDX-License-Identifier: Apache-2.0

extension TokenTrie {
  /// What one step takes: a sequence of bytes that has the form of a scalar's UTF-8, or a byte.
  struct Unit: BitwiseCopyable {
    /// The bits that the bytes carry, with one above them that tells how many bytes there are.
    let label: UInt32
    let length: Int

    /// How many first steps are found without a search, by the bytes of the longest that there is: at
    /// most those of up to three.
    static let rootCounts = [0x100, 0x1000, 0x1_1000]
    private static let twoBytes: UInt32 = 0x800
    private static let threeBytes: UInt32 = 0x1_0000
    private static let fourBytes: UInt32 = 0x20_0000

    @inline(__always)
    init(byte: UInt32) {
      (label, length) = (byte, 1)
    }

    @inline(__always)
    private init(_ label: UInt32, _ length: Int) {
      self.label = label
      self.length = length
    }

    /// The unit at a place, which ends at or before a limit.
    @inline(__always)
    init(_ text: TextView, _ place: Int, _ limit: Int) {
      let first = UInt32(text[place])
      if first < 0xC0 {
        self.init(first, 1)
      } else if first & 0xF0 == 0xE0, place &+ 2 < limit {
        let (second, third) = (UInt32(text[place &+ 1]), UInt32(text[place &+ 2]))
        if (second & 0xC0) & (third & 0xC0) == 0x80, (second | third) & 0x40 == 0 {
          self.init(Self.threeBytes | (first & 15) &<< 12 | (second & 63) &<< 6 | third & 63, 3)
        } else {
          self.init(first, 1)
        }
      } else {
        self.init(rare: first, text, place, limit)
      }
    }

    private init(rare first: UInt32, _ text: TextView, _ place: Int, _ limit: Int) {
      let length = first < 0xE0 ? 2 : first >= 0xF0 && first < 0xF8 ? 4 : 1
      guard length > 1, place + length <= limit,
        (1..<length).allSatisfy({ text[place + $0] & 0xC0 == 0x80 })
      else {
        self.init(first, 1)
        return
      }
      let bits = (1..<length).reduce(first & (length == 2 ? 31 : 7)) {
        $0 << 6 | UInt32(text[place + $1]) & 63
      }
      self.init(bits | (length == 2 ? Self.twoBytes : Self.fourBytes), length)
    }

    /// Where the first steps have the unit; nil for one of four bytes.
    @inline(__always)
    var rootIndex: Int? {
      if label < Self.threeBytes { return Int(label) }
      return label < 2 &* Self.threeBytes
        ? Int(label &- Self.threeBytes &+ 2 &* Self.twoBytes) : nil
    }

    /// Whether the label is that of a byte that starts a scalar of several bytes.
    static func startsPart(_ label: UInt32) -> Bool {
      label >= 0xC0 && label < 0x100
    }

    /// How many bytes a label stands for.
    static func length(_ label: UInt32) -> Int {
      label < twoBytes ? 1 : label < threeBytes ? 2 : label < fourBytes ? 3 : 4
    }

    /// The bytes of a label that has several, without the last.
    static func partBytes(_ label: UInt32) -> [UInt32] {
      switch label {
      case ..<twoBytes: []
      case ..<threeBytes: [0xC0 | label >> 6 & 31]
      case ..<fourBytes: [0xE0 | label >> 12 & 15, 0x80 | label >> 6 & 63]
      default: [0xF0 | label >> 18 & 7, 0x80 | label >> 12 & 63, 0x80 | label >> 6 & 63]
      }
    }

    /// The first steps whose units start with a byte, and then with another.
    static func rootRange(_ first: UInt32, _ second: UInt32) -> Range<Int> {
      let start =
        first < 0xE0
        ? Int(twoBytes | (first & 31) << 6 | second & 63)
        : Int(2 * twoBytes | (first & 15) << 12 | (second & 63) << 6)
      return start..<start + (first < 0xE0 ? 1 : 64)
    }
  }
}
