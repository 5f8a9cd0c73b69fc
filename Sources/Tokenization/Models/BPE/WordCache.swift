// SPDX-License-Identifier: Apache-2.0

/// Remembers the tokens of words, in memory of fixed size.
///
/// A word of up to 15 bytes of which there are up to four tokens has an entry of 32 bytes in one of
/// the two places of its bucket, a cache line, or of the bucket beside it. Others of up to 255 bytes
/// have their bytes and tokens in an arena, found through a table with four places for each word;
/// when the arena is full, both start anew. Neither is ever searched further, so a text that is made to collide costs no more
/// than one whose words are all new; a seed keeps such texts from being made ahead.
final class WordCache: Sendable {
  /// The longest word with an entry of its own.
  static let shortLimit = 15
  /// The longest word that is remembered.
  static let longLimit = 255
  /// How many places a longer word may be in.
  fileprivate static let probeCount = 4

  private let buckets: WorkBuffer<UInt64>
  private let places: WorkBuffer<UInt64>
  private let arena: WorkBuffer<UInt8>
  private let used = WorkBuffer<Int>(count: 1)
  private let seed: UInt64

  /// A cache of about so many bytes.
  init(byteLimit: Int, seed: UInt64) {
    func powerOfTwo(atMost limit: Int, atLeast minimum: Int) -> Int {
      var size = minimum
      while size * 2 <= limit { size *= 2 }
      return size
    }
    buckets = WorkBuffer(count: powerOfTwo(atMost: byteLimit / 3, atLeast: 1024) / 8)
    places = WorkBuffer(count: powerOfTwo(atMost: byteLimit / 6, atLeast: 1024) / 8)
    arena = WorkBuffer(count: max(byteLimit / 2, 4096))
    self.seed = seed
  }

  var view: View {
    View(
      buckets: buckets.view, places: places.view, arena: arena.view, used: used.view, seed: seed,
      bucketMask: buckets.count / 8 - 1, placeMask: places.count / 2 - 1)
  }

  /// The bytes of a word of up to 15 bytes, its length in the last.
  struct Key {
    /// The upper half of a key that no word is remembered by.
    static let ofLongWords: UInt64 = 1

    var low: UInt64
    var high: UInt64

    @inline(__always)
    init(_ text: TextView, _ start: Int, _ length: Int) {
      if start &+ 16 <= text.count {
        // Lengths below and above 8 come as they like, so both go one way without a branch.
        let isLong = UInt64(truncatingIfNeeded: length &>> 3)
        let mask = ~(UInt64.max &<< UInt64(truncatingIfNeeded: (length & 7) &* 8))
        low = text.word(at: start) & (mask | (0 &- isLong))
        high = text.word(at: start &+ 8) & mask & (0 &- isLong)
        high |= UInt64(truncatingIfNeeded: length) &<< 56
      } else {
        low = text.word(at: start, length: min(length, 8))
        high = length > 8 ? text.word(at: start &+ 8, length: length &- 8) : 0
        high |= UInt64(truncatingIfNeeded: length) &<< 56
      }
    }
  }

  /// The cache for the length of a call.
  struct View {
    fileprivate let buckets: WorkBuffer<UInt64>.View
    fileprivate let places: WorkBuffer<UInt64>.View
    fileprivate let arena: WorkBuffer<UInt8>.View
    fileprivate let used: WorkBuffer<Int>.View
    fileprivate let seed: UInt64
    fileprivate let bucketMask: Int
    fileprivate let placeMask: Int
  }
}

// MARK: - Short words

extension WordCache.View {
  /// Where a word's bucket is.
  @inline(__always)
  func bucket(_ key: WordCache.Key) -> Int {
    let product = (key.low ^ seed).multipliedFullWidth(by: key.high ^ 0x9FB2_1C65_1E98_DF25)
    return (Int(truncatingIfNeeded: product.high ^ product.low) & bucketMask) &<< 3
  }

  /// Asks for a bucket to be brought near.
  @inline(__always)
  func prefetch(_ bucket: Int) {
    buckets.prefetch(bucket)
  }

  /// Writes the tokens of a word, room for four being there.
  ///
  /// - Returns: How many there are, or 0 for a word that is not remembered.
  @inline(__always)
  func replay(
    low: UInt64, high: UInt64, bucket: Int, into output: WorkBuffer<UInt32>.View, at index: Int
  ) -> Int {
    var entry = bucket
    if isFree(entry, low, high) {
      entry &+= 4
      if isFree(entry, low, high) {
        entry = bucket ^ 8
        if isFree(entry, low, high) {
          entry &+= 4
          if isFree(entry, low, high) { return 0 }
        }
      }
    }
    let tokens = buckets[entry &+ 2]
    output.storePair(tokens, at: index)
    output.storePair(buckets[entry &+ 3], at: index &+ 2)
    return Int(tokens &>> 22 & 3) &+ 1
  }

