// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Tokenization

@Suite("Memory for words") struct WordCacheTests {
  @Test(
    "What is remembered is given back as it was, while the tables grow; most of it is remembered")
  func growth() {
    let cache = WordCache(byteLimit: 24 << 20, seed: 7)
    let words = (0..<30_000).map { number in
      Array((number % 3 == 0 ? "a longer word, number \(number)" : "w\(number)").utf8)
    }
    let tokens = WorkBuffer<UInt32>(count: 8)
    for (number, word) in words.enumerated() {
      if cache.view.isCrowded { cache.grow() }
      for index in 0..<4 { tokens.view[index] = UInt32(number + index) | 1 << 24 }
      Self.record(word, cache.view, tokens.view, 0..<number % 4 + 1)
    }
    var known = 0
    let output = WorkBuffer<UInt32>(count: 256)
    for (number, word) in words.enumerated() {
      let count = Self.replay(word, cache.view, output.view)
      guard count > 0 else { continue }
      known += 1
      #expect(count == number % 4 + 1)
      for index in 0..<count {
        #expect(output.view[index] & PackedToken.identifierMask == UInt32(number + index))
      }
    }
    #expect(known > 29_900)
    let other = Array("w30001".utf8)
    #expect(Self.replay(other, cache.view, output.view) == 0)
  }

  private static func record(
    _ word: [UInt8], _ cache: WordCache.View, _ tokens: WorkBuffer<UInt32>.View, _ range: Range<Int>
  ) {
    word.span.withText { text in
      if word.count <= WordCache.shortLimit {
        #expect(cache.record(WordCache.Key(text, 0, word.count), tokens, range))
      } else {
        cache.record(cache.hash(text, 0..<word.count), text, 0..<word.count, tokens, range)
      }
    }
  }

  private static func replay(
    _ word: [UInt8], _ cache: WordCache.View, _ output: WorkBuffer<UInt32>.View
  ) -> Int {
    var count = 0
    word.span.withText { text in
      if word.count <= WordCache.shortLimit {
        let key = WordCache.Key(text, 0, word.count)
        count = cache.replay(
          low: key.low, high: key.high, hash: cache.hash(key), into: output, at: 0)
      } else {
        count = cache.replay(
          cache.hash(text, 0..<word.count), text, 0..<word.count, into: output, at: 0)
      }
    }
    return count
  }
}
