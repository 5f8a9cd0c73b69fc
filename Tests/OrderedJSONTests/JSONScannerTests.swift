// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import Testing
import TextPrimitives

@Suite("JSON parsing") struct JSONParsingTests {
  @Test func `keeps the order of keys and the kinds of numbers`() throws {
    let value = try JSONValue(
      parsing: #"{"b": [1, 1.0, -0, 12345678901234567890, 1e22], "a": {"é": null, "t": true}}"#)
    #expect(value.object?.keys == ["b", "a"])
    #expect(
      value["b"]
        == .array([
          .integer(1), .double(1), .integer(0), .bigInteger("12345678901234567890"), .double(1e22),
        ]))
    #expect(value["a"]?["é"] == .null)
  }

  @Test func `a repeated key keeps its place and takes the last value`() throws {
    let value = try JSONValue(parsing: #"{"a": 1, "b": 2, "a": 3}"#)
    #expect(value == ["a": 3, "b": 2])
  }

  @Test func `escapes become the bytes that they mean`() throws {
    let value = try JSONValue(parsing: #""\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00 tail of the string""#)
    #expect(value == .string("\"\\/\u{8}\u{c}\n\r\té😀 tail of the string"))
  }

  @Test func `objects with many members are found by key`() throws {
    let members = (0..<100).map { "\"k\($0)\": \($0)" }.joined(separator: ",")
    let value = try JSONValue(parsing: "{\(members)}")
    for index in 0..<100 { #expect(value[ExactString("k\(index)")] == .integer(index)) }
    #expect(value["k100"] == nil)
  }

  @Test func `objects of one array share their keys until one of them changes`() throws {
    let text = #"[{"role": "a", "content": 1}, {"role": "b", "content": 2}, {"content": 3}]"#
    guard case .array(let items) = try JSONValue(parsing: text),
      var first = items[0].object, var second = items[1].object, let third = items[2].object
    else {
      Issue.record("an array of objects")
      return
    }
    #expect(first.sharesKeys(with: second))
    #expect(!second.sharesKeys(with: third))
    first["name"] = 4
    #expect(first == ["role": "a", "content": 1, "name": 4])
    #expect(second == ["role": "b", "content": 2])
    second["role"] = nil
    #expect(second == ["content": 2])
    second.insert(5, forKey: "content", at: 0)
    second.insert(6, forKey: "id", at: 0)
    #expect(second == ["id": 6, "content": 5])
    #expect(items[0] == ["role": "a", "content": 1])
    #expect(items[1] == ["role": "b", "content": 2])
    // Past eight members keys are hashed.
    for number in 0..<20 { first[ExactString("k\(number)")] = .integer(number) }
    #expect(first.count == 23 && first["k19"] == 19 && first["role"] == "a")
  }

  static let broken: [(text: String, message: String)] = [
    ("", "1:1: the text ends where a value should follow; is the file whole?"),
    ("[1,\n 2", "2:3: the text ends where ',' or ']' should follow; is the file whole?"),
    (#"{"a" 1}"#, "1:6: expected ':', found '1'"),
    (#"{"a": 1,}"#, "1:9: expected a value after ',', found '}'"),
    ("[1 2]", "1:4: expected ',' or ']', found '2'"),
    ("{a: 1}", "1:2: expected a key in quotes, found 'a'"),
    ("[é]", "1:2: expected a value, found 'é'"),
    ("nul", "1:1: expected null, found 'n'"),
    ("01", "1:1: a number that JSON does not allow; it has the form -12.5e3"),
    ("1.", "1:1: a number that JSON does not allow; it has the form -12.5e3"),
    (
      "\"a\nb\"",
      "1:3: a control character stands bare in a string; write it as an escape such as \\n"
    ),
    (
      #""\ud83d!""#,
      "1:2: half of a surrogate pair, which is no Unicode text; write both halves or U+FFFD"
    ),
    ("1 2", "1:3: something follows the end of the JSON value"),
  ]

  @Test func `broken texts are refused with place and hint`() {
    for (text, message) in Self.broken {
      let error = #expect(throws: JSONError.self, "\(text)") { try JSONValue(parsing: text) }
      #expect(error?.description == message)
    }
  }

  @Test func `bytes that are not UTF-8 are refused where they stand`() {
    let error = #expect(throws: JSONError.self) {
      try JSONValue(parsing: Array("[\"a\n".utf8) + [0xFF] + Array("\"]".utf8))
    }
    #expect(error?.description == "2:1: bytes that are not UTF-8; save the file as UTF-8")
  }

  @Test func `deep nesting is an error, not a crash`() {
    let deep = String(repeating: "[", count: 100_000)
    let error = #expect(throws: JSONError.self) { try JSONValue(parsing: deep) }
    #expect(error?.kind == .nestingTooDeep(limit: 512))
  }

  @Test func `every truncation of a text is an error`() throws {
    let text = Array(#"{"a": ["b\n\u00e9", -1.5e3, true, null, {"c": {}}]}"#.utf8)
    _ = try JSONValue(parsing: text)
    for length in 0..<text.count {
      #expect(throws: JSONError.self, "\(length) bytes") {
        try JSONValue(parsing: Array(text.prefix(length)))
      }
    }
  }
}

@Suite("JSON writing") struct JSONWritingTests {
  // Expected texts are what Python 3.11's json.dumps answers.
  @Test func `writes what json.dumps writes`() throws {
    let value = try JSONValue(parsing: #"{"b": [1, 1.0, "é\u0001\u007f😀"], "a": {}, "c": []}"#)
    #expect(
      value.serialized() == "{\"b\": [1, 1.0, \"é\\u0001\u{7f}😀\"], \"a\": {}, \"c\": []}")
    #expect(
      value.serialized(JSONSerializer(ensuresASCII: true))
        == "{\"b\": [1, 1.0, \"\\u00e9\\u0001\u{7f}\\ud83d\\ude00\"], \"a\": {}, \"c\": []}")
    #expect(
      value.serialized(JSONSerializer(indent: "  ", sortsKeys: true))
        == "{\n  \"a\": {},\n  \"b\": [\n    1,\n    1.0,\n    \"é\\u0001\u{7f}😀\"\n  ],\n  \"c\": []\n}"
    )
    #expect(value.serialized(.compact) == "{\"b\":[1,1.0,\"é\\u0001\u{7f}😀\"],\"a\":{},\"c\":[]}")
  }

  // Pairs are what Python 3.11's repr answers.
  static let floats: [(Double, String)] = [
    (0, "0.0"), (-0.0, "-0.0"), (1, "1.0"), (0.1, "0.1"), (1e16, "1e+16"),
    (9_999_999_999_999_998, "9999999999999998.0"), (123456.789, "123456.789"), (1e-4, "0.0001"),
    (1e-5, "1e-05"), (1.5e-7, "1.5e-07"), (1e22, "1e+22"),
    (1.7976931348623157e308, "1.7976931348623157e+308"),
    (.leastNonzeroMagnitude, "5e-324"), (100, "100.0"), (2.5, "2.5"), (1e15, "1000000000000000.0"),
    (1.25e20, "1.25e+20"),
    (.infinity, "inf"), (-.infinity, "-inf"), (.nan, "nan"),
  ]

  @Test func `prints floats as Python does`() {
    for (value, text) in Self.floats { #expect(PythonNumber.repr(value) == text) }
  }
}
