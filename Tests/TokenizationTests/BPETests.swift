// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Tokenization

@Suite("BPE") struct BPETests {
  /// A byte-level model that merges the letters a to d at random.
  struct RandomModel {
    /// The order of the rules.
    enum Order: CaseIterable {
      /// Every rule comes after those of its parts, as in training.
      case trained
      /// Some rules come first.
      case swapped
      case any
    }

    var model: BPE
    var oracle: ReferenceBPE

    init(_ order: Order, using random: inout SystemRandomNumberGenerator) throws {
      var tokens: [[UInt8]] = Array("abcd".utf8).map { [$0] }
      var pairs: [(left: [UInt8], right: [UInt8])] = []
      while pairs.count < 36 {
        guard let left = tokens.randomElement(using: &random),
          let right = tokens.randomElement(using: &random)
        else { break }
        if tokens.contains(left + right) { continue }
        tokens.append(left + right)
        pairs.append((left, right))
      }
      switch order {
      case .trained: break
      case .swapped:
        for _ in 0..<Int.random(in: 1...12, using: &random) {
          pairs.insert(
            pairs.remove(at: .random(in: pairs.indices, using: &random)),
            at: .random(in: 0..<pairs.count, using: &random))
        }
      case .any: pairs.shuffle(using: &random)
      }
      // Words are learned together where every byte has a token.
      tokens += (UInt8.min...UInt8.max).map { [$0] }.filter { !tokens.contains($0) }
      var builder = VocabularyBuilder(spelling: .byteLevel)
      for (id, token) in tokens.enumerated() { try builder.add(bytes: token, id: id) }
      let vocabulary = try builder.build()
      let merges = vocabulary.merges(pairs)
      model = BPE(vocabulary: vocabulary, merges: merges)
      oracle = ReferenceBPE(pairs)
    }
  }

  /// Encodes a text as one word.
  static func encode(_ model: BPE, _ word: [UInt8], _ context: EncodingContext) -> TokenSink {
    var encoder = WordEncoder(model, context, .identifiersAndRanges)
    context.ends.view[0] = UInt32(word.count)
    word.span.withText { encoder.encodeWords($0, from: 0, count: 1) }
    return encoder.sink
  }

  /// The ids of some words, encoded one after the other in one call.
  static func encode(_ model: BPE, words: [[UInt8]], _ context: EncodingContext) -> [TokenID] {
    var encoder = WordEncoder(model, context, .identifiers)
    var end = 0
    for (index, word) in words.enumerated() {
      end += word.count
      context.ends.view[index] = UInt32(end)
    }
    Array(words.joined()).span.withText { encoder.encodeWords($0, from: 0, count: words.count) }
    return encoder.sink.ids
  }

  @Test(arguments: RandomModel.Order.allCases)
  func `random words are encoded as the definition says, new or remembered`(
    order: RandomModel.Order
  ) throws {
    var random = SystemRandomNumberGenerator()
    var graphCount = 0
    for round in 0..<60 {
      let pair = try RandomModel(order, using: &random)
      graphCount += pair.model.graph == nil ? 0 : 1
      let context = EncodingContext(cacheBytes: 1 << 16, seed: 7)
      for length in [1, 2, 3, 7, 15, 16, 19, 20, 21, 40, 47, 48, 49, 200, 400] {
        let word = (0..<length).map { _ in Array("abcd".utf8).randomElement(using: &random) ?? 97 }
        for pass in 1...2 {
          let sink = Self.encode(pair.model, word, context)
          let tokens = sink.ids.map { pair.model.vocabulary.bytes(of: $0) ?? [] }
          #expect(tokens == pair.oracle.encode(word), "round \(round), length \(length), \(pass)")
          #expect(sink.ranges.map { Array(word[$0]) } == tokens)
          #expect(sink.count == tokens.count)
        }
      }
    }
    switch order {
    case .trained: #expect(graphCount == 60)
    case .swapped: #expect(graphCount > 30)
    case .any: break
    }
  }

