// SPDX-License-Identifier: Apache-2.0

import ChatTemplates
import OrderedJSON
import TestSupport
import Testing
import TextPrimitives

/// Whole conversations as the model makers' own code renders them.
@Suite("Families against the makers' code") struct LayoutTextTests {
  /// SentencePiece's own pieces show other texts, and harmony has its own message format.
  private static let skipped: Set<String> = [
    "mistral-v1", "mistral-v2", "mistral-v3", "mistral-v7", "harmony",
  ]

  @Test(
    "the text of every layout is the reference's",
    .enabled(if: Conformance.isPresent, "needs the conformance corpus"))
  func texts() throws {
    let names = Set(ChatTemplate.familyNamesAndAliases).subtracting(Self.skipped)
    for layout in try LayoutCorpus(families: names).layouts {
      let family = layout.family
      let template = try ChatTemplate(family: family)
      var count = 0
      var differences: [String] = []
      for (name, line) in try layout.lines(answer: "text") where line["fim"] == nil {
        count += 1
        let expected = GoldenCorpus.Line(
          conversation: name, request: layout.request(line), rendered: line["text"]?.string)
        if let difference = expected.difference(from: template) {
          differences.append("\(expected.conversation): \(difference)")
        }
      }
      #expect(
        differences.isEmpty,
        "\(family): \(count - differences.count) of \(count)\n\(differences.prefix(8).joined(separator: "\n"))"
      )
    }
  }
}
