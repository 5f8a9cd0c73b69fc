// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@Suite("dialect check") struct CheckCommandTests {
  static let fixture = """
    format: "dialect-fixture/1"
    template: {family: chatml}
    cases:
      - name: right
        conversation: [{role: user, content: "Hi"}]
        expect: {text: "<|im_start|>user\\nHi<|im_end|>\\n"}
      - name: wrong  # kept
        conversation: [{role: user, content: "Hi"}]
        expect: {text: "<|im_start|>user\\nHo<|im_end|>\\n"}

    """

  @Test func `a verdict a line, the counts last, and status 1 where something differs`() throws {
    try Tool.withFile("f.yaml", Self.fixture) { (path: String) throws in
      let answer = try Tool.run("check", path)
      let lines = answer.output.split(separator: "\n").map(String.init)
      #expect(answer.status == 1)
      #expect(lines.first == "ok    \(path): right")
      #expect(lines.contains("FAIL  \(path):7: wrong"))
      #expect(lines.last == "1 passed, 1 failed")
      let filtered = try Tool.run("check", path, "--filter", ": right")
      #expect(filtered.status == 0)
      #expect(filtered.output == "ok    \(path): right\n1 passed, 0 failed\n")
    }
  }

  @Test func `update records what differs and keeps the rest`() throws {
    try Tool.withFile("f.yaml", Self.fixture) { (path: String) throws in
      let answer = try Tool.run("check", path, "--update")
      #expect(answer.status == 0)
      #expect(answer.output.hasSuffix("1 recorded\n1 passed, 0 failed\n"))
      let text = try String(contentsOfFile: path, encoding: .utf8)
      #expect(text.contains("- name: wrong  # kept"))
      #expect(!text.contains("Ho<"))
      let again = try Tool.run("check", path)
      #expect(again.status == 0)
      #expect(again.output.hasSuffix("2 passed, 0 failed\n"))
    }
  }

  @Test func `reports for machines`() throws {
    try Tool.withFile("f.yaml", Self.fixture) { (path: String) throws in
      let xml = path + ".xml"
      let answer = try Tool.run("check", path, "--json", "--junit", xml)
      let lines = answer.output.split(separator: "\n")
      #expect(lines.count == 3)
      #expect(lines.last == #"{"passed": 1, "failed": 1, "recorded": 0}"#)
      #expect(try String(contentsOfFile: xml, encoding: .utf8).contains("failures=\"1\""))
      let annotated = try Tool.run("check", path, "--github")
      #expect(annotated.output.contains("::error file=\(path),line=7,title=wrong::"))
    }
  }

  @Test func `a damaged file has status 3, and the others are still checked`() throws {
    try Tool.withFile("f.yaml", Self.fixture) { (path: String) throws in
      try Tool.withFile("g.yaml", "format: \"dialect-fixture/9\"\n") { (other: String) throws in
        let answer = try Tool.run("check", other, path)
        #expect(answer.status == 3)
        #expect(answer.errors.hasPrefix("\(other):1:9: the fixture has format version 9"))
        #expect(answer.output.hasSuffix("1 passed, 2 failed\n"))
      }
    }
  }

  @Test func `laws are held against a template, with the smallest counter-example`() throws {
    let fine = try Tool.run("check", "--laws", "--family", "chatml", "--count", "20")
    #expect(fine.status == 0, "\(fine.output)")
    #expect(fine.output.contains("ok    opening: the generation prompt is a prefix"))
    #expect(fine.output.hasSuffix(" passed, 0 failed\n"))
    let source =
      "{% for m in messages %}<{{ m.role }}>{{ m.content }}</s>{% endfor %}"
      + "{% if add_generation_prompt %}<model>{% endif %}"
    try Tool.withFile("t.jinja", source) { (path: String) throws in
      let answer = try Tool.run("check", "--laws", "--jinja", path, "--count", "20")
      #expect(answer.status == 1)
      #expect(answer.output.contains("FAIL  opening: "))
      #expect(answer.output.contains("{\"messages\": [{\"role\": "))
    }
  }

  @Test func `nothing to check is no success`() throws {
    try Tool.withFile("f.yaml", Self.fixture) { (path: String) throws in
      let answer = try Tool.run("check", path, "--filter", "nowhere")
      #expect(answer.status == 3)
      #expect(answer.errors == "\(path): there is no case with 'nowhere' in its 'file: name'\n")
    }
  }

  @Test func `fixtures need a path`() throws {
    #expect(try Tool.run("check").status == 2)
    #expect(try Tool.run("check", "x.yaml", "--family", "chatml").status == 2)
  }
}
