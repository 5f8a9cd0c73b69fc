// SPDX-License-Identifier: Apache-2.0

/// Merges the bytes of one word into tokens, in memory that the caller provides.
///
/// Short words are merged as the definition says, by the lowest rank. Long ones are encoded by
/// backtracking (github/rust-gems, crates/bpe): the longest token first, a shorter one where it would
/// not stand beside the one before, back by one token where none would. A place that led nowhere is
/// marked, so the work is linear in the bytes whatever the text is.
struct WordMerger {
  /// Words of more symbols are encoded by backtracking.
  static let shortLimit = 20

  let graph: MergeGraph.View
  /// The tokens of the word as orders, room for one a byte.
  let symbols: WorkBuffer<UInt32>.View
  /// What each symbol and the next become; room for ``shortLimit``.
  let candidates: WorkBuffer<UInt32>.View
  /// A bit for each place from which no encoding goes on; zeros between words.
  let dead: WorkBuffer<UInt64>.View
  /// Whether pairs of tokens are stable: the pair above the bit, and one more.
  let pairs: WorkBuffer<UInt64>.View

  /// How many pairs are remembered.
  static let pairCount = 1 << 16

  // MARK: Short words

  /// Merges the symbols of a short word.
  ///
  /// - Parameter count: How many symbols there are; the candidates are set.
  /// - Returns: How many tokens they became.
  @inline(__always)
  func mergeSymbols(_ count: Int) -> Int {
    var count = count
    while count > 1 {
      var (best, lowest) = (0, candidates[0])
      for index in 1..<(count &- 1) {
        let candidate = candidates[index]
        best = candidate < lowest ? index : best
        lowest = candidate < lowest ? candidate : lowest
      }
      guard lowest != MergeGraph.none else { break }
      symbols[best] = lowest
      count &-= 1
      var index = best &+ 1
      while index < count {
        symbols[index] = symbols[index &+ 1]
        candidates[index &- 1] = candidates[index]
        index &+= 1
      }
      if best &+ 1 < count {
        candidates[best] = graph.rules.merged(lowest, symbols[best &+ 1])
      }
      if best > 0 { candidates[best &- 1] = graph.rules.merged(symbols[best &- 1], lowest) }
    }
    return count
  }

  // MARK: Long words

  /// Encodes a range whose bytes all belong to tokens.
  ///
  /// - Returns: How many tokens it has; they are in `symbols`.
  func backtrack(_ text: TextView, _ range: Range<Int>) -> Int {
    let start = range.lowerBound
    let end = range.upperBound
    let trie = graph.trie
    var count = 0
    var place = start
    var token = trie.longest(text, place, end)
    while true {
      guard token != MergeGraph.none else {
        dead[(place &- start) &>> 6] |= 1 &<< UInt64((place &- start) & 63)
        guard count > 0 else { break }
        count &-= 1
        place &-= length(symbols[count])
        token = graph.shorter[Int(symbols[count])]
        continue
      }
      let next = place &+ length(token)
      let isOpen =
        next <= end && dead[(next &- start) &>> 6] &>> UInt64((next &- start) & 63) & 1 == 0
      guard isOpen, count == 0 || isStable(symbols[count &- 1], token) else {
        token = graph.shorter[Int(token)]
        continue
      }
      symbols[count] = token
      count &+= 1
      place = next
      if place == end { break }
      token = trie.longest(text, place, end)
    }
    dead.clear((range.count >> 6) + 1)
    return count
  }

  @inline(__always)
  private func length(_ token: UInt32) -> Int {
    let length = Int(graph.tokens[Int(token)] &>> PackedToken.lengthShift)
    return length > 0 ? length : longLength(token)
  }

  /// The length of a token of 256 bytes or more, from its parts.
  @inline(never)
  private func longLength(_ token: UInt32) -> Int {
    let split = graph.splits[Int(token)]
    return length(UInt32(truncatingIfNeeded: split >> 32))
      + length(UInt32(truncatingIfNeeded: split))
  }

  @inline(__always)
  private func isStable(_ left: UInt32, _ right: UInt32) -> Bool {
    let key = UInt64(left) &<< 21 | UInt64(right)
    let slot =
      Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) &>> 40) & (Self.pairCount &- 1)
    let known = pairs[slot]
    if known &>> 2 == key, known & 2 != 0 { return known & 1 != 0 }
    let isStable = graph.isStable(left, right)
    pairs[slot] = key &<< 2 | 2 | (isStable ? 1 : 0)
    return isStable
  }
}
