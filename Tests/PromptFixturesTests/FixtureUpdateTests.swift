// SPDX-License-Identifier: Apache-2.0

import BinaryInput
import Foundation
import PromptFixtures
import Testing
import TextPrimitives

@Suite("Updating fixtures") struct FixtureUpdateTests {
  private var expectation: RecordedPrompt {
    var expectation = RecordedPrompt()
    expectation.text = .whole("a\nb \u{200B}\u{E0001}\"\\")
    expectation.ids = .whole([1, 2])
    expectation.layout = [TurnRange(role: nil, message: 0, tokens: 0..<2)]
    expectation.mask = []
    expectation.stop = ["</s>"]
    return expectation
  }

  private func updated(_ text: String, _ name: String, _ cases: [String]) throws -> String {
    let file = try FixtureFile(bytes: Array(text.utf8), path: name)
    let updates = cases.map {
      CaseUpdate(
        name: $0, expectation: expectation,
        recorded: RecordedInputs(program: "p 1", template: "aa", tokenizer: "bb"))
    }
    return String(decoding: try file.text(updating: updates), as: UTF8.self)
  }

  @Test func `comments, order and layout stay`() throws {
    let text = """
      # head
      format: "dialect-fixture/1"
      template: {family: x} # which
      cases:
        # first
        - name: a # here
          conversation:
            - {role: user, content: 'it''s # no comment'}
        - name: b
          expect:
            # why
            text: |
              old
              text

            ids: [3,
              4] # two lines
            error: "gone"
          conversation: []
        - {name: c, conversation: [], expect: {text: "}", error: "x"}} # flow
      # tail

      """
    let value =
      #""a\nb \u200b\U000e0001\"\\""#
    let layout = "[{role: null, message: 0, tokens: [0, 2]}]"
    let expected = """
      # head
      format: "dialect-fixture/1"
      template: {family: x} # which
      recorded: {by: "p 1", template: "aa", tokenizer: "bb"}
      cases:
        # first
        - name: a # here
          conversation:
            - {role: user, content: 'it''s # no comment'}
          expect:
            text: \(value)
            ids: [1, 2]
            layout: \(layout)
            mask: []
            stop: ["</s>"]
        - name: b
          expect:
            # why
            text: \(value)

            ids: [1, 2] # two lines
            layout: \(layout)
            mask: []
            stop: ["</s>"]
          conversation: []
        - {name: c, conversation: [], expect: {text: \(value), ids: [1, 2], layout: \(layout), mask: [], stop: ["</s>"]}} # flow
      # tail

      """
    #expect(try updated(text, "f.yaml", ["a", "b", "c"]) == expected)
  }

  @Test func `JSON and JSON Lines keep their layout`() throws {
    let value = #""a\nb \u200b\udb40\udc01\"\\""#
    let expect =
      #""expect": {"text": "# + value
      + #", "ids": [1, 2], "layout": [{"role": null, "message": 0, "tokens": [0, 2]}], "mask": [], "stop": ["</s>"]}"#
    let recorded = #""recorded": {"by": "p 1", "template": "aa", "tokenizer": "bb"}"#
    let head = #"{"format": "dialect-fixture/1", "template": {"family": "x"}"#
    #expect(
      try updated(
        head + ",\n \"cases\": [\n  {\"name\": \"a\", \"conversation\": []}\n ]}\n", "f.json", ["a"]
      )
        == head
        + ",\n \(recorded), \"cases\": [\n  {\"name\": \"a\", \"conversation\": [], \(expect)}\n ]}\n"
    )
    #expect(
      try updated(
        head + "}\n{\"name\": \"a\", \"conversation\": [], \"expect\": {\"text\": \"old\"}}\n",
        "f.jsonl",
        ["a"])
        == head + ", \(recorded)}\n{\"name\": \"a\", \"conversation\": [], \(expect)}\n")
  }

  @Test func `a file of one case records in its own map`() throws {
    let text = "format: \"dialect-fixture/1\"\nname: a\ntemplate: {family: x}\nconversation: []"
    let changed = try updated(text, "f.yaml", ["a"])
    #expect(changed.hasPrefix(text + "\nexpect:\n  text: "))
    #expect(
      changed.hasSuffix("\nrecorded:\n  by: \"p 1\"\n  template: \"aa\"\n  tokenizer: \"bb\""))
  }

  @Test func `what cannot be written safely leaves the file as it is`() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("dialect-fixtures-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("f.yaml").path
    // A plain text over two lines is read as one, but its end is not found.
    let text =
      "format: \"dialect-fixture/1\"\nname: a\ntemplate: {family: x}\nconversation: []\n"
      + "expect:\n  text: one\n    two\n  stop: []\n"
    try FileWriter.replace(path: path, with: Array(text.utf8))
    let update = CaseUpdate(name: "a", expectation: expectation, recorded: RecordedInputs())
    #expect(throws: FixtureError.self) {
      try FixtureFile(path: path).write(updating: [update])
    }
    #expect(try FileReader.bytes(path: path) == Array(text.utf8))
    #expect(FileReader.names(inFolder: folder.path) == ["f.yaml"])
  }

  @Test func `digests are those of Python's hashlib`() throws {
    // hashlib.sha256("é".encode()), hashlib.sha256(b"1,22,333")
    #expect(
      Recorded<ExactString>("é", limit: 1)
        == .digest("4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c", count: 2))
    #expect(
      Recorded([1, 22, 333], limit: 2)
        == .digest("8915516745284e69425d3f566025a855f5a5718d6d44f09451fb19d0f61fc185", count: 3))
    #expect(Recorded<ExactString>("é", limit: 1).matches("é"))
    #expect(!Recorded<ExactString>("é", limit: 1).matches("e\u{301}"))
    #expect(!Recorded([1, 22, 333], limit: 0).matches([12, 2, 333]))
  }
}
