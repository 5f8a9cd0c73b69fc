// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TestSupport
import TextPrimitives
import Testing

@testable import TextNormalization

@Suite("ScalarClass") struct ScalarClassTests {
  @Test(.enabled(if: Conformance.has("vocab/unicode"), "needs the conformance corpus"))
  func `every class holds the code points that the engines hold`() throws {
    let tables = try Conformance.json("vocab/unicode/classes.json")
    var count = 0
    for (engine, word) in [
      ("tiktoken (Rust regex / fancy-regex)", ScalarClass.rustWord),
      ("oniguruma (tokenizers Split, Replace)", .onigurumaWord),
    ] {
      for (name, ranges) in try #require(tables[ExactString(engine)]?.object) {
        let ours =
          switch name.string {
          case #"\s"#: ScalarClass.whiteSpace.set
          case #"\w"#: word.set
          case #"\d"#: ScalarClass.category(.decimalNumber).set
          default: ScalarClass.property(named: String(name.string.dropFirst(3).dropLast()))
          }
        #expect(ours == set(ranges), "\(name.string) of \(engine)")
        count += 1
      }
    }
    let components: [(ExactString, ScalarClass)] = [
      ("Punctuation", .huggingFacePunctuation), ("WhitespaceSplit", .whiteSpace),
      ("Digits", .huggingFaceDigit), ("StripAccents", .huggingFaceAccent),
    ]
    for (name, ours) in components {
      #expect(ours.set == set(tables["tokenizers components"]?[name] ?? .null), "\(name.string)")
    }
    #expect(count == 28)
  }

  private func set(_ ranges: JSONValue) -> ScalarSet {
    ScalarSet(
      (ranges.array ?? []).map {
        UInt32($0.array?.first?.integer ?? 0)...UInt32($0.array?.last?.integer ?? 0)
      })
  }

  @Test func `sets combine`() {
    let set = ScalarSet([5...9, 1...2, 3...3, 8...12])
    #expect(set.ranges == [1...3, 5...12])
    #expect(set.inverted.ranges == [0...0, 4...4, 13...0x10_FFFF])
    #expect(set.inverted.inverted == set)
    #expect(
      set.intersection(ScalarSet([0...1, 3...6, 12...20])).ranges == [1...1, 3...3, 5...6, 12...12])
    #expect(set.subtracting(ScalarSet([2...7])).ranges == [1...1, 8...12])
    #expect(set.contains(12) && !set.contains(13) && !set.contains(4))
  }

  @Test func `a table answers as its sets do`() {
    let sets = [ScalarClass.letter.set, ScalarClass.number.set, ScalarSet([0x1F0...0x501])]
    let table = ScalarTable(bits: sets)
    for scalar in UInt32(0)..<0x2_0000 {
      let expected = sets.enumerated().reduce(UInt8(0)) {
        $1.element.contains(scalar) ? $0 | 1 << UInt8($1.offset) : $0
      }
      if table[scalar] != expected { Issue.record("\(scalar)") }
    }
    #expect(table[UTF8Scalars.malformed + 0xFF] == 0)
  }

  @Test func `the byte alphabet goes both ways`() {
    var seen: Set<UInt32> = []
    for byte in UInt8.min...UInt8.max {
      let scalar = ByteAlphabet.scalar(of: byte)
      #expect(ByteAlphabet.byte(of: scalar) == byte)
      seen.insert(scalar)
    }
    #expect(seen.count == 256)
    #expect(ByteAlphabet.scalar(of: 0x20) == 0x120 && ByteAlphabet.byte(of: 0x144) == nil)
  }

  @Test func `lowercase follows Rust`() {
    let cases: [(UInt32, UInt32)] = [
      (0x41, 0x61), (0x7A, 0x7A), (0xC9, 0xE9), (0x3A3, 0x3C3), (0x1E9E, 0xDF), (0x2126, 0x3C9),
      (0x1C89, 0x1C8A), (0xA7CB, 0x264), (0x1_6EA0, 0x1_6EBB), (0x101, 0x101), (0x100, 0x101),
    ]
    for (upper, lower) in cases { #expect(ScalarCase.lowercase(upper) == lower) }
  }
}
