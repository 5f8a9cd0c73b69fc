// SPDX-License-Identifier: Apache-2.0

import PromptChecks
import PromptFixtures
import Testing

@Suite("Checks") struct CheckRunnerTests {
  private func verdict(_ members: String, head: String = "template: {family: chatml}")
    throws -> CaseVerdict
  {
    let text =
      "format: \"dialect-fixture/1\"\n\(head)\nname: a\n"
      + "conversation: [{role: user, content: \"Hi there\"}]\n\(members)\n"
    let file = try FixtureFile(bytes: Array(text.utf8), path: "f.yaml")
    return CheckRunner().verdict(on: try #require(file.cases.first), of: "f.yaml")
  }

  @Test func `what is as recorded passes`() throws {
    let passed = try verdict(
      """
      expect:
        text: "<|im_start|>user\\nHi there<|im_end|>\\n"
        stop: ["<|im_end|>"]
      """)
    #expect(passed.outcome == .passed)
    #expect(passed.report(isColored: false).isEmpty)
  }

  @Test func `the first difference is shown with the line that wrote it`() throws {
    let failed = try verdict(
      """
      expect: {text: "<|im_start|>user\\n\\u00a0Hi there<|im_end|>\\n"}
      recorded: {template: "00ff"}
      """)
    #expect(failed.outcome == .failed)
    let report = failed.report(isColored: false)
    #expect(
      report.hasPrefix(
        #"""
          text: 7 pieces, recorded were 7; the first difference is at piece 3
            = <|im_start|>│user│⏎
            - \u{a0}Hi
            + Hi
            = ␠there│<|im_end|>│⏎

        """#), "\(report)")
    #expect(report.contains("chatml.yaml:"), "\(report)")
    #expect(report.contains("written here"), "\(report)")
    #expect(report.contains("the template is another one than when this was recorded (00ff…"))
    #expect(failed.report(isColored: true).contains("\u{1B}[1;35m<|im_start|>\u{1B}[0m"))
  }

  @Test func `ids, layout and mask are compared where there is a tokenizer`() throws {
    let failed = try verdict(
      """
      tokenizer: {built_in: byte-level}
      expect: {ids: [1], layout: [], mask: [[0, 1]]}
      """)
    #expect(failed.differences.map(\.part) == ["ids", "layout", "mask"])
    let without = try verdict("expect: {mask: []}")
    #expect(without.report(isColored: false).contains("names no tokenizer"))
  }

  @Test func `refusals are compared by their words`() throws {
    let head = "template: {family: gemma-2}"
    let words = "Conversation roles must alternate user/assistant/user/assistant/..."
    let twice = "conversation: [{role: user, content: a}, {role: user, content: b}]"
    for (expected, outcome) in [
      ("true", CaseVerdict.Outcome.passed), ("\"\(words)\"", .passed), ("\"other\"", .failed),
    ] {
      let text =
        "format: \"dialect-fixture/1\"\n\(head)\nname: a\n\(twice)\nexpect: {error: \(expected)}\n"
      let file = try FixtureFile(bytes: Array(text.utf8), path: "f.yaml")
      let verdict = CheckRunner().verdict(on: try #require(file.cases.first), of: "f.yaml")
      #expect(verdict.outcome == outcome, "\(expected)")
    }
    let renders = try verdict("expect: {error: true}")
    #expect(renders.report(isColored: false).contains("it renders now"))
  }

  @Test func `an answer is taken apart`() throws {
    let response = "response: \"Hello<|im_end|>\""
    let passed = try verdict("\(response)\nexpect: {message: {role: assistant, content: Hello}}")
    #expect(passed.outcome == .passed, "\(passed.report(isColored: false))")
    let failed = try verdict("\(response)\nexpect: {message: {role: assistant, content: Hallo}}")
    #expect(failed.differences.map(\.part) == ["message"])
  }

  @Test func `inputs that cannot be loaded fail the case`() throws {
    let failed = try verdict("expect: {text: \"\"}", head: "template: {family: chatlm}")
    #expect(failed.report(isColored: false).contains("did you mean 'chatml'?"))
  }

  @Test func `reports for machines escape what their formats cannot hold`() throws {
    let failed = try verdict("expect: {text: \"\\u0001<]]>\\n\"}")
    var report = JUnitReport()
    report.add(failed)
    #expect(report.xml.contains("<testsuite name=\"f.yaml\" tests=\"1\" failures=\"1\">"))
    #expect(!report.xml.unicodeScalars.contains("\u{1}"))
    #expect(report.xml.contains("&lt;|im_start|&gt;"))
    let line = try #require(GitHubAnnotation.line(failed))
    #expect(line.hasPrefix("::error file=f.yaml,line=1,title=a::  text: "))
    #expect(!line.contains("\n"))
  }
}