  /// Whether an entry is not that of a word.
  @inline(__always)
  private func isFree(_ entry: Int, _ low: UInt64, _ high: UInt64) -> Bool {
    (buckets[entry] ^ low) | (buckets[entry &+ 1] ^ high) != 0
  }

  /// Remembers a word's tokens; false where there are too many for an entry.
  func record(_ key: WordCache.Key, _ tokens: WorkBuffer<UInt32>.View, _ range: Range<Int>) -> Bool
  {
    guard range.count <= 4, !range.isEmpty else { return false }
    let first = bucket(key)
    // An entry that is free, or one that the key chooses, so that words of a text that is over make
    // room in time.
    let entries = [first, first + 4, first ^ 8, (first ^ 8) + 4]
    let entry =
      entries.first { buckets[$0 + 1] == 0 }
      ?? entries[Int((key.low ^ key.low >> 7 ^ key.high) & 3)]
    var words: (UInt64, UInt64) = (UInt64(range.count - 1) << 22, 0)
    for (index, place) in range.enumerated() {
      let token = UInt64(tokens[place])
      if index < 2 {
        words.0 |= token << UInt64(index * 32)
      } else {
        words.1 |= token << UInt64((index - 2) * 32)
      }
    }
    buckets[entry] = key.low
    buckets[entry + 1] = key.high
    buckets[entry + 2] = words.0
    buckets[entry + 3] = words.1
    return true
  }
}

// MARK: - Long words

extension WordCache.View {
  /// Asks for where a longer word may be.
  @inline(__always)
  func prefetchPlace(_ hash: UInt64) {
    places.prefetch((Int(truncatingIfNeeded: hash) & placeMask) &<< 1)
  }

  /// Asks for what is remembered of a longer word, as its first place tells.
  @inline(__always)
  func prefetchRecord(_ hash: UInt64) {
    let place = (Int(truncatingIfNeeded: hash) & placeMask) &<< 1
    if places[place] == hash { arena.prefetch(Int(places[place &+ 1] & 0xFFFF_FFFF)) }
  }

  /// A hash of a word's bytes.
  func hash(_ text: TextView, _ range: Range<Int>) -> UInt64 {
    var state = seed ^ UInt64(truncatingIfNeeded: range.count)
    var place = range.lowerBound
    while place &+ 8 <= range.upperBound {
      state = Self.mix(state ^ text.word(at: place))
      place &+= 8
    }
    return Self.mix(state ^ text.word(at: place, length: range.upperBound &- place))
  }

  @inline(__always)
  private static func mix(_ value: UInt64) -> UInt64 {
    let product = value.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
    return product.high ^ product.low
  }

  /// Writes the tokens of a word, room for 255 being there.
  ///
  /// - Returns: How many there are, or 0 for a word that is not remembered.
  func replay(
    _ hash: UInt64, _ text: TextView, _ range: Range<Int>, into output: WorkBuffer<UInt32>.View,
    at index: Int
  ) -> Int {
    var place = (Int(truncatingIfNeeded: hash) & placeMask) << 1
    for _ in 0..<WordCache.probeCount {
      let record = places[place + 1]
      if record == 0 { return 0 }
      if places[place] == hash, Int(record >> 32 & 0xFF) == range.count {
        let offset = Int(record & 0xFFFF_FFFF)
        if arena.equals(offset, text, range) {
          let count = Int(record >> 40)
          let first = offset + (range.count + 3) & ~3
          for token in 0..<count { output[index + token] = arena.number(at: first + 4 * token) }
          return count
        }
      }
      place = (place + 2) & (placeMask << 1 | 1)
    }
    return 0
  }

  /// Remembers a word's tokens, at most 255.
  func record(
    _ hash: UInt64, _ text: TextView, _ word: Range<Int>, _ tokens: WorkBuffer<UInt32>.View,
    _ range: Range<Int>
  ) {
    let keySize = (word.count + 3) & ~3
    let size = keySize + 4 * range.count
    guard !range.isEmpty, range.count < 256, size <= arena.count else { return }
    if used[0] + size > arena.count {
      places.clear(places.count)
      used[0] = 0
    }
    let first = (Int(truncatingIfNeeded: hash) & placeMask) << 1
    var place = first
    for probe in 1...WordCache.probeCount where places[place + 1] != 0 {
      place = probe == WordCache.probeCount ? first : (place + 2) & (placeMask << 1 | 1)
    }
    let offset = used[0]
    used[0] += size
    arena.write(text, word, at: offset)
    for (index, token) in range.enumerated() {
      arena.write(number: tokens[token], at: offset + keySize + 4 * index)
    }
    places[place] = hash
    places[place + 1] = UInt64(offset) | UInt64(word.count) << 32 | UInt64(range.count) << 40
  }
}
