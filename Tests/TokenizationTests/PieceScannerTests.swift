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
    "[ ▁]*[^ ▁]+|[ ▁]+",
    #"[a-e]*[c-z]+|[^x]"#,
  ]

  @Test(arguments: patterns)
  func `windows cut as the matcher does`(source: String) throws {
    let pattern = try SplitPattern(source, dialect: .fancyRegex)
    let program = try #require(pattern.pieceProgram)
    let parts = [
      "a", "e", "the", "And", "NASA", "zebra",
      "quiteaverylongwordthatgoesonandonandonandonandonandon",
      " ", "  ", "      ", "\n", "\r\n", "\t", "1", "23", "45678", "'", "'s", "'LL", "'x", ".", ",",
      "---", "//", "/", "(", "é", "日本", "ſ", "\u{A0}", "▁", "\u{301}", "😀",
    ].map { Array($0.utf8) }
    let masks = WorkBuffer<UInt64>(count: ByteWindow.maskLimit)
    let ends = WorkBuffer<UInt32>(count: 16)
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
      var expected: [Int] = []
      var end = 0
      pattern.forEachMatch(in: text.span, range: 0..<text.count) { match in
        if end < match.lowerBound { expected.append(match.lowerBound) }
        end = match.upperBound
        expected.append(end)
      }
      if end < text.count { expected.append(text.count) }
      var found: [Int] = []
      text.span.withText { view in
        var scanner = PieceScanner(program, masks: masks.view)
        var place = 0
        while place < view.count {
          let count = scanner.fill(ends.view, view, &place)
          for index in 0..<count { found.append(Int(ends.view[index])) }
        }
      }
      #expect(found == expected, "round \(round): \(String(decoding: text, as: UTF8.self))")
    }
  }
}
