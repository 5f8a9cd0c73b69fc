// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@Suite("dialect diff") struct DiffCommandTests {
  private static let chats = #"""
    {"messages": [{"role": "user", "content": "Hi"}]}
    {"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}]}

    """#

  @Test func `conversations that differ are listed with their tokens`() throws {
    try Tool.withFile("chats.jsonl", Self.chats) { (path: String) throws in
      let same = try Tool.run("diff", "chatml", "chatml", "--conversations", path)
      #expect(same.status == 0)
      #expect(same.output == "2 equal, 0 different\n")
      let answer = try Tool.run("diff", "chatml", "qwen2.5", "--conversations", path)
      #expect(answer.status == 1)
      #expect(answer.output.hasPrefix("chats:1: "))
      #expect(answer.output.contains("    token 1: system placement\n"))
      #expect(answer.output.hasSuffix("1 equal, 1 different\n"))
      let grouped = try Tool.run("diff", "chatml", "qwen2.5", "--conversations", path, "--semantic")
      #expect(grouped.output.contains("system placement: "))
      #expect(grouped.output.contains("  in 1: chats:1\n"))
    }
  }

  @Test func `two tokenizers need a template`() throws {
    try Tool.withFile("chats.jsonl", Self.chats) { (path: String) throws in
      let answer = try Tool.run("diff", path, path, "--conversations", path)
      #expect(answer.status == 3)
      #expect(answer.errors.contains("name the template that both sides render with"))
    }
  }
}

@Suite("dialect lint") struct LintCommandTests {
  @Test func `findings have ids, places and reasons`() throws {
    let source = "{% for m in mesages %}{{ m.content | trim }}{% endfor %}"
    try Tool.withFile("t.jinja", source) { (path: String) throws in
      let answer = try Tool.run("lint", "--jinja", path, "--explain")
      #expect(answer.status == 1)
      #expect(answer.output.contains("\(path):1:13: warning: 'mesages' is undefined"))
      #expect(answer.output.contains("[unknown-variable]"))
      #expect(answer.output.contains("a misspelt name is undefined always"))
      let lines = try Tool.run("lint", "--jinja", path, "--json").output.split(separator: "\n")
      #expect(lines.allSatisfy { $0.hasPrefix(#"{"rule": "#) })
    }
    #expect(try Tool.run("lint", "--rules").output.contains("rewritten-history (warning)\n"))
  }
}
