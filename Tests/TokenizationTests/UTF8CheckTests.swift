// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Tokenization

@Suite("UTF-8") struct UTF8CheckTests {
  /// Where the first byte stands that the standard library replaces, or nil.
  static func firstReplaced(_ bytes: [UInt8]) -> Int? {
    var place = 0
    var decoder = UTF8()
    var iterator = bytes.makeIterator()
    while true {
      switch decoder.decode(&iterator) {
      case .scalarValue(let scalar): place += UTF8.width(scalar)
      case .emptyInput: return nil
      case .error: return place
      }
    }
  }

  @Test func `the first bad byte is where the standard library finds it`() {
    var random = SystemRandomNumberGenerator()
    let parts = ["a", " word", "é", "я", "日", "本語", "。", "\u{D7FF}", "\u{E000}", "\u{800}", "😀"]
    let breaks: [UInt8] = [0x80, 0xBF, 0xC0, 0xC1, 0xE0, 0xED, 0xEF, 0xF0, 0xF4, 0xF5, 0xFF, 0x41]
    var badCount = 0
    for _ in 0..<20_000 {
      var text = (0..<Int.random(in: 0...30, using: &random)).flatMap { _ in
        Array((parts.randomElement(using: &random) ?? "").utf8)
      }
      for _ in 0..<Int.random(in: 0...2, using: &random) where !text.isEmpty {
        let place = Int.random(in: text.indices, using: &random)
        text[place] = breaks.randomElement(using: &random) ?? 0
        // The end of a text may cut a scalar.
        if Bool.random(using: &random) { text.removeLast() }
      }
      let expected = Self.firstReplaced(text)
      badCount += expected == nil ? 0 : 1
      #expect(UTF8Check.firstInvalidByte(in: text.span) == expected, "\(text)")
    }
    #expect(badCount > 5_000 && badCount < 19_000)
  }
}
