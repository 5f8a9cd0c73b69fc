// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Tokenization

/// The windows must cut as the matcher does, which the parity tests compare with the references.
@Suite("PieceScanner") struct PieceScannerTests {
  static let patterns = [
    #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#,
    #"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s"#,
    #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#,
    #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#,
    [
      #"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"#,
      #"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"#,
      #"\p{N}{1,3}"#, #" ?[^\s\p{L}\p{N}]+[\r\n/]*"#, #"\s*[\r\n]+"#, #"\s+(?!\S)"#, #"\s+"#,
    ].joined(separator: "|"),
    // As tekken has it: no contractions, single numbers.
    [
      #"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"#,
      #"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"#,
      #"\p{N}"#, #" ?[^\s\p{L}\p{N}]+[\r\n/]*"#, #"\s*[\r\n]+"#, #"\s+(?!\S)"#, #"\s+"#,
    ].joined(separator: "|"),
    #"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,5}|[^\s\p{L}\p{N}]+|\s*[\r\n]+|\s+(?!\S)|\s"#,
    "[ ▁]*[a-y.é日]+|[ ▁]+|[^ ▁a-y.é日]",
    "[ ▁]*[^ ▁]+|[ ▁]+",
    #"[a-e]*[c-z]+|[^x]"#,
  ]

  /// Whether each of the first patterns is of the usual kind.
  @Test func `usual patterns have rules, and others have none`() throws {
    for (index, source) in Self.patterns.enumerated() {
      let program = try #require(SplitPattern(source, dialect: .fancyRegex).pieceProgram)
      #expect((program.rules != nil) == (index < 8), "pattern \(index)")
    }
  }

  @Test(arguments: patterns)
  func `windows cut as the matcher does`(source: String) throws {
    let pattern = try SplitPattern(source, dialect: .fancyRegex)
    let program = try #require(pattern.pieceProgram)
    let parts = [
      "a", "e", "the", "And", "NASA", "zebra", "aB", "s", "ll",
      "quiteaverylongwordthatgoesonandonandonandonandonandon",
      " ", "  ", "      ", "\n", "\r\n", "\t", "1", "23", "45678", "1234567890123",
      "'", "'s", "'LL", "'x", "'re", ".", ",", "---", "//", "/", "(", " \n", "\n ",
      "é", "日本", "ſ", "\u{A0}", "▁", "\u{301}", "😀", "\u{1}",
    ].map { Array($0.utf8) }
    let masks = WorkBuffer<UInt64>(count: ByteClasses.limit)
    let ends = WorkBuffer<UInt32>(count: 16 + PieceScanner.slack)
    var random = SystemRandomNumberGenerator()
    for round in 0..<3000 {
      var text: [UInt8] = []
      // Few parts at a time make long runs of them.
      let chosen = (0..<Int.random(in: 1...12, using: &random)).compactMap { _ in
        parts.randomElement(using: &random)
      }
      for _ in 0..<Int.random(in: 1...60, using: &random) {
        text += chosen.randomElement(using: &random) ?? []
      }
      let expected = Self.ends(of: pattern, text)
      #expect(
        Self.cut(text, program, ends, masks) == expected,
        "round \(round): \(String(decoding: text, as: UTF8.self))")
    }
  }

  @Test(arguments: patterns)
  func `windows cut short texts of all kinds of bytes as the matcher does`(source: String) throws {
    let pattern = try SplitPattern(source, dialect: .fancyRegex)
    let program = try #require(pattern.pieceProgram)
    let masks = WorkBuffer<UInt64>(count: ByteClasses.limit)
    let ends = WorkBuffer<UInt32>(count: 16 + PieceScanner.slack)
    // Every text of five bytes of these, with what makes a window long enough around it.
    let kinds = Array("sE1 \n\t'./".utf8)
    var places = [Int](repeating: 0, count: 5)
    repeat {
      let text = Array("x.".utf8) + places.map { kinds[$0] } + Array("a word, another".utf8)
      #expect(
        Self.cut(text, program, ends, masks) == Self.ends(of: pattern, text),
        "\(String(decoding: text, as: UTF8.self))")
      var digit = 0
      while digit < places.count, places[digit] == kinds.count - 1 {
        places[digit] = 0
        digit += 1
      }
      if digit < places.count { places[digit] += 1 }
    } while places.contains { $0 > 0 }
  }

  /// Where the pieces of a text end, by the matcher.
  static func ends(of pattern: SplitPattern, _ text: [UInt8]) -> [Int] {
    var expected: [Int] = []
    var end = 0
    pattern.forEachMatch(in: text.span, range: 0..<text.count) { match in
      if end < match.lowerBound { expected.append(match.lowerBound) }
      end = match.upperBound
      expected.append(end)
    }
    if end < text.count { expected.append(text.count) }
    return expected
  }

  /// Where they end by windows.
  static func cut(
    _ text: [UInt8], _ program: PatternProgram, _ ends: WorkBuffer<UInt32>,
    _ masks: WorkBuffer<UInt64>
  ) -> [Int] {
    var found: [Int] = []
    text.span.withText { view in
      var scanner = PieceScanner(program, masks: masks.view)
      var place = 0
      while place < view.count {
        let count = scanner.fill(ends.view, view, &place)
        for index in 0..<count { found.append(Int(ends.view[index])) }
      }
    }
    return found
  }
}