  @Test(arguments: RandomModel.Order.allCases)
  func `words that are learned together are encoded as the definition says`(
    order: RandomModel.Order
  ) throws {
    var random = SystemRandomNumberGenerator()
    for round in 0..<20 {
      let pair = try RandomModel(order, using: &random)
      #expect(pair.model.learnsWords == (pair.model.graph?.exceptions.isEmpty ?? false))
      if order == .trained { #expect(pair.model.learnsWords) }
      let context = EncodingContext(cacheBytes: 1 << 16, seed: 7)
      let words = (0..<300).map { _ in
        (0..<Int.random(in: 1...20, using: &random)).map { _ in
          Array("abcd".utf8).randomElement(using: &random) ?? 97
        }
      }
      let expected = words.flatMap { pair.oracle.encode($0) }
      for pass in 1...2 {
        let tokens = Self.encode(pair.model, words: words, context).map {
          pair.model.vocabulary.bytes(of: $0) ?? []
        }
        #expect(tokens == expected, "round \(round), \(pass)")
      }
      let oracle = try DefinitionEncoder(Tokenizer(Tokenizer.Configuration(model: pair.model)))
      for word in words.prefix(40) {
        let tokens = oracle.identifiers(of: word).map { pair.model.vocabulary.bytes(of: $0) ?? [] }
        #expect(tokens == pair.oracle.encode(word))
      }
    }
  }

  @Test func `a token that holds an exception is encoded by the definition`() throws {
    // What waits for `aa`, whose halves are one token, has no place in the order.
    let tokens = ["a", "b", "c", "d", "bc", "aa", "daa", "bcd", "bcdaa", "bcda", "abcda"]
    var builder = VocabularyBuilder(spelling: .byteLevel)
    for (id, token) in tokens.enumerated() { try builder.add(bytes: Array(token.utf8), id: id) }
    let vocabulary = try builder.build()
    let pairs = [
      ("bcd", "aa"), ("d", "aa"), ("a", "bcda"), ("b", "c"), ("bcd", "a"), ("a", "a"), ("bc", "d"),
    ].map { (left: Array($0.0.utf8), right: Array($0.1.utf8)) }
    let merges = vocabulary.merges(pairs)
    let model = BPE(vocabulary: vocabulary, merges: merges)
    let oracle = ReferenceBPE(pairs)
    let graph = try #require(model.graph)
    #expect(graph.exceptionTokens.elements.contains(6))
    // The graph, which knows nothing of `daa`, leads to a token that merging does not lead to.
    #expect(graph.orders[8] >= graph.baseCount && graph.orders[8] != MergeGraph.none)
    #expect(!graph.leads(to: 8, in: vocabulary) && graph.leads(to: 7, in: vocabulary))
    #expect(oracle.encode(Array("bcdaa".utf8)) == ["bc", "daa"].map { Array($0.utf8) })
    for word in ["bcdaa", "abcdaa", "bcda", "abcda", "daa"].map({ Array($0.utf8) }) {
      let context = EncodingContext(cacheBytes: 1 << 16, seed: 7)
      let found = Self.encode(model, words: [word], context).map { vocabulary.bytes(of: $0) ?? [] }
      #expect(found == oracle.encode(word))
    }
  }

  @Test func `a long token that holds an exception is taken whole where merges are ignored`() throws
  {
    let x = ["x", "xx", "xxxx", "xxxxxxxx", "xxxxxxxxxxxxxxxx"]
    let tokens = ["a", "b", "c", "d", "bc", "aa", "daa", "bcd", "bcdaa", "bcdaa" + x[4]] + x
    var builder = VocabularyBuilder(spelling: .byteLevel)
    for (id, token) in tokens.enumerated() { try builder.add(bytes: Array(token.utf8), id: id) }
    let vocabulary = try builder.build()
    var pairs = [("bcd", "aa"), ("d", "aa"), ("b", "c"), ("a", "a"), ("bc", "d")]
    pairs += x.dropLast().map { ($0, $0) } + [("bcdaa", x[4])]
    var options = BPE.Options()
    options.ignoresMerges = true
    let model = BPE(
      vocabulary: vocabulary,
      merges: vocabulary.merges(pairs.map { (Array($0.0.utf8), Array($0.1.utf8)) }),
      options: options)
    #expect(model.graph?.exceptions.isEmpty == false)
    let context = EncodingContext(cacheBytes: 1 << 16, seed: 7)
    #expect(Self.encode(model, Array(tokens[9].utf8), context).ids == [9])
  }

  @Test func `rules that come before those of their parts have a place in the order`() throws {
    // As in the reference, short words that go through the graph and no exceptions.
    var random = SystemRandomNumberGenerator()
    var waitingCount = 0
    for round in 0..<200 {
      let pair = try RandomModel(.swapped, using: &random)
      guard let graph = pair.model.graph, graph.exceptions.isEmpty else { continue }
      let merges = pair.model.merges
      let isOutOfOrder = merges.contains { merge in
        merges.contains { $0.merged == merge.left && $0.rank > merge.rank }
      }
      guard isOutOfOrder else { continue }
      waitingCount += 1
      let context = EncodingContext(cacheBytes: 0, seed: 7)
      for _ in 0..<40 {
        let length = Int.random(in: 2...60, using: &random)
        let word = (0..<length).map { _ in Array("abcd".utf8).randomElement(using: &random) ?? 97 }
        let tokens = Self.encode(pair.model, word, context).ids.map {
          pair.model.vocabulary.bytes(of: $0) ?? []
        }
        #expect(tokens == pair.oracle.encode(word), "round \(round)")
      }
    }
    #expect(waitingCount > 10)
  }

  @Test(arguments: RandomModel.Order.allCases)
  func `a word that is encoded in parts is encoded as the definition says`(
    order: RandomModel.Order
  ) throws {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<20 {
      let pair = try RandomModel(order, using: &random)
      let context = EncodingContext(cacheBytes: 0, seed: 7)
      // A few letters repeated make runs that merge in one way only.
      let letters = Array("abcd".utf8).shuffled(using: &random)
        .prefix(Int.random(in: 1...4, using: &random))
      let word = (0..<Int.random(in: 2000...20_000, using: &random))
        .map { _ in letters.randomElement(using: &random) ?? 97 }
      let scratch = MergeScratch(capacity: word.count)
      var (ids, ranges): ([TokenID], [Range<Int>]) = ([], [])
      word.span.withText { text in
        pair.model.merged(text, 0..<word.count, pair.model.definition, in: scratch).forEach {
          ids.append($0)
          ranges.append($1)
        }
      }
      let sink = Self.encode(pair.model, word, context)
      #expect(sink.ids == ids && sink.ranges == TokenOffsets(ranges) && sink.count == ids.count)
    }
  }

  @Test func `parts without a token in common are given up for the whole`() throws {
    // Each rule comes before the one on its left, so the last letter decides on all before it.
    let letters = (0..<200).map { UInt8($0) }
    var builder = VocabularyBuilder(spelling: .byteLevel)
    for letter in letters { try builder.add(bytes: [letter], id: Int(letter)) }
    for letter in letters.dropLast() {
      try builder.add(bytes: [letter, letter + 1], id: 200 + Int(letter))
    }
    let merges = letters.dropLast().reversed().enumerated().map { rank, letter in
      Merge(
        left: TokenID(letter), right: TokenID(letter + 1), merged: 200 + TokenID(letter),
        rank: UInt32(rank))
    }
    let model = BPE(vocabulary: try builder.build(), merges: merges)
    let word = (0..<30).flatMap { Array(letters.dropFirst($0 % 2)) }
    let scratch = MergeScratch(capacity: word.count)
    var ids: [TokenID] = []
    word.span.withText { text in
      model.merged(text, 0..<word.count, model.definition, in: scratch).forEach { id, _ in
        ids.append(id)
      }
    }
    let context = EncodingContext(cacheBytes: 0, seed: 7)
    #expect(Self.encode(model, word, context).ids == ids)
  }

  @Test func `tokens of one rank are left to the definition, the leftmost place first`() throws {
    var builder = VocabularyBuilder(spelling: .byteLevel)
    for (id, token) in ["a", "b", "aa", "aaa", "ab"].enumerated() {
      try builder.add(bytes: Array(token.utf8), id: id)
    }
    let rules: [(TokenID, TokenID, TokenID, UInt32)] = [
      (0, 0, 2, 0), (0, 2, 3, 0), (2, 0, 3, 0), (0, 1, 4, 1),
    ]
    let model = BPE(
      vocabulary: try builder.build(),
      merges: rules.map { Merge(left: $0.0, right: $0.1, merged: $0.2, rank: $0.3) })
    #expect(model.graph?.exceptionTokens.elements == [2, 3])
    let context = EncodingContext(cacheBytes: 0, seed: 7)
    #expect(Self.encode(model, Array("aaaaab".utf8), context).ids == [3, 2, 1])
    #expect(Self.encode(model, Array("abab".utf8), context).ids == [4, 4])
  }

  @Test func `a long token that no rule makes is whole only where merges are ignored`() throws {
    // Rules double the letter up to eight; no rule makes the tokens of 18 and of 70 letters.
    let lengths = [1, 2, 4, 8, 18, 70]
    var builder = VocabularyBuilder(spelling: .byteLevel)
    for (id, length) in lengths.enumerated() {
      try builder.add(bytes: Array(repeating: 0x61, count: length), id: id)
    }
    try builder.add(bytes: Array("b".utf8), id: lengths.count)
    let vocabulary = try builder.build()
    let merges = (0..<3).map { id in
      Merge(left: TokenID(id), right: TokenID(id), merged: TokenID(id + 1), rank: UInt32(id))
    }
    for ignoresMerges in [false, true] {
      var options = BPE.Options()
      options.ignoresMerges = ignoresMerges
      let model = BPE(vocabulary: vocabulary, merges: merges, options: options)
      #expect(model.graph != nil)
      let oracle = try DefinitionEncoder(Tokenizer(Tokenizer.Configuration(model: model)))
      let context = EncodingContext(cacheBytes: 1 << 16, seed: 7)
      for length in [8, 16, 17, 18, 19, 63, 64, 70, 71] {
        let word = [UInt8](repeating: 0x61, count: length)
        for word in [word, [0x62] + word.dropLast()] {
          for _ in 1...2 {
            let ids = Self.encode(model, word, context).ids
            #expect(ids == oracle.identifiers(of: word), "\(length) bytes, \(ignoresMerges)")
          }
        }
      }
      let isWhole = Self.encode(model, Array(repeating: 0x61, count: 70), context).ids == [5]
      #expect(isWhole == ignoresMerges)
    }
  }

  @Test func `a small cache forgets, and gives nothing wrong`() throws {
    var random = SystemRandomNumberGenerator()
    let pair = try RandomModel(.trained, using: &random)
    let context = EncodingContext(cacheBytes: 0, seed: 7)
    for _ in 0..<5000 {
      let length = Int.random(in: 1...40, using: &random)
      let word = (0..<length).map { _ in Array("abcd".utf8).randomElement(using: &random) ?? 97 }
      let tokens = Self.encode(pair.model, word, context).ids.map {
        pair.model.vocabulary.bytes(of: $0) ?? []
      }
      #expect(tokens == pair.oracle.encode(word))
    }
  }

  @Test func `a byte without token is dropped, and offsets stay true`() throws {
    var builder = VocabularyBuilder(spelling: .byteLevel)
    try builder.add(bytes: [0x61], id: 0)
    let model = BPE(vocabulary: try builder.build(), merges: [])
    let context = EncodingContext(cacheBytes: 0, seed: 7)
    let sink = Self.encode(model, Array("axa".utf8), context)
    #expect(sink.ids == [0, 0])
    #expect(sink.ranges == [0..<1, 2..<3])
  }

  /// A model of the tokens in the order of their ids, and of rules by their ids.
  static func model(_ tokens: [String], _ rules: [(TokenID, TokenID, TokenID)]) throws -> BPE {
    var builder = VocabularyBuilder(spelling: .byteLevel)
    for (id, token) in tokens.enumerated() { try builder.add(bytes: Array(token.utf8), id: id) }
    let merges = rules.enumerated().map { rank, rule in
      Merge(left: rule.0, right: rule.1, merged: rule.2, rank: UInt32(rank))
    }
    return BPE(vocabulary: try builder.build(), merges: merges)
  }

  @Test func `a rule that comes before its part's is applied as soon as the part is there`() throws
  {
    let model = try Self.model(["a", "b", "c", "bc", "abc"], [(0, 3, 4), (1, 2, 3)])
    #expect(model.graph?.exceptions.isEmpty == true)
    let context = EncodingContext(cacheBytes: 0, seed: 7)
    #expect(Self.encode(model, Array("abcbc".utf8), context).ids == [4, 3])
  }

  @Test func `words in which two places may want one token are left to the definition`() throws {
    // After the first "ab" its rule takes the "a" that the second would have been made of.
    let model = try Self.model(["a", "b", "ab", "aba"], [(2, 0, 3), (0, 1, 2)])
    #expect(model.graph?.exceptions.isEmpty == false)
    let context = EncodingContext(cacheBytes: 0, seed: 7)
    #expect(Self.encode(model, Array("abab".utf8), context).ids == [3, 1])
  }
}

@Suite("Vocabulary") struct VocabularyTests {
  @Test func `conflicts are refused`() throws {
    var builder = VocabularyBuilder(spelling: .text)
    try builder.add(bytes: [0x61], id: 5)
    #expect(throws: VocabularyBuilder.Conflict.duplicateIdentifier(5)) {
      try builder.add(bytes: [0x62], id: 5)
    }
    #expect(throws: VocabularyBuilder.Conflict.identifierTooLarge(1 << 24)) {
      try builder.add(bytes: [0x62], id: 1 << 24)
    }
    try builder.add(bytes: [0x61], id: 7)
    #expect(throws: VocabularyBuilder.Conflict.duplicateToken(first: 5, second: 7)) {
      try builder.build()
    }
  }

  @Test func `byte-level spellings become bytes, and what spells none is kept apart`() throws {
    var builder = VocabularyBuilder(spelling: .byteLevel)
    try builder.add(spelt: Array("Ġa".utf8), id: 0)
    try builder.add(spelt: Array("日".utf8), id: 1)
    let vocabulary = try builder.build()
    #expect(vocabulary.identifier(of: Array(" a".utf8)) == 0)
    #expect(vocabulary.identifier(spelt: Array("Ġa".utf8)) == 0)
    #expect(vocabulary.identifier(of: Array("日".utf8)) == nil)
    #expect(vocabulary.identifier(spelt: Array("日".utf8)) == 1)
    #expect(vocabulary.spelling(of: 0) == Array("Ġa".utf8))
    #expect(vocabulary.spelling(of: 1) == Array("日".utf8))
    #expect(vocabulary.bytes(of: 2) == nil)
  }
}
