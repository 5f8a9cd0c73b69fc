// SPDX-License-Identifier: Apache-2.0

import JinjaEngine
import OrderedJSON
import TestSupport
import Testing
import TextPrimitives

@Suite("Conformance with Jinja2") struct ConformanceTests {
  @Test(
    "every semantics case renders or fails as Jinja2 does",
    .enabled(if: Conformance.has("templates/jinja-semantics.jsonl"), "needs the corpus"))
  func semantics() throws {
    for test in try Conformance.lines("templates/jinja-semantics.jsonl") {
      let name = test["id"]?.string?.string ?? "?"
      let source = try #require(test["template"]?.string?.string)
      var options = JinjaOptions()
      options.now = CivilTime(iso8601: test["now"]?.string?.string ?? "2026-01-15")
      do throws(JinjaError) {
        let template = try JinjaTemplate(source: source, name: name)
        let output = try template.render(
          Contexts.make(test["context"]?.object ?? JSONObject()), options: options)
        #expect(output.bytes == test["expected"]?.string.map { Array($0.utf8) }, "case \(name)")
      } catch {
        #expect(test["error"] != nil, "case \(name): \(error)")
        if error.kind == .raised {
          #expect(Array(error.message.utf8) == test["message"]?.string.map { Array($0.utf8) })
        }
      }
    }
  }

  @Test(
    "every template of the corpus compiles",
    .enabled(if: Conformance.has("templates/manifest.json"), "needs the corpus"))
  func compilation() throws {
    for entry in try Conformance.json("templates/manifest.json")["templates"]?.array ?? [] {
      guard let name = entry["id"]?.string?.string,
        entry["computed"]?["syntax_error"] == nil
      else { continue }
      let source = String(
        decoding: try Conformance.bytes("templates/jinja/\(name).jinja"), as: UTF8.self)
      #expect(throws: Never.self, "template \(name)") {
        let template = try JinjaTemplate(source: source, name: name)
        #expect(!template.referencedVariables.isEmpty)
      }
    }
  }
}

enum Contexts {
  static func make(_ variables: JSONObject) -> JinjaContext {
    var context = JinjaContext()
    for (name, value) in variables { context.set(name.string, to: value, origin: .caller) }
    return context
  }
}
