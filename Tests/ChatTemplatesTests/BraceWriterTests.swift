// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TestSupport
import Testing

@testable import ChatTemplates

@Suite("Values in braces") struct BraceWriterTests {
  private let writer = BraceWriter(quote: "<q>", writesDeclaration: false)

  @Test func `values come back from their text`() throws {
    let texts = [
      #"{"b": [1, 2.5, true, null], "city": "Paris, {x}", "D": {"e": {}, "k": ""}}"#,
      #"[]"#, #""a\"b""#, "-3", "12345678901234567890", "{}", #"{"q": ["x", ["y"]]}"#,
    ]
    for text in texts {
      let value = try JSONValue(parsing: text)
      #expect(writer.value(parsing: writer.text(of: value)) == value, "\(writer.text(of: value))")
    }
  }

  @Test func `keys are sorted without regard to case, and texts stand between quotes`() throws {
    let value = try JSONValue(parsing: #"{"b": "x", "A": [false, ""], "a": null}"#)
    #expect(writer.text(of: value) == "{A:[false,<q><q>],a:null,b:<q>x<q>}")
    #expect(writer.pieces(of: "x") == [.quote, .text("x"), .quote])
  }

  @Test func `what is no value is none`() {
    for text in ["", "{", "{a}", "{a:1", "[1,", "<q>x", "1,2", "{a:1}x"] {
      #expect(writer.value(parsing: text) == nil, "\(text)")
    }
  }
}
