// SPDX-License-Identifier: Apache-2.0

import ChatTemplates
import Glibc
import OrderedJSON
import TestSupport
import Testing
import TextPrimitives

@Suite("Jinja chat templates against transformers") struct JinjaGoldenTests {
  /// Templates that stand for their format in the quick suite; `DIALECT_JINJA=all` takes all.
  private static let sample: Set<String> = [
    "llama-3.1-8b-instruct", "qwen3", "gemma-3-it", "deepseek-v3", "mistral-7b-instruct-v0.3",
    "gpt-oss", "chatml", "command-r",
  ]

  @Test(
    "a Hub template renders and refuses as under transformers",
    .enabled(if: Conformance.isPresent, "needs the conformance corpus"))
  func goldens() throws {
    var corpus = try GoldenCorpus()
    // SAFETY: the variable is copied before anything else may change the environment.
    let only = unsafe getenv("DIALECT_JINJA").map { unsafe String(cString: $0) }
    var total = 0
    var passed = 0
    for entry in corpus.templates {
      guard let identifier = entry["id"]?.string?.string else { continue }
      guard only == "all" || only == identifier || (only == nil && Self.sample.contains(identifier))
      else { continue }
      let source = String(
        decoding: try Conformance.bytes("templates/jinja/\(identifier).jinja"), as: UTF8.self)
      let lines = try corpus.lines(of: identifier)
      var differences: [String] = []
      do {
        let template = try ChatTemplate(jinja: source, name: "\(identifier).jinja")
        for line in lines {
          guard let difference = line.difference(from: template) else { continue }
          differences.append("\(line.conversation): \(difference)")
        }
      } catch {
        // A template that does not compile may only fail where the reference fails, too.
        differences = lines.filter { $0.rendered != nil }.map { "\($0.conversation): \(error)" }
      }
      total += lines.count
      passed += lines.count - differences.count
      #expect(
        differences.isEmpty,
        "\(identifier): \(lines.count - differences.count) of \(lines.count)\n\(differences.prefix(3).joined(separator: "\n"))"
      )
    }
    print("Jinja goldens: \(passed) of \(total)")
  }
}
