// SPDX-License-Identifier: Apache-2.0

import Testing
import TextPrimitives

@Suite("ExactString") struct ExactStringTests {
  @Test func `canonically equivalent texts are different keys`() {
    let composed = ExactString("\u{e9}")
    let decomposed = ExactString("e\u{301}")
    #expect(composed.string == decomposed.string)
    #expect(composed != decomposed)
    #expect([composed: 1, decomposed: 2].count == 2)
  }

  @Test func `order is the order of bytes, and a prefix comes first`() {
    let sorted = (["b", "a\u{10000}", "a\u{ffff}", "a", ""] as [ExactString]).sorted()
    #expect(sorted.map(\.string) == ["", "a", "a\u{ffff}", "a\u{10000}", "b"])
  }

  @Test func `bytes that are not UTF-8 give no string`() {
    #expect(ExactString(validating: [0x61, 0xFF]) == nil)
    #expect(ExactString(validating: [0x61, 0xC3, 0xA9]) == "aé")
  }
}

@Suite("EditDistance") struct EditDistanceTests {
  @Test func `a slip finds the name that was meant, a stranger finds none`() {
    let names = ["trim", "tojson", "upper"]
    #expect(EditDistance.nearest(to: "tojsn", among: names) == "tojson")
    #expect(EditDistance.nearest(to: "tirm", among: names) == "trim")
    #expect(EditDistance.nearest(to: "selectattr", among: names) == nil)
  }
}

@Suite("SourceExcerpt") struct SourceExcerptTests {
  @Test func `the carets stand under the marked scalars`() {
    let source = Array("first\n  é {{ x | tojsn }}\nlast".utf8)
    let start = source.firstRange(of: Array("tojsn".utf8))
    let excerpt = SourceExcerpt(
      name: "a.jinja", source: source, range: start ?? 0..<0, message: "unknown filter 'tojsn'")
    #expect(
      excerpt.description == """
        a.jinja:2:12: unknown filter 'tojsn'
          2 |   é {{ x | tojsn }}
            |            ^^^^^
        """)
  }

  @Test func `an error at the end of the text has a caret after it`() {
    let excerpt = SourceExcerpt(name: "n", source: Array("ab".utf8), range: 2..<2, message: "m")
    #expect(excerpt.description == "n:1:3: m\n  1 | ab\n    |   ^")
  }
}
