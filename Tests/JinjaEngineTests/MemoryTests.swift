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
      "{% set t = text %}{% macro m() %}{{ t|length }}{% endmacro %}{{ m() }}",
      "{% macro a(t) %}{% macro b() %}{{ t|length }}{% endmacro %}{{ b() }}{% endmacro %}{{ a(text) }}",
      "{% set ns = namespace(t=text) %}{% set ns.self = ns %}{{ ns.t|length }}",
      "{% set ns = namespace(t=text) %}{% set ns.list = [ns, [ns]] %}{{ ns.t|length }}",
      "{% macro m() %}{{ caller() }}{% endmacro %}{% set t = text %}{% call m() %}{{ t|length }}{% endcall %}",
      "{% macro m(t) %}{{ t.missing.member }}{% endmacro %}{{ m(text) }}",
    ])
  func freed(source: String) throws {
    let template = try JinjaTemplate(source: source, name: "t")
    var context = JinjaContext()
    context.set("text", to: .string(ExactString(String(repeating: "x", count: 1 << 20))))
    let before = Self.residentMegabytes()
    for _ in 0..<2_000 { _ = try? template.render(context) }
    // Held back, the texts alone would take 2,000 MB.
    #expect(Self.residentMegabytes() - before < 1_000)
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
