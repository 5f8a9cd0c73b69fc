// SPDX-License-Identifier: Apache-2.0

/// Remembers the tokens of short words within one encoding call.
///
/// Direct-mapped and of fixed size, so no input can make it grow; it is made when the first word
/// repeats the work, and text that never repeats only pays for the probe.
final class WordCache {
  /// Longer words are not kept.
  static let keyLimit = 15
  private static let tokenLimit = 4
  private static let slotBits: UInt64 = 13

  /// The bytes of a word of up to 15 bytes, with its length in the last.
  struct Key: Equatable {
    var low: UInt64 = 0
    var high: UInt64 = 0

    init?(_ text: Span<UInt8>, _ word: Range<Int>) {
      guard word.count <= WordCache.keyLimit else { return nil }
      var shift: UInt64 = 0
      for place in word.prefix(8) {
        low |= UInt64(text[place]) << shift
        shift += 8
      }
      shift = 0
      for place in word.dropFirst(8) {
        high |= UInt64(text[place]) << shift
        shift += 8
      }
      high |= UInt64(word.count) << 56
    }

    private init() {}
    static let free = Key()

    var slot: Int {
      let mixed = (low ^ high &* 0xC2B2_AE3D_27D4_EB4F) &* 0x9E37_79B9_7F4A_7C15
      return Int(truncatingIfNeeded: mixed >> (64 - WordCache.slotBits))
    }
  }

  private struct Entry {
    var key = Key.free
    var ids: (TokenID, TokenID, TokenID, TokenID) = (0, 0, 0, 0)
    /// The bytes of each token, a byte each.
    var lengths: UInt32 = 0
    var count: UInt32 = 0
  }

  private var entries: [Entry] = []

  /// Appends the tokens of a word that is remembered.
  @inline(__always)
  func replay(_ key: Key, at start: Int, into sink: inout TokenSink) -> Bool {
    guard !entries.isEmpty else { return false }
    let entry = entries[key.slot]
    guard entry.key == key else { return false }
    var place = start
    var lengths = entry.lengths
    for index in 0..<entry.count {
      let id =
        switch index {
        case 0: entry.ids.0
        case 1: entry.ids.1
        case 2: entry.ids.2
        default: entry.ids.3
        }
      let length = Int(lengths & 0xFF)
      sink.append(id, place, length)
      place += length
      lengths >>= 8
    }
    return true
  }

  /// Remembers a word's tokens, if they are few and cover it without gaps.
  func record(_ key: Key, _ ids: ArraySlice<TokenID>, _ lengths: [Int]) {
    guard ids.count <= Self.tokenLimit, lengths.reduce(0, +) == Int(key.high >> 56) else { return }
    if entries.isEmpty { entries = Array(repeating: Entry(), count: 1 << Self.slotBits) }
    var entry = Entry()
    entry.key = key
    entry.count = UInt32(ids.count)
    for (index, (id, length)) in zip(ids, lengths).enumerated() {
      entry.lengths |= UInt32(length) << UInt32(8 * index)
      switch index {
      case 0: entry.ids.0 = id
      case 1: entry.ids.1 = id
      case 2: entry.ids.2 = id
      default: entry.ids.3 = id
      }
    }
    entries[key.slot] = entry
  }
}
