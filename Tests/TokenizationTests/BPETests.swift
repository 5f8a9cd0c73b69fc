// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Tokenization

@Suite("BPE") struct BPETests {
  /// A byte-level model over the letters a to d, with random merges.
  struct RandomModel {
    var model: BPE
    var oracle: ReferenceBPE

    init(using random: inout SystemRandomNumberGenerator) throws {
      var tokens: [[UInt8]] = Array("abcd".utf8).map { [$0] }
      var pairs: [(left: [UInt8], right: [UInt8])] = []
      while tokens.count < 40 {
        guard let left = tokens.randomElement(using: &random),
          let right = tokens.randomElement(using: &random)
        else { break }
        if tokens.contains(left + right) { continue }
        tokens.append(left + right)
        pairs.append((left, right))
      }
      var builder = VocabularyBuilder(spelling: .byteLevel)
      for (id, token) in tokens.enumerated() { try builder.add(bytes: token, id: id) }
      let vocabulary = try builder.build()
      let merges = pairs.enumerated().map { rank, pair in
        Merge(
          left: vocabulary.identifier(of: pair.left) ?? 0,
          right: vocabulary.identifier(of: pair.right) ?? 0,
          merged: vocabulary.identifier(of: pair.left + pair.right) ?? 0, rank: UInt32(rank))
      }
      model = BPE(vocabulary: vocabulary, merges: merges)
      oracle = ReferenceBPE(pairs)
    }
  }

  @Test func `encodes random words as the definition does, by scan, heap and cache`() throws {
    var random = SystemRandomNumberGenerator()
    for round in 0..<60 {
      let pair = try RandomModel(using: &random)
      let scratch = MergeScratch()
      for length in [1, 2, 3, 7, 15, 16, 40, 47, 48, 49, 200] {
        let word = (0..<length).map { _ in Array("abcd".utf8).randomElement(using: &random) ?? 97 }
        for pass in 1...2 {
          var sink = TokenSink(keepsRanges: true)
          pair.model.encode(word.span, 0..<word.count, into: &sink, scratch)
          let tokens = sink.ids.map { pair.model.vocabulary.bytes(of: $0) ?? [] }
          #expect(tokens == pair.oracle.encode(word), "round \(round), length \(length), \(pass)")
          #expect(sink.ranges.map { Array(word[$0]) } == tokens)
        }
      }
    }
  }

  @Test func `a byte without token is dropped, and offsets stay true`() throws {
    var builder = VocabularyBuilder(spelling: .byteLevel)
    try builder.add(bytes: [0x61], id: 0)
    let model = BPE(vocabulary: try builder.build(), merges: [])
    var sink = TokenSink(keepsRanges: true)
    model.encode(Array("axa".utf8).span, 0..<3, into: &sink, MergeScratch())
    #expect(sink.ids == [0, 0])
    #expect(sink.ranges == [0..<1, 2..<3])
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
