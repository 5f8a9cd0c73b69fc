// SPDX-License-Identifier: Apache-2.0

import TextNormalization

/// Finds the ids of the tokens that rules name.
///
/// Some rules are looked up at a time: first their tokens are hashed and what will be read is asked
/// for, step by step, so that the processor waits for many places of memory at once. Files list rules
/// in the order of the tokens that they make, so the token after the last one made is tried before
/// the hash table is asked.
struct RuleResolver {
  private static let groupSize = 32
  private static let scratchSize = 4096

  private let vocabulary: Vocabulary
  /// How many bytes of the right part vanish when it is joined.
  private let prefixLength: Int
  /// The bytes of a group's tokens, left and right beside each other.
  private let scratch = WorkBuffer<UInt8>(count: scratchSize + ByteAlphabet.writingSlack)
  /// For each rule of a group: where its bytes start, where the right part does, where it ends.
  private let ends = WorkBuffer<Int>(count: 3 * groupSize)
  private let hashes = WorkBuffer<Int>(count: 2 * groupSize)
  private let letters = ByteAlphabet.values.view
  private var lastMade: TokenID = 0

  init(_ vocabulary: Vocabulary, prefixLength: Int) {
    self.vocabulary = vocabulary
    self.prefixLength = prefixLength
  }

  /// Writes the rules of a range, as ids, where they stand in the list.
  ///
  /// - Returns: The first token that is missing, or nil.
  mutating func resolve(
    _ rules: [SpelledRules.Rule], _ range: Range<Int>, in text: SpelledText.View,
    into output: RuleList.Draft
  ) -> SpelledRules.MissingToken? {
    var first = range.lowerBound
    while first < range.upperBound {
      let count = prepare(rules, first..<range.upperBound, text)
      for index in 0..<count {
        let rank = first + index
        guard let merge = find(index) else { return missing(rules[rank], rank, text) }
        output.set(merge.left, merge.right, merge.merged, rank: rank)
      }
      first += count
      guard count < Self.groupSize, first < range.upperBound else { continue }
      guard let merge = findSpelt(rules[first], text) else {
        return missing(rules[first], first, text)
      }
      output.set(merge.left, merge.right, merge.merged, rank: first)
      first += 1
    }
    return nil
  }

  private typealias Found = (left: TokenID, right: TokenID, merged: TokenID)

  /// Reads the next rules that can be looked up by their bytes, and asks for what that will read.
  private func prepare(
    _ rules: [SpelledRules.Rule], _ range: Range<Int>, _ text: SpelledText.View
  ) -> Int {
    guard prefixLength == 0 else { return 0 }
    let (ends, hashes) = (ends.view, hashes.view)
    var (count, place) = (0, 0)
    while count < Self.groupSize, range.lowerBound + count < range.upperBound {
      let rule = rules[range.lowerBound + count]
      let ahead = range.lowerBound + count + 2 * Self.groupSize
      if ahead < range.upperBound { text.file.prefetch(Int(rules[ahead].left.start)) }
      guard place + Int(rule.left.count) + Int(rule.right.count) <= Self.scratchSize,
        let middle = write(rule.left, text, at: place),
        let end = write(rule.right, text, at: middle)
      else { break }
      ends[3 * count] = place
      ends[3 * count + 1] = middle
      ends[3 * count + 2] = end
      place = end
      count += 1
    }
    // Reading what was just written would wait for it.
    let bytes = scratch.view.slices
    for index in 0..<count {
      let (start, middle, end) = (ends[3 * index], ends[3 * index + 1], ends[3 * index + 2])
      hashes[2 * index] = bytes.hash(start, middle - start)
      hashes[2 * index + 1] = bytes.hash(middle, end - middle)
      vocabulary.prefetchSlot(hashes[2 * index])
      vocabulary.prefetchSlot(hashes[2 * index + 1])
    }
    for index in 0..<2 * count { vocabulary.prefetchPlace(hashes[index]) }
    for index in 0..<2 * count { vocabulary.prefetchBytes(hashes[index]) }
    return count
  }

  /// Writes the bytes that a part stands for; nil where it is spelt with a letter that stands for
  /// none.
  private func write(_ part: SpelledRules.Part, _ text: SpelledText.View, at place: Int) -> Int? {
    guard vocabulary.spelling == .byteLevel else {
      return scratch.view.write(text.part(part.range), at: place)
    }
    let (text, range) = text.place(part.range)
    return scratch.view.write(bytesSpelledBy: range, of: text, letters, at: place)
  }

  /// Looks up a rule of the group.
  private mutating func find(_ index: Int) -> Found? {
    let (ends, hashes, bytes) = (ends.view, hashes.view, scratch.view.slices)
    let (start, middle, end) = (ends[3 * index], ends[3 * index + 1], ends[3 * index + 2])
    guard
      let left = vocabulary.identifier(of: bytes.part(start..<middle), hash: hashes[2 * index]),
      let right = vocabulary.identifier(of: bytes.part(middle..<end), hash: hashes[2 * index + 1]),
      let merged = made(bytes.part(start..<end))
    else { return nil }
    return (left, right, merged)
  }

  private mutating func made(_ bytes: ByteSlices) -> TokenID? {
    if vocabulary.holds(bytes, at: lastMade) { return lastMade }
    if vocabulary.holds(bytes, at: lastMade + 1) {
      lastMade += 1
      return lastMade
    }
    guard let id = vocabulary.identifier(of: bytes) else { return nil }
    lastMade = id
    return id
  }

  // MARK: Rules out of the ordinary

  /// Looks up a rule by the spellings of its tokens.
  private func findSpelt(_ rule: SpelledRules.Rule, _ text: SpelledText.View) -> Found? {
    guard let left = vocabulary.identifier(spelt: text.part(rule.left.range).elements),
      let right = vocabulary.identifier(spelt: text.part(rule.right.range).elements),
      let merged = vocabulary.identifier(spelt: joined(rule, text))
    else { return nil }
    return (left, right, merged)
  }

  private func joined(_ rule: SpelledRules.Rule, _ text: SpelledText.View) -> [UInt8] {
    text.part(rule.left.range).elements
      + text.part(rule.right.range).elements.dropFirst(prefixLength)
  }

  private func missing(
    _ rule: SpelledRules.Rule, _ index: Int, _ text: SpelledText.View
  ) -> SpelledRules.MissingToken {
    let tokens = [
      text.part(rule.left.range).elements, text.part(rule.right.range).elements, joined(rule, text),
    ]
    let spelling = tokens.first { vocabulary.identifier(spelt: $0) == nil } ?? tokens[2]
    return SpelledRules.MissingToken(index: index, spelling: spelling)
  }
}
