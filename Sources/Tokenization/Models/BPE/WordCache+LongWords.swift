// SPDX-License-Identifier: Apache-2.0

/// Longer words.
extension WordCache.View {
  /// How many places a word may be in.
  private static let probeCount = 4

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
    for _ in 0..<Self.probeCount {
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
    if used[Used.bytes] + size > arena.count {
      places.clear(places.count)
      used[Used.bytes] = 0
      used[Used.places] = 0
    }
    let first = (Int(truncatingIfNeeded: hash) & placeMask) << 1
    var place = first
    for probe in 1...Self.probeCount where places[place + 1] != 0 {
      place = probe == Self.probeCount ? first : (place + 2) & (placeMask << 1 | 1)
    }
    let offset = used[Used.bytes]
    used[Used.bytes] += size
    arena.write(text, word, at: offset)
    for (index, token) in range.enumerated() {
      arena.write(number: tokens[token], at: offset + keySize + 4 * index)
    }
    used[Used.places] += places[place + 1] == 0 ? 1 : 0
    places[place] = hash
    places[place + 1] = UInt64(offset) | UInt64(word.count) << 32 | UInt64(range.count) << 40
  }

  /// Takes over what a smaller table has; a word whose places are taken is forgotten.
  func takePlaces(of old: WordCache.View) {
    used[Used.places] = 0
    for index in stride(from: 0, to: 2 * (old.placeMask + 1), by: 2)
    where old.places[index + 1] != 0 {
      var place = (Int(truncatingIfNeeded: old.places[index]) & placeMask) << 1
      for _ in 0..<Self.probeCount {
        if places[place + 1] == 0 {
          places[place] = old.places[index]
          places[place + 1] = old.places[index + 1]
          used[Used.places] += 1
          break
        }
        place = (place + 2) & (placeMask << 1 | 1)
      }
    }
  }
}
