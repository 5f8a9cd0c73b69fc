// SPDX-License-Identifier: Apache-2.0

extension WordCache {
  /// The bytes of a word of up to 15 bytes, its length in the last.
  struct Key {
    /// The upper half of a key that no word is remembered by.
    static let ofLongWords: UInt64 = 1

    let low: UInt64
    let high: UInt64

    init(low: UInt64, high: UInt64) {
      self.low = low
      self.high = high
    }

    @inline(__always)
    init(_ text: TextView, _ start: Int, _ length: Int) {
      if start &+ 16 <= text.count {
        // Lengths below and above 8 come as they like, so both go one way without a branch.
        let isLong = UInt64(truncatingIfNeeded: length &>> 3)
        let mask = ~(UInt64.max &<< UInt64(truncatingIfNeeded: (length & 7) &* 8))
        low = text.word(at: start) & (mask | (0 &- isLong))
        high =
          text.word(at: start &+ 8) & mask & (0 &- isLong)
          | UInt64(truncatingIfNeeded: length) &<< 56
      } else {
        low = text.word(at: start, length: min(length, 8))
        high =
          (length > 8 ? text.word(at: start &+ 8, length: length &- 8) : 0)
          | UInt64(truncatingIfNeeded: length) &<< 56
      }
    }
  }
}

/// Short words.
extension WordCache.View {
  /// A word's hash, which tells its bucket.
  @inline(__always)
  func hash(_ key: WordCache.Key) -> UInt64 {
    let product = (key.low ^ seed).multipliedFullWidth(by: key.high ^ 0x9FB2_1C65_1E98_DF25)
    return product.high ^ product.low
  }

  @inline(__always)
  private func bucket(_ hash: UInt64) -> Int {
    (Int(truncatingIfNeeded: hash) & bucketMask) &<< 3
  }

  /// Asks for a bucket to be brought near.
  @inline(__always)
  func prefetchBucket(_ hash: UInt64) {
    buckets.prefetch(bucket(hash))
  }

  /// Writes the tokens of a word, room for four being there.
  ///
  /// - Returns: How many there are, or 0 for a word that is not remembered.
  @inline(__always)
  func replay(
    low: UInt64, high: UInt64, hash: UInt64, into output: WorkBuffer<UInt32>.View, at index: Int
  ) -> Int {
    let bucket = bucket(hash)
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
    return Int(tokens &>> PackedToken.cacheShift & 3) &+ 1
  }

  /// Whether a word is remembered with up to four tokens.
  @inline(__always)
  func contains(low: UInt64, high: UInt64, hash: UInt64) -> Bool {
    containsFirst(low: low, high: high, hash: hash)
      || containsSecond(low: low, high: high, hash: hash)
  }

  /// Whether it is in the bucket that is looked into first.
  @inline(__always)
  func containsFirst(low: UInt64, high: UInt64, hash: UInt64) -> Bool {
    let first = bucket(hash)
    return !isFree(first, low, high) || !isFree(first &+ 4, low, high)
  }

  /// Whether it is in the bucket beside that.
  @inline(__always)
  func containsSecond(low: UInt64, high: UInt64, hash: UInt64) -> Bool {
    let second = bucket(hash) ^ 8
    return !isFree(second, low, high) || !isFree(second &+ 4, low, high)
  }

  /// Asks for the bucket that is looked into second.
  @inline(__always)
  func prefetchSecond(_ hash: UInt64) {
    buckets.prefetch(bucket(hash) ^ 8)
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
    var words: (UInt64, UInt64) = (UInt64(range.count - 1) << PackedToken.cacheShift, 0)
    for (index, place) in range.enumerated() {
      // A token that was replayed may still tell how many it came with.
      let token = UInt64(tokens[place] & ~PackedToken.cacheBits)
      if index < 2 {
        words.0 |= token << UInt64(index * 32)
      } else {
        words.1 |= token << UInt64((index - 2) * 32)
      }
    }
    write(key, words)
    return true
  }

  /// Writes an entry where one is free, or to one that the key chooses, so that words of a text that
  /// is over make room in time.
  private func write(_ key: WordCache.Key, _ tokens: (UInt64, UInt64)) {
    let bucket = bucket(hash(key))
    var number = 0
    while number < 4, buckets[Self.entry(number, bucket) &+ 1] != 0 { number += 1 }
    if number < 4 {
      used[Used.entries] += 1
    } else {
      number = Int((key.low ^ key.low >> 7 ^ key.high) & 3)
    }
    let entry = Self.entry(number, bucket)
    buckets[entry] = key.low
    buckets[entry + 1] = key.high
    buckets[entry + 2] = tokens.0
    buckets[entry + 3] = tokens.1
  }

  @inline(__always)
  private static func entry(_ number: Int, _ bucket: Int) -> Int {
    (bucket ^ (number & 2) &<< 2) &+ (number & 1) &<< 2
  }

  /// Takes over what a smaller table has.
  func takeEntries(of old: WordCache.View) {
    used[Used.entries] = 0
    for entry in stride(from: 0, to: 8 * (old.bucketMask + 1), by: 4)
    where old.buckets[entry + 1] != 0 {
      write(
        WordCache.Key(low: old.buckets[entry], high: old.buckets[entry + 1]),
        (old.buckets[entry + 2], old.buckets[entry + 3]))
    }
  }
}
