// SPDX-License-Identifier: Apache-2.0

import Glibc
import JinjaEngine
import OrderedJSON
import Testing
import TextPrimitives

@Suite("Memory") struct MemoryTests {
  @Test(
    "a render is freed whole, also where macros and namespaces hold themselves",
    arguments: [
      "{% set t = text ~ '.' %}{% macro m() %}{{ t|length }}{% endmacro %}{{ m() }}",
      "{% macro a(t) %}{% macro b() %}{{ t|length }}{% endmacro %}{{ b() }}{% endmacro %}{{ a(text ~ '.') }}",
      "{% set ns = namespace(t=text ~ '.') %}{% set ns.self = ns %}{{ ns.t|length }}",
      "{% set ns = namespace(t=text ~ '.') %}{% set ns.list = [ns, [ns]] %}{{ ns.t|length }}",
      "{% macro m() %}{{ caller() }}{% endmacro %}{% set t = text ~ '.' %}{% call m() %}{{ t|length }}{% endcall %}",
      "{% macro m(t) %}{{ t.missing.member }}{% endmacro %}{{ m(text ~ '.') }}",
    ])
  func freed(source: String) throws {
    let template = try JinjaTemplate(source: source, name: "t")
    var context = JinjaContext()
    context.set("text", to: .string(ExactString(String(repeating: "x", count: 1 << 18))))
    let before = Self.residentMegabytes()
    for _ in 0..<2_000 { _ = try? template.render(context) }
    // Held back, the texts alone would take 500 MB.
    #expect(Self.residentMegabytes() - before < 250)
  }

  @Test func `texts of every length come out whole, beside each other and in pieces`() throws {
    let template = try JinjaTemplate(
      source: "{{ a }}{{ b }}{% set c = a + b %}{{ c }}{{ c[1:] }}{{ list[0] ~ list[1].key }}",
      name: "t")
    let long = String(repeating: "0123456789abcdefghijklmnopqrstuvwxyz", count: 3)
    for first in 0...40 {
      for second in [0, 1, 7, 8, 15, 16, 17, 31, 32, 33, 100] {
        let a = String(long.prefix(first))
        let b = String(long.suffix(second))
        var context = JinjaContext()
        context.set("a", to: .string(ExactString(a)))
        context.set("b", to: .string(ExactString(b)))
        context.set("list", to: [.string(ExactString(a)), ["key": .string(ExactString(b))]])
        let output = try template.render(context)
        #expect(output.text == a + b + a + b + String((a + b).dropFirst()) + a + b)
        #expect(output.pieces.reduce(0) { $0 + $1.range.count } == output.bytes.count)
      }
    }
  }

  @Test func `an output tells its authors when template and variables are gone`() throws {
    func render() throws -> JinjaOutput {
      let template = try JinjaTemplate(
        source: "{% for m in messages %}{{ m.role }}: {{ m.parts[1].text }}\n{% endfor %}",
        name: "t")
      var context = JinjaContext()
      let messages = (0..<3).map { index -> JSONValue in
        ["role": "user", "parts": ["", ["text": .string(ExactString("a text, number \(index)"))]]]
      }
      context.set("messages", to: .array(messages))
      return try template.render(context)
    }
    let authors = try render().pieces.map { piece -> String in
      switch piece.author {
      case .template: "template"
      case .trusted(let path), .input(let path): path.description
      }
    }
    #expect(
      authors
        == (0..<3).flatMap {
          ["messages[\($0)].role", "template", "messages[\($0)].parts[1].text", "template"]
        })
  }

  private static func residentMegabytes() -> Int {
    guard let file = unsafe fopen("/proc/self/statm", "r") else { return 0 }
    defer { unsafe fclose(file) }
    var pages = [CChar](repeating: 0, count: 128)
    unsafe fgets(&pages, 128, file)
    let text = String(decoding: pages.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let resident = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    return resident * 4096 >> 20
  }
}
