// SPDX-License-Identifier: Apache-2.0

import ChatTemplates
import Glibc
import OrderedJSON
import TestSupport
import Testing
import TextPrimitives

@Suite("Families against the reference") struct FamilyGoldenTests {
  @Test(
    "every built-in family renders and refuses as the official template does",
    .enabled(if: Conformance.isPresent, "needs the conformance corpus"))
  func goldens() throws {
    var corpus = try GoldenCorpus()
    let names = Set(ChatTemplate.familyNamesAndAliases)
    // SAFETY: the variable is copied before anything else may change the environment.
    let only = unsafe getenv("DIALECT_FAMILY").map { unsafe String(cString: $0) }
    var total = 0
    var passed = 0
    for entry in corpus.templates {
      guard let identifier = entry["id"]?.string?.string, names.contains(identifier),
        only == nil || only == identifier
      else { continue }
      let template = try ChatTemplate(family: identifier)
      var differences: [String] = []
      let lines = try corpus.lines(of: identifier)
      for line in lines {
        guard let difference = line.difference(from: template) else { continue }
        differences.append("\(line.conversation): \(difference)")
      }
      total += lines.count
      passed += lines.count - differences.count
      #expect(
        differences.isEmpty,
        "\(identifier): \(lines.count - differences.count) of \(lines.count)\n\(differences.prefix(6).joined(separator: "\n"))"
      )
    }
    if only == nil {
      // Every key family of the corpus has a family file.
      #expect(Set(corpus.identifiers(with: "key")).subtracting(names).sorted() == [])
    }
    print("family goldens: \(passed) of \(total)")
  }
}
