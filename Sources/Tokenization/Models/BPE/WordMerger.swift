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
  /// What each symbol of a short word and the next become.
  let candidates: WorkBuffer<UInt32>.View
  /// Where each token that backtracking has found starts; as much room.
  let starts: WorkBuffer<UInt32>.View
  /// A bit for each place from which no encoding goes on; zeros between words.
  let dead: WorkBuffer<UInt64>.View

  // MARK: Short words

  /// A short word that is being merged.
  struct Word: BitwiseCopyable {
    /// Where its symbols and candidates start.
    var base = 0
    /// How many symbols it has.
    var count: Int
    /// The symbol that was merged last, whose neighbours' candidates are not known yet; or -1.
    var last = -1
  }

  /// Merges the symbols of a short word.
  ///
  /// - Parameter count: How many symbols there are; the candidates are set.
  /// - Returns: How many tokens they became.
  @inline(__always)
  func mergeSymbols(_ count: Int) -> Int {
    var word = Word(count: count)
    while step(&word) {}
    return word.count
  }

  /// Merges two symbols of a short word; false where there are no two that merge.
  @inline(__always)
  func step(_ word: inout Word) -> Bool {
    let base = word.base
    if word.last >= 0 {
      let last = base &+ word.last
      if word.last &+ 1 < word.count {
        candidates[last] = graph.rules.merged(symbols[last], symbols[last &+ 1])
      }
      if word.last > 0 {
        candidates[last &- 1] = graph.rules.merged(symbols[last &- 1], symbols[last])
      }
    }
    guard word.count > 1 else { return false }
    let end = base &+ word.count &- 1
    var (best, lowest, index) = (base, candidates[base], base &+ 1)
    while index < end {
      let candidate = candidates[index]
      best = candidate < lowest ? index : best
      lowest = candidate < lowest ? candidate : lowest
      index &+= 1
    }
    guard lowest != MergeGraph.none else { return false }
    symbols[best] = lowest
    index = best &+ 1
    while index < end {
      symbols[index] = symbols[index &+ 1]
      candidates[index &- 1] = candidates[index]
      index &+= 1
    }
    word.count &-= 1
    word.last = best &- base
    return true
  }

  /// Asks for the rules that the next step looks up.
  @inline(__always)
  func prefetch(_ word: Word) {
    let last = word.base &+ word.last
    if word.last &+ 1 < word.count { graph.rules.prefetch(symbols[last], symbols[last &+ 1]) }
    if word.last > 0 { graph.rules.prefetch(symbols[last &- 1], symbols[last]) }
  }

  // MARK: Long words

  /// Encodes a range whose bytes all belong to tokens.
  ///
  /// - Returns: How many tokens it has; they are in `symbols`.
  func backtrack(_ text: TextView, _ range: Range<Int>) -> Int {
    let (start, end) = (range.lowerBound, range.upperBound)
    let trie = graph.trie
    var (count, place) = (0, start)
    var match = trie.longest(text, place, end)
    while true {
      guard match.token != MergeGraph.none else {
        dead[(place &- start) &>> 6] |= 1 &<< UInt64((place &- start) & 63)
        guard count > 0 else { break }
        count &-= 1
        place = start &+ Int(starts[count])
        match = shorter(symbols[count], at: place)
        continue
      }
      let next = match.end
      let isOpen =
        next <= end && dead[(next &- start) &>> 6] &>> UInt64((next &- start) & 63) & 1 == 0
      guard isOpen, count == 0 || graph.isStable(symbols[count &- 1], match.token) else {
        match = shorter(match.token, at: place)
        continue
      }
      symbols[count] = match.token
      starts[count] = UInt32(truncatingIfNeeded: place &- start)
      count &+= 1
      place = next
      if place == end { break }
      match = trie.longest(text, place, end)
    }
    dead.clear((range.count >> 6) + 1)
    return count
  }

  /// The longest other token that a token at a place starts with.
  @inline(__always)
  private func shorter(_ token: UInt32, at place: Int) -> TokenTrie.Match {
    let token = graph.shorter[Int(token)]
    return token == MergeGraph.none
      ? .none : TokenTrie.Match(token: token, end: place &+ length(token))
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
}
