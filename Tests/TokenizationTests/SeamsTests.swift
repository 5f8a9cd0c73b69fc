// SPDX-License-Identifier: Apache-2.0

import TextPrimitives
import Testing

@testable import Tokenization

/// Pieces that are cut at seams must be encoded as if they were not.
@Suite("Seams of byte-level pieces") struct SeamsTests {
  static let parts = ["日", "本", "し", "な", "い", "ー", "。", "é", "я", "😀", "a", "Bc", " ", "1"]

  static func randomText(_ limit: Int, using random: inout SystemRandomNumberGenerator) -> [UInt8] {
    (0..<Int.random(in: 0...limit, using: &random)).flatMap { _ in
      // Most are scalars of three bytes.
      let last = Bool.random(using: &random) ? 6 : parts.count
      return Array((parts[..<last].randomElement(using: &random) ?? "").utf8)
    }
  }

  /// A model of all bytes whose rules join neighbours of a random text, parts of scalars among them;
  /// some words are tokens that no rule makes.
  static func makeModel(
    ignoresMerges: Bool, using random: inout SystemRandomNumberGenerator
  ) throws -> BPE {
    var tokens: [[UInt8]] = (UInt8.min...UInt8.max).map { [$0] }
    var pairs: [(left: [UInt8], right: [UInt8])] = []
    var words: [[UInt8]] = []
    while words.count < 40 { words = randomText(200, using: &random).map { [$0] } }
    for _ in 0..<Int.random(in: 5...80, using: &random) where words.count > 1 {
      let place = Int.random(in: 1..<words.count, using: &random)
      let (left, right) = (words[place - 1], words[place])
      if !tokens.contains(left + right) {
        tokens.append(left + right)
        pairs.append((left, right))
      }
      var joined: [[UInt8]] = []
      for word in words {
        if joined.last == left, word == right {
          joined[joined.count - 1] += word
        } else {
          joined.append(word)
        }
      }
      words = joined
    }
    for _ in 0..<Int.random(in: 0...4, using: &random) {
      let token = Self.randomText(4, using: &random)
      if token.count > 1, !tokens.contains(token) { tokens.append(token) }
    }
    var builder = VocabularyBuilder(spelling: .byteLevel)
    for (id, token) in tokens.enumerated() { try builder.add(bytes: token, id: id) }
    let vocabulary = try builder.build()
    var options = BPE.Options()
    options.ignoresMerges = ignoresMerges
    let merges = vocabulary.merges(pairs)
    return BPE(vocabulary: vocabulary, merges: merges, options: options)
  }

  /// The places where a text is cut, with room for so many at a time.
  static func ends(
    _ text: [UInt8], _ program: PatternProgram, _ seams: Seams?, room: Int
  ) -> [Int] {
    let ends = WorkBuffer<UInt32>(count: room + PieceScanner.slack)
    let masks = WorkBuffer<UInt64>(count: ByteClasses.limit)
    var found: [Int] = []
    text.span.withText { view in
      var scanner = PieceScanner(program, seams: seams, masks: masks.view)
      var place = 0
      while place < view.count {
        let count = scanner.fill(ends.view, view, &place)
        found += (0..<count).map { Int(ends.view[$0]) }
      }
    }
    return found
  }

  @Test(arguments: [false, true])
  func `pieces are encoded as if they were not cut`(ignoresMerges: Bool) throws {
    var random = SystemRandomNumberGenerator()
    let pattern = try SplitPattern(#"\p{L}+|[^\p{L}]+"#, dialect: .oniguruma)
    let program = try #require(pattern.pieceProgram)
    var (cutCount, keptCount) = (0, 0)
    for _ in 0..<60 {
      let model = try Self.makeModel(ignoresMerges: ignoresMerges, using: &random)
      let seams = try #require(model.seams)
      let isOnlyFor = seams.view.shortestLoner
      #expect(ignoresMerges || isOnlyFor == .max)
      var configuration = Tokenizer.Configuration(model: model)
      configuration.preTokenizer = .byteLevel(pattern: pattern, addsPrefixSpace: false)
      let tokenizer = Tokenizer(configuration)
      let oracle = try DefinitionEncoder(tokenizer)
      let words = try DefinitionEncoder(Tokenizer(Tokenizer.Configuration(model: model)))
      for _ in 0..<60 {
        let text = Self.randomText(30, using: &random)
        let expected = oracle.identifiers(of: text)
        #expect(try tokenizer.encode(bytes: text).ids == expected)
        let ends = Self.ends(text, program, seams, room: .random(in: 1...20, using: &random))
        var (start, found): (Int, [TokenID]) = (0, [])
        for end in ends {
          found += words.identifiers(of: Array(text[start..<end]))
          start = end
        }
        #expect(found == expected, "\(String(decoding: text, as: UTF8.self)) at \(ends)")
        let pieces = Self.ends(text, program, nil, room: 20)
        #expect(Set(pieces).isSubset(of: ends))
        cutCount += ends.count - pieces.count
        keptCount += isOnlyFor < .max ? 1 : 0
      }
    }
    #expect(cutCount > 1000)
    #expect(ignoresMerges == (keptCount > 0))
  }
}
