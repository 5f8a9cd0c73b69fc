// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import Testing
import TextPrimitives

@testable import ChatTemplates

@Suite("What a declarative render writes down") struct PromptOutputTests {
  @Test func `bytes of every length are copied, and none beside them`() {
    let source = (0..<100).map { UInt8($0 + 1) }
    for count in 0...source.count {
      var target = [UInt8](repeating: 0, count: source.count + 1)
      unsafe source.withUnsafeBytes { source in
        unsafe target.withUnsafeMutableBytes { target in
          guard let from = source.baseAddress, let to = target.baseAddress else { return }
          unsafe copyBytes(from: from, to: to, count: count)
        }
      }
      #expect(target == source[..<count] + [UInt8](repeating: 0, count: 101 - count))
    }
  }

  @Test(arguments: [
    (["kept ", " \n", "\u{A0} a", "b ", "\t\u{3000}"], "kept ab", [5, 6, 7]),
    (["kept ", " \n", "\t"], "kept ", [5]), (["kept ", "a"], "kept a", [5, 6]), ([" "], " ", [1]),
  ])
  func `white space goes from both ends, through whole pieces`(
    _ pieces: [String], _ text: String, _ ends: [Int]
  ) {
    var memory = RenderMemory(capacity: 16)
    var output = PromptOutput(pieceCount: 1)
    for piece in pieces { output.write(own: memory.hold(piece), [], source: 0) }
    output.trim(since: 1)
    let count = output.count
    let found = (output.notes.joined(), (0..<output.notes.count).map { output.notes[$0].end })
    #expect(found == (text, ends))
    #expect(count == text.utf8.count)
    // The notes point into the memory until here.
    _ = memory.hold("")
  }

  private static let family = """
    format: "dialect/1"
    family: "mine"
    source: {model: "m", date: "2026-01-01"}
    variant: chat
    tokens: {stop: ["<e>"]}
    turns:
      assistant:
        role: "assistant"
        body:
          - {ctl: "<s>"}
          - {lit: "bot\\n"}
          - {lit: "\\n"}
          - gen: [{slot: content, as: [printed, trim]}, {ctl: "<e>"}]
          - {lit: "\\n"}
      other:
        body: [{ctl: "<s>"}, {slot: content}, {lit: "."}, {ctl: "<e>"}]
    text_marks: keep

    """

  private func segments(_ messages: [Message], continues: Bool = false) throws -> [String] {
    let template = try ChatTemplate(yaml: Self.family, fileName: "mine.yaml")
    let prompt = try template.render(
      Conversation(messages), options: .init(continueFinalMessage: continues ? "content" : false))
    #expect(prompt.segments.map { prompt.text(of: $0) }.joined() == prompt.text)
    return prompt.segments.map { segment in
      let place = segment.source.map { "\($0.line):\($0.column)" } ?? ""
      return "\(prompt.text(of: segment).debugDescription) \(segment.author) \(place)"
        + (segment.isTerminator ? " terminator" : "")
    }
  }

  @Test func `literals that stand together are segments one by one`() throws {
    #expect(
      try segments([Message(.user, "Hi"), Message(.assistant, "Yes")]) == [
        #""<s>" template 16:18"#, #""Hi" caller 16:33"#, #""." template 16:49"#,
        #""<e>" template 16:61"#, #""<s>" template 10:15"#, #""bot\n" template 11:15"#,
        #""\n" template 12:15"#, #""Yes" model 13:22"#, #""<e>" model 13:59 terminator"#,
        #""\n" template 14:15"#,
      ])
  }

  @Test func `a cut within literals keeps those before it, and a part of the one it is in`() throws
  {
    // The text of the last message is empty, so that white space before it goes with the cut.
    #expect(
      try segments([Message(.user, "Hi"), Message(.assistant, "")], continues: true).suffix(2) == [
        #""<s>" template 10:15"#, #""bot" template 11:15"#,
      ])
  }
}
