// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import TextNormalization

@Suite("NormalizedText") struct NormalizedTextTests {
  private func text(_ string: String) -> NormalizedText { NormalizedText(Array(string.utf8)) }

  private func origins(_ text: NormalizedText) -> [Range<Int>] {
    text.bytes.indices.map { text.originalRange(of: $0..<($0 + 1)) }
  }

  // The expectations of the reference's own tests (tokenizer/normalizer.rs).
  @Test func `decomposing gives both parts the whole character`() {
    var text = text("élégant")
    text.normalize(with: UnicodeNormalizer(.nfd))
    let expected = [
      0..<2, 0..<2, 0..<2, 2..<3, 3..<5, 3..<5, 3..<5, 5..<6, 6..<7, 7..<8, 8..<9,
    ]
    #expect(origins(text) == expected)
    text.filter { GeneralCategory.of($0) != .nonspacingMark && $0 != 0x6E }
    #expect(text.bytes == Array("elegat".utf8))
    #expect(origins(text) == [0..<2, 2..<3, 3..<5, 5..<6, 6..<7, 8..<9])
  }

  @Test func `composing keeps the origin of the first part`() {
    var text = text("xe\u{301}y")
    text.normalize(with: UnicodeNormalizer(.nfc))
    #expect(text.bytes == Array("xéy".utf8))
    #expect(origins(text) == [0..<1, 1..<2, 1..<2, 4..<5])
  }

  @Test func `what is prepended has the first character's origin`() {
    var text = text("Hey")
    text.prepend(Array("▁".utf8))
    #expect(text.bytes == Array("▁Hey".utf8))
    #expect(origins(text) == [0..<1, 0..<1, 0..<1, 0..<1, 1..<2, 2..<3])
    var empty = NormalizedText([])
    empty.prepend([0x20])
    #expect(empty.bytes.isEmpty)
  }

  @Test func `what is replaced has the origin of what stood there last`() {
    var text = text("a  b")
    text.replace(Array("  ".utf8), with: Array("_".utf8))
    #expect(text.bytes == Array("a_b".utf8))
    #expect(origins(text) == [0..<1, 2..<3, 3..<4])
  }

  @Test func `an unchanged text has no alignment and still knows its characters`() {
    var text = NormalizedText(Array("aé漢😀".utf8), originalStart: 10)
    text.normalize(with: UnicodeNormalizer(.nfc))
    text.strip(left: true, right: true)
    text.lowercase()
    #expect(text.isUnchanged)
    #expect(text.originalRange(of: 2..<5) == 11..<16)
    #expect(text.slice(3..<10).originalRange(of: 0..<7) == 13..<20)
  }

  @Test func `a slice keeps its origins after a change`() {
    var text = text("Ａb Ｃ")
    text.normalize(with: UnicodeNormalizer(.nfkc))
    var slice = text.slice(2..<4)
    #expect(slice.bytes == Array(" C".utf8))
    slice.prepend(Array("!".utf8))
    #expect(origins(slice) == [4..<5, 4..<5, 5..<8])
  }

  @Test func `bytes that are not UTF-8 pass every edit`() {
    let bytes: [UInt8] = [0xFF, 0x20, 0xC3, 0x41, 0xE2, 0x96]
    var text = NormalizedText(bytes)
    text.lowercase()
    text.stripAccents()
    text.applyNmt()
    text.normalize(with: UnicodeNormalizer(.nfkd))
    text.strip(left: true, right: true)
    #expect(text.bytes == [0xFF, 0x20, 0xC3, 0x61, 0xE2, 0x96])
    text.encodeByteLevel()
    #expect(text.bytes == Array("ÿĠÃaâĸ".utf8))
    #expect(text.originalRange(of: 0..<text.bytes.count) == 0..<6)
  }
}

@Suite("ICURegex") struct ICURegexTests {
  private func matches(_ pattern: String, _ text: String) throws -> [Range<Int>] {
    try ICURegex(pattern).matches(in: Array(text.utf8))
  }

  @Test func `matches are byte ranges`() throws {
    #expect(try matches(#"\p{L}+"#, "aé 漢b") == [0..<3, 4..<8])
    #expect(try matches(#"\s+(?!\S)|\s+"#, "a   b") == [1..<3, 3..<4])
  }

  @Test func `an empty match at the end of the last does not count`() throws {
    #expect(try matches("a*", "baac") == [0..<0, 1..<3, 4..<4])
    #expect(try matches("", "é") == [0..<0, 2..<2])
    #expect(try matches("^", "") == [0..<0])
  }

  @Test func `malformed bytes match as U+FFFD`() throws {
    let regex = try ICURegex(#"\uFFFD|b"#)
    #expect(try regex.matches(in: [0x61, 0xFF, 0x62]) == [1..<2, 2..<3])
  }

  @Test func `a bad pattern tells its place`() {
    let error = #expect(throws: ICURegexError.self) { _ = try ICURegex("ab(c") }
    #expect(
      error?.description == "at character 5: the pattern is invalid (U_REGEX_MISMATCHED_PAREN)")
  }

  @Test func `a search that explodes is an error, not a hang`() throws {
    let regex = try ICURegex("(a|a|b)*c", limits: .init(steps: 200))
    let error = #expect(throws: ICURegexError.self) {
      _ = try regex.matches(in: [UInt8](repeating: 0x61, count: 100))
    }
    #expect(error?.kind == .limitExceeded)
  }
}
