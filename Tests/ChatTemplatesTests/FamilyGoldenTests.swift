// SPDX-License-Identifier: Apache-2.0

import ChatTemplates
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
    var total = 0
    var passed = 0
    try corpus.forEachFamily { identifier, template, lines in
      var differences: [String] = []
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
    if Conformance.chosenFamily == nil {
      // Every key family of the corpus has a family file.
      #expect(Set(corpus.identifiers(with: "key")).subtracting(names).sorted() == [])
    }
    print("family goldens: \(passed) of \(total)")
  }
}
