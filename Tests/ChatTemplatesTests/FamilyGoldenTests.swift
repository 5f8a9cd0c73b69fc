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
    let keys = Set(corpus.identifiers(with: "key"))
    var total = 0
    var passed = 0
    var table = GoldenTable()
    try corpus.forEachFamily { identifier, template, lines in
      var differences: [String] = []
      for line in lines {
        guard let difference = line.difference(from: template) else { continue }
        differences.append("\(line.conversation): \(difference)")
      }
      total += lines.count
      passed += lines.count - differences.count
      if keys.contains(identifier) { table.add(identifier, lines, failed: differences.count) }
      #expect(
        differences.isEmpty,
        "\(identifier): \(lines.count - differences.count) of \(lines.count)\n\(differences.prefix(6).joined(separator: "\n"))"
      )
    }
    if Conformance.chosenFamily == nil {
      // Every key family of the corpus has a family file.
      #expect(keys.subtracting(names).sorted() == [])
      print(table.text)
    }
    print("family goldens: \(passed) of \(total)")
  }
}

/// How the families that matter most fare, a line each.
private struct GoldenTable {
  private var rows: [String] = []
  private var rendered = 0
  private var refused = 0
  private var failed = 0

  mutating func add(_ name: String, _ lines: [GoldenCorpus.Line], failed: Int) {
    let texts = lines.count { $0.rendered != nil }
    rendered += texts
    refused += lines.count - texts
    self.failed += failed
    rows.append(
      "  \(name): \(texts) texts, \(lines.count - texts) refusals"
        + (failed == 0 ? "" : ", \(failed) of them differ"))
  }

  var text: String {
    "key families: \(rows.count), with \(rendered) texts and \(refused) refusals, of which "
      + "\(failed) differ\n" + rows.joined(separator: "\n")
  }
}
