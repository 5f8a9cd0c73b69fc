// SPDX-License-Identifier: Apache-2.0

import TextNormalization
import Testing

@testable import Tokenization

@Suite("SplitPattern") struct SplitPatternTests {
  static let published = [
    #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#,
    #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#,
    #"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s"#,
    #"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"#,
    #"[a-c]+?b|\d{2,}|(?:x|yz)*w|(?<=a)d|(?>e+)e|[^a-z&&[^m]]"#,
  ]

  @Test func `matches as ICU's backtracking engine does, on random texts`() throws {
    var random = SystemRandomNumberGenerator()
    let letters = Array(
      "aabcdemwxyz's'tLL 12 34  \n\r\t.,!/éßſK日本\u{301}\u{200D}½²\u{A0}\u{2028}😀".unicodeScalars)
    for source in Self.published {
      let pattern = try SplitPattern(source, dialect: .fancyRegex)
      let oracle = try ICURegex(source)
      for _ in 0..<400 {
        var text = ""
        for _ in 0..<Int.random(in: 0...24, using: &random) {
          text.unicodeScalars.append(letters.randomElement(using: &random) ?? "a")
        }
        let bytes = Array(text.utf8)
        var found: [Range<Int>] = []
        pattern.forEachMatch(in: bytes.span, range: 0..<bytes.count) { found.append($0) }
        let expected = try oracle.matches(in: bytes)
        #expect(
          found.filter { !$0.isEmpty } == expected.filter { !$0.isEmpty },
          "\(source) on \(text.debugDescription)")
      }
    }
  }

  @Test(arguments: [
    (#"(a)\1"#, "pattern '(a)\\1', at 3: a back reference is not supported"),
    (
      #"\p{Klingon}"#,
      "pattern '\\p{Klingon}', at 0: '\\p{Klingon}' names no Unicode category or script"
    ),
    ("(ab", "pattern '(ab', at 3: ')' is missing"),
    ("[ab", "pattern '[ab', at 0: ']' is missing"),
    ("a**|*", "pattern 'a**|*', at 4: '*' repeats nothing"),
    (#"\Gx"#, "pattern '\\Gx', at 0: '\\G' is not supported"),
    ("(?z)", "pattern '(?z)', at 0: the group '(?z' is not supported"),
  ])
  func `what is not supported is refused by name and place`(source: String, message: String) {
    let error = #expect(throws: SplitPatternError.self) {
      try SplitPattern(source, dialect: .oniguruma)
    }
    #expect(error?.description == message)
  }

  @Test(arguments: [
    ("(?:a?)*b", "xaab", 1..<4), ("(?<=ab|c)d", "dabd", 3..<4), ("(?<![a-c]x)y", "axy by", 5..<6),
  ])
  func `what the compiler cannot express runs on ICU`(
    source: String, text: String, match: Range<Int>
  ) throws {
    let pattern = try SplitPattern(source, dialect: .oniguruma)
    #expect(pattern.usesICU)
    #expect(pattern.nextMatch(in: Array(text.utf8).span, from: 0) == match)
  }

  @Test func `no pattern in use needs ICU`() throws {
    for source in Self.published {
      #expect(try !SplitPattern(source, dialect: .oniguruma).usesICU)
    }
  }

  @Test func `repetitions of repetitions do not explode`() throws {
    // Without a memory of what failed, 60 letters would take 2 to the 60th steps.
    let text = [UInt8](repeating: 0x61, count: 60) + [0x21]
    for source in ["(?:a+)+b", "(?:a|a)*b", "(?:a|aa)+$", "(?:a+?a*?)+?b"] {
      let pattern = try SplitPattern(source, dialect: .fancyRegex)
      #expect(!pattern.usesICU)
      #expect(pattern.nextMatch(in: text.span, from: 0) == nil)
    }
  }

  @Test func `bytes that are not UTF-8 are unassigned scalars`() throws {
    let pattern = try SplitPattern(Self.published[1], dialect: .fancyRegex)
    let text: [UInt8] = [0x61, 0xFF, 0x80, 0x62, 0x20, 0xE2, 0x82, 0x63]
    var found: [Range<Int>] = []
    pattern.forEachMatch(in: text.span, range: 0..<text.count) { found.append($0) }
    #expect(found == [0..<1, 1..<3, 3..<4, 4..<7, 7..<8])
  }
}

@Suite("LiteralMatcher") struct LiteralMatcherTests {
  @Test func `finds the leftmost and there the longest`() {
    let matcher = LiteralMatcher(["ab", "abcd", "bc", "x"].map { Array($0.utf8) })
    let text = Array("zabcabcdbx".utf8)
    var found: [String] = []
    var place = 0
    while let match = matcher.next(in: text.span, from: place) {
      found.append(String(decoding: text[match.range], as: UTF8.self))
      place = match.range.upperBound
    }
    #expect(found == ["ab", "abcd", "x"])
  }

  @Test func `without literals nothing is found`() {
    #expect(LiteralMatcher([]).isEmpty)
    #expect(LiteralMatcher([[]]).next(in: [1, 2].span, from: 0) == nil)
  }
}
