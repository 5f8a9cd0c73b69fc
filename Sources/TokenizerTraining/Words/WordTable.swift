// SPDX-License-Identifier: Apache-2.0

/// Distinct words with their counts: all that training remembers of a corpus.
///
/// The words lie end to end in one array, and an open hash table finds them.
struct WordTable: Sendable {
  private struct Entry: Sendable {
    var end: Int
    var count: Int
    var hash: UInt64
  }

  private var bytes: [UInt8] = []
  private var entries: [Entry] = []
  // Places in `entries`, one up; 0 is free. The number of slots is a power of two.
  private var slots = [UInt32](repeating: 0, count: 1 << 10)

  /// The number of distinct words.
  var count: Int { entries.count }

  /// The bytes of all distinct words together.
  var byteCount: Int { bytes.count }

  /// How often a word was added.
  func occurrences(ofWordAt place: Int) -> Int { entries[place].count }

  /// Where a word lies in the shared array.
  private func range(ofWordAt place: Int) -> Range<Int> {
    (place == 0 ? 0 : entries[place - 1].end)..<entries[place].end
  }

  /// Gives a word's bytes.
  func withWord<Result>(at place: Int, _ body: (Span<UInt8>) -> Result) -> Result {
    body(bytes.span.extracting(range(ofWordAt: place)))
  }

  /// Counts a word.
  mutating func add(_ word: Span<UInt8>, count: Int = 1) {
    add(word, hash: Self.hash(word), count: count)
  }

  /// Counts all words of another table.
  mutating func add(_ other: WordTable) {
    for place in 0..<other.count {
      other.withWord(at: place) { word in
        add(word, hash: other.entries[place].hash, count: other.entries[place].count)
      }
    }
  }

  /// The places of the words in the order of their bytes.
  func sortedPlaces() -> [Int] {
    (0..<count).sorted {
      bytes[range(ofWordAt: $0)].lexicographicallyPrecedes(bytes[range(ofWordAt: $1)])
    }
  }

  private mutating func add(_ word: Span<UInt8>, hash: UInt64, count: Int) {
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: hash) & mask
    while slots[slot] != 0 {
      let place = Int(slots[slot]) - 1
      if entries[place].hash == hash, isEqual(word, toWordAt: place) {
        entries[place].count += count
        return
      }
      slot = (slot + 1) & mask
    }
    for index in word.indices { bytes.append(word[index]) }
    entries.append(Entry(end: bytes.count, count: count, hash: hash))
    slots[slot] = UInt32(entries.count)
    if entries.count * 2 > slots.count { grow() }
  }

  private func isEqual(_ word: Span<UInt8>, toWordAt place: Int) -> Bool {
    let range = range(ofWordAt: place)
    guard range.count == word.count else { return false }
    let stored = bytes.span.extracting(range)
    for index in word.indices where stored[index] != word[index] { return false }
    return true
  }

  private mutating func grow() {
    slots = [UInt32](repeating: 0, count: slots.count * 2)
    let mask = slots.count - 1
    for (place, entry) in entries.enumerated() {
      var slot = Int(truncatingIfNeeded: entry.hash) & mask
      while slots[slot] != 0 { slot = (slot + 1) & mask }
      slots[slot] = UInt32(place + 1)
    }
  }

  private static func hash(_ word: Span<UInt8>) -> UInt64 {
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15 ^ UInt64(word.count)
    for index in word.indices {
      state = (state ^ UInt64(word[index])) &* 0x0000_0100_0000_01B3
    }
    // The low bits choose the slot: fold the well-mixed high ones into them.
    let product = state.multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
    return product.high ^ product.low
  }
}
