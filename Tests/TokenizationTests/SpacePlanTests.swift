// SPDX-License-Identifier: Apache-2.0

import TextPrimitives
import Testing

@testable import Tokenization

/// The short ways for SentencePiece-style tokenizers must give what the steps give one by one.
@Suite("SentencePiece-style text") struct SpacePlanTests {
  /// A model of a few letters, punctuation and marks with random merges, which now and then are of
  /// both kinds, byte fallback, and rules for runs of marks that come in the wrong order, before or
  /// after all others, as Llama 2 has them.
  static func makeModel(
    runsComeLast: Bool, using random: inout SystemRandomNumberGenerator
  ) throws -> BPE {
    let mark = Metaspace.utf8
    var builder = VocabularyBuilder(spelling: .text)
    var tokens: [[UInt8]] = ["▁", "a", "b", "c", ".", ",", "é", "か", "な"].map { Array($0.utf8) }
    let isMixed = Bool.random(using: &random)
    func kind(_ token: [UInt8]) -> Int { token.contains(0x2E) || token.contains(0x2C) ? 1 : 0 }
    let runs = [(mark + mark, mark + mark), (mark + mark, mark), (mark, mark)]
    var pairs: [(left: [UInt8], right: [UInt8])] = runsComeLast ? [] : runs
    tokens += [mark + mark, mark + mark + mark, mark + mark + mark + mark]
    while tokens.count < 40 {
      guard let left = tokens.randomElement(using: &random),
        let right = tokens.dropFirst().filter({ $0[0] != mark[0] }).randomElement(using: &random),
        !tokens.contains(left + right), !runsComeLast || !left.starts(with: mark + mark),
        isMixed || left == mark || kind(left) == kind(right)
      else { continue }
      tokens.append(left + right)
      pairs.append((left, right))
    }
    if runsComeLast { pairs += runs }
    tokens += ["1", "\n", "日"].map { Array($0.utf8) }
    for (id, token) in tokens.enumerated() { try builder.add(bytes: token, id: id) }
    for byte in 0..<256 {
      try builder.add(bytes: BPE.fallbackSpelling(of: UInt8(byte)), id: tokens.count + byte)
    }
    try builder.add(bytes: Array("<unk>".utf8), id: tokens.count + 256)
    let vocabulary = try builder.build()
    var options = BPE.Options()
    options.byteFallback = true
    options.fusesUnknown = true
    options.unknownToken = TokenID(tokens.count + 256)
    let merges = vocabulary.merges(pairs)
    return BPE(vocabulary: vocabulary, merges: merges, options: options)
  }

  static func randomText(using random: inout SystemRandomNumberGenerator) -> [UInt8] {
    let parts = [
      "a", "b", "c", "ab", "abc", ".", ",", ",.", " ", "  ", "     ", "▁", "é", "\n", "1", "23",
      "日",
      "本", "かな", "な", "😀", "e\u{301}", "x",
    ]
    return (0..<Int.random(in: 0...40, using: &random)).flatMap { _ in
      Array((parts.randomElement(using: &random) ?? "").utf8)
    }
  }

  @Test func `ids and ranges are those of normalizing and merging`() throws {
    var random = SystemRandomNumberGenerator()
    var ways: Set<[Bool]> = []
    for round in 0..<40 {
      let runsComeLast = round % 2 == 0
      let model = try Self.makeModel(runsComeLast: runsComeLast, using: &random)
      let steps: [Normalizer] = [
        .prepend(Metaspace.utf8), .replace(.literal([0x20]), with: Metaspace.utf8),
      ]
      var configuration = Tokenizer.Configuration(model: model)
      configuration.normalizer = .sequence(steps)
      let fast = Tokenizer(configuration)
      configuration.normalizer = .sequence(steps + [.sequence([])])
      let slow = Tokenizer(configuration)
      guard case .spaces(let plan) = fast.parts.plan, case .steps = slow.parts.plan else {
        Issue.record("the plans are others")
        return
      }
      #expect((plan.lateRuns != nil) == runsComeLast)
      ways.insert([model.learnsWords, plan.lateRuns != nil])
      for _ in 0..<300 {
        let text = Self.randomText(using: &random)
        let found = try fast.encode(bytes: text)
        let expected = try slow.encode(bytes: text)
        #expect(found.ids == expected.ids, "\(String(decoding: text, as: UTF8.self))")
        #expect(found.offsets == expected.offsets, "\(String(decoding: text, as: UTF8.self))")
      }
    }
    // Words are learned together, and cut before a run's last mark, in some models and not in others.
    #expect(ways.isSuperset(of: [[true, true], [true, false]]))
  }

  @Test func `a mark that the pre-tokenizer puts first is the only one`() throws {
    var random = SystemRandomNumberGenerator()
    let model = try Self.makeModel(runsComeLast: true, using: &random)
    for (scheme, splits) in [PreTokenizer.PrependScheme.first, .never, .always].flatMap({
      [($0, false), ($0, true)]
    }) {
      let step = PreTokenizer.metaspace(
        replacement: Metaspace.scalar, prepend: scheme, splits: splits)
      var configuration = Tokenizer.Configuration(model: model)
      configuration.preTokenizer = step
      let fast = Tokenizer(configuration)
      configuration.preTokenizer = .sequence([step])
      let slow = Tokenizer(configuration)
      guard case .spaces = fast.parts.plan, case .steps = slow.parts.plan else {
        Issue.record("the plans are others")
        return
      }
      for _ in 0..<300 {
        let text = Self.randomText(using: &random)
        let found = try fast.encode(bytes: text)
        let expected = try slow.encode(bytes: text)
        #expect(found.ids == expected.ids && found.offsets == expected.offsets)
      }
    }
  }

  @Test func `decoding through the table is decoding step by step`() throws {
    var random = SystemRandomNumberGenerator()
    let model = try Self.makeModel(runsComeLast: true, using: &random)
    let replace = TokenDecoder.replace(.literal(Metaspace.utf8), with: [0x20])
    var configuration = Tokenizer.Configuration(model: model)
    configuration.decoder = .sequence([
      replace, .byteFallback, .fuse, .strip(" ", start: 1, stop: 0),
    ])
    configuration.addedTokens = [AddedToken(content: "<s>", id: 400, isSpecial: true)]
    let fast = Tokenizer(configuration)
    configuration.decoder = .sequence([
      .sequence([replace]), .byteFallback, .fuse, .strip(" ", start: 1, stop: 0),
    ])
    let slow = Tokenizer(configuration)
    #expect(fast.parts.decodeTable != nil && slow.parts.decodeTable == nil)
    let known = (0..<TokenID(model.vocabulary.identifierBound)) + [400, 400, 400]
    for _ in 0..<2000 {
      let ids = (0..<Int.random(in: 0...12, using: &random)).compactMap { _ in
        known.randomElement(using: &random)
      }
      for skips in [false, true] {
        #expect(
          try fast.decodedBytes(ids, skippingSpecialTokens: skips)
            == slow.decodedBytes(ids, skippingSpecialTokens: skips), "\(ids)")
      }
    }
    #expect(throws: TokenizerError.self) { try fast.decode([399]) }
  }
}
