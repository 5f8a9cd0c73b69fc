// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Tokenization

@Suite("Trie of tokens") struct TokenTrieTests {
  /// Bytes of one to four-byte scalars, which come whole and in parts.
  private static let pieces: [[UInt8]] = [
    [0x61], [0x62], [0xC3, 0xA9], [0xC3], [0xA9], [0xE3, 0x81, 0x82], [0xE3, 0x81, 0x83],
    [0xE3, 0x81], [0xE3], [0x81], [0x82], [0xF0, 0x9F, 0x98, 0x80], [0xF0, 0x9F, 0x98],
    [0xF0, 0x9F],
    [0xF0], [0x80], [0xFF], [0xE0, 0x80, 0x61],
  ]

  private static func bytes(_ count: Int, _ random: inout SystemRandomNumberGenerator) -> [UInt8] {
    (0..<count).flatMap { _ in pieces.randomElement(using: &random) ?? [] }
  }

  @Test(
    "The longest token at every place, and the longest that each starts with, are those of a search"
  )
  func longest() throws {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<300 {
      var tokens: [[UInt8]] = []
      for _ in 0..<Int.random(in: 1...60, using: &random) {
        let token = Self.bytes(Int.random(in: 1...4, using: &random), &random)
        if !tokens.contains(token) { tokens.append(token) }
      }
      var builder = TokenTrie.Builder(tokens: tokens.count)
      let pieces = WorkBuffer<TokenTrie.Piece>(count: tokens.count)
      var place: UInt32 = 0
      for (number, token) in tokens.enumerated() {
        // Half of them go on from a token that they start with.
        let left =
          Bool.random(using: &random)
          ? tokens[..<number].firstIndex { token.starts(with: $0) } : nil
        let middle = place + UInt32(left.map { tokens[$0].count } ?? 0)
        pieces.view[number] = TokenTrie.Piece(
          start: place, middle: middle, end: place + UInt32(token.count),
          left: left.map(UInt32.init) ?? TokenTrie.none)
        place += UInt32(token.count)
      }
      // The first are added alone, the others together.
      let cut = Int.random(in: 0...1, using: &random)
      Array(tokens.joined()).span.withText { text in
        builder.add(pieces.view, 0..<cut, of: text)
        for number in cut..<tokens.count { pieces.view[number - cut] = pieces.view[number] }
        builder.add(pieces.view, cut..<tokens.count, of: text)
      }
      let built = builder.build(tokenCount: tokens.count)
      let (trie, shorter) = try #require(built)
      for (number, token) in tokens.enumerated() {
        let wanted = Self.longest(tokens, token[...], butNot: number)
        #expect(shorter[number] == wanted ?? TokenTrie.none)
      }
      let text = Self.bytes(30, &random)
      for start in text.indices {
        let limit = Int.random(in: start + 1...text.count, using: &random)
        let wanted = Self.longest(tokens, text[start..<limit])
        var found = TokenTrie.Match.none
        text.span.withText { found = trie.view.longest($0, start, limit) }
        #expect(found.token == wanted ?? TokenTrie.none)
        if let wanted { #expect(found.end == start + tokens[Int(wanted)].count) }
      }
    }
  }

  private static func longest(
    _ tokens: [[UInt8]], _ text: ArraySlice<UInt8>, butNot excluded: Int? = nil
  ) -> UInt32? {
    tokens.indices.filter { $0 != excluded && text.starts(with: tokens[$0]) }
      .max { tokens[$0].count < tokens[$1].count }.map { UInt32($0) }
  }
}
