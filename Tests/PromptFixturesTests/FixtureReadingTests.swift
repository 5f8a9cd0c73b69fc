// SPDX-License-Identifier: Apache-2.0

import BinaryInput
import OrderedJSON
import PromptFixtures
import TestSupport
import Testing
import TextPrimitives

@Suite("Reading fixtures") struct FixtureReadingTests {
  private func read(_ text: String, name: String = "folder/f.yaml") throws -> FixtureFile {
    try FixtureFile(bytes: Array(text.utf8), path: name)
  }

  @Test func `YAML, JSON and JSON Lines hold the same case`() throws {
    let yaml = """
      format: "dialect-fixture/1"
      template: {family: llama-3}
      options: {now: 2026-02-03, keep_nulls: false}
      cases:
        - name: one
          conversation: {messages: [{role: user, content: "Hi\\n", n: 1.0, big: 12345678901234567890}]}
          options: {keep_nulls: true}
          expect: {ids: [1, 2], mask: [[0, 1]], error: "no"}
      """
    let member =
      #""name": "one", "conversation": {"messages": [{"role": "user", "content": "Hi\n", "n": 1.0, "big": 12345678901234567890}]}, "options": {"keep_nulls": true}, "expect": {"ids": [1, 2], "mask": [[0, 1]], "error": "no"}"#
    let head =
      #""format": "dialect-fixture/1", "template": {"family": "llama-3"}, "options": {"now": "2026-02-03", "keep_nulls": false}"#
    let files = [
      try read(yaml), try read("{\(head), \"cases\": [{\(member)}]}", name: "folder/f.json"),
      try read("{\(head)}\n\n{\(member)}\n", name: "folder/f.jsonl"),
      try read(
        "{\(head), \(member)}".replacing("\"options\": {\"keep_nulls\": true}, ", with: "")
          .replacing("\"keep_nulls\": false", with: "\"keep_nulls\": true"), name: "folder/f.json"),
    ]
    for file in files {
      let only = try #require(file.cases.first)
      #expect(file.cases.count == 1)
      #expect(only.name == "one")
      #expect(only.template == .family("llama-3"))
      #expect(only.options == ["now": "2026-02-03", "keep_nulls": true])
      #expect(only.expectation.ids == .whole([1, 2]))
      #expect(only.expectation.mask == [0..<1])
      #expect(only.expectation.error == .saying("no"))
      guard case .inline(let request) = only.conversation else {
        Issue.record("the conversation is not inline")
        continue
      }
      #expect(
        request == [
          "messages": [
            [
              "role": "user", "content": "Hi\n", "n": 1.0,
              "big": .bigInteger("12345678901234567890"),
            ]
          ]
        ])
    }
  }

  @Test func `paths start from the fixture's folder`() throws {
    let file = try read(
      """
      format: "dialect-fixture/1"
      template: {model: "../m"}
      tokenizer: {file: "/t.tiktoken", encoding: "cl100k_base"}
      conversation: {file: "c.json"}
      """)
    let only = try #require(file.cases.first)
    #expect(only.template == .model("folder/../m"))
    #expect(only.tokenizer == .file("/t.tiktoken", encoding: "cl100k_base"))
    guard case .file("folder/c.json") = only.conversation else {
      Issue.record("not the file")
      return
    }
  }

  static let head = "format: \"dialect-fixture/1\"\ntemplate: {family: x}\n"

  /// A file, its name, the place of what is wrong, and the message.
  static let damages: [(name: String, text: String, place: String, message: String)] = [
    ("f.yaml", "", "1:1", "the file is empty"),
    ("f.yaml", "format: \"dialect-fixture/2\"\nnew: 1\n", "1:9", "format version 2, newer"),
    ("f.yaml", "format: \"other/1\"\n", "1:9", "unknown format 'other/1'"),
    ("f.yaml", "cases: []\n", "1:1", "the key 'format' is missing"),
    ("f.yaml", head + "casess: []\n", "3:1", "did you mean 'cases'?"),
    (
      "f.yaml", head + "cases:\n  - name: a\n    conversation: []\n    expct: {}\n", "6:5",
      "did you mean 'expect'?"
    ),
    (
      "f.yaml", head + "conversation: []\nexpect: {texts: \"\"}\n", "4:10", "did you mean 'text'?"
    ),
    ("f.yaml", head + "conversation: []\noptions: {nwo: 1}\n", "4:11", "did you mean 'now'?"),
    ("f.yaml", head + "cases:\n  - {name: a, name: b}\n", "4:15", "stands twice"),
    ("f.yaml", head + "cases:\n  - {name: a\n", "5:1", "not YAML here"),
    ("f.yaml", head + "cases:\n\t- a\n", "4:1", "not YAML here"),
    ("f.yaml", head + "conversation: &a []\n", "3:15", "anchors are not allowed"),
    (
      "f.yaml", head + "cases:\n  - {name: a, conversation: []}\n  - {name: a, conversation: []}\n",
      "5:5", "a second case is called 'a'"
    ),
    (
      "f.yaml", "format: \"dialect-fixture/1\"\nconversation: []\n", "1:1",
      "neither the case nor the file names a template"
    ),
    ("f.yaml", head + "cases: [{name: a}]\n", "3:9", "the case has no 'conversation'"),
    ("f.yaml", head + "conversation: []\nexpect: {ids: [1, -2]}\n", "4:19", "an id must be"),
    ("f.yaml", head + "conversation: []\nexpect: {mask: [[2, 1]]}\n", "4:17", "ends before it"),
    ("f.json", "{\"format\": \"dialect-fixture/1\",\n \"wrong\": 1}", "2:2", "unknown key 'wrong'"),
    ("f.json", "{\"format\": \"dialect-fixture/1\"", "1:31", "the text ends where"),
    ("f.json", "{\"format\": \"dialect-fixture/1\", \"format\": 1}", "1:33", "a second time"),
    (
      "f.jsonl",
      "{\"format\": \"dialect-fixture/1\", \"template\": {\"family\": \"x\"}}\n{\"name\": \"a\", \"x\": 1}\n",
      "2:15", "unknown key 'x' in a case"
    ),
  ]

  @Test(arguments: damages) func `what is wrong has line and column`(
    name: String, text: String, place: String, message: String
  ) {
    let error = #expect(throws: FixtureError.self) { try self.read(text, name: name) }
    let description = error?.description ?? ""
    #expect(description.hasPrefix("\(name):\(place): "), "\(description)")
    #expect(description.contains(message), "\(description)")
  }

  @Test func `a JSON Lines file may hold no case, with and without a line's end`() throws {
    let head = #"{"format": "dialect-fixture/1", "template": {"family": "x"}}"#
    #expect(try read(head, name: "f.jsonl").cases.isEmpty)
    #expect(try read(head + "\n\n", name: "f.jsonl").cases.isEmpty)
  }

  /// Damage at every place of a file is an error or another file, never a crash.
  @Test func `damaged bytes never crash`() throws {
    let yaml = Array((Self.head + "cases:\n  - {name: \"a\", conversation: [1, {x: 'y'}]}\n").utf8)
    let json = Array(
      #"{"format": "dialect-fixture/1", "template": {"family": "x"}, "cases": [{"name": "a", "conversation": []}]}"#
        .utf8)
    for (bytes, name) in [(yaml, "f.yaml"), (json, "f.json"), (json, "f.jsonl")] {
      for place in bytes.indices {
        for insert in ["\"", "{", "]", ":", "\n", "\t", "#", "|", "&a ", "- "] {
          var damaged = bytes
          damaged.insert(contentsOf: Array(insert.utf8), at: place)
          _ = try? FixtureFile(bytes: damaged, path: name)
        }
        _ = try? FixtureFile(bytes: Array(bytes[..<place]), path: name)
        _ = try? FixtureFile(bytes: bytes[..<place] + [0xFF] + bytes[place...], path: name)
      }
    }
  }

  @Test func `the schema knows the keys that are read`() throws {
    let path = Fixtures.packageRoot + "/Documentation/fixture.schema.json"
    let schema = try JSONValue(parsing: try FileReader.bytes(path: path))
    func keys(_ value: JSONValue?) -> Set<ExactString> {
      Set(value?["properties"]?.object?.keys ?? [])
    }
    let head = Set(FixtureKeys.head)
    #expect(keys(schema) == head.union(FixtureKeys.ofCase))
    #expect(keys(schema["properties"]?["cases"]?["items"]) == Set(FixtureKeys.ofCase))
    #expect(keys(schema["$defs"]?["options"]) == Set(FixtureKeys.options))
    #expect(keys(schema["$defs"]?["expect"]) == Set(FixtureKeys.expectation))
  }
}
