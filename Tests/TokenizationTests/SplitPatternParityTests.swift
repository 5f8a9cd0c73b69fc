// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TestSupport
import TextNormalization
import TextPrimitives
import Testing

@testable import Tokenization

@Suite("Split patterns of the references") struct SplitPatternParityTests {
  // Scripts/generate_split_fixtures.py asked the reference engines.
  @Test func `matches as the reference engines do`() throws {
    var count = 0
    for line in try Fixtures.lines("SplitPatterns/matches.jsonl") {
      let source = try #require(line["pattern"]?.string?.string)
      let isOniguruma = line["dialect"]?.string == "oniguruma"
      let pattern = try SplitPattern(source, dialect: isOniguruma ? .oniguruma : .fancyRegex)
      for item in try #require(line["cases"]?.array) {
        let parts = try #require(item.array)
        let text = Array(try #require(parts[0].string).utf8)
        let (edges, matches) = cuts(pattern, text)
        #expect(edges == parts[1].array?.compactMap(\.integer), "\(source) in \(parts[0])")
        #expect(matches == parts[2].array?.compactMap(\.integer), "\(source) in \(parts[0])")
        count += 1
      }
    }
    #expect(count > 150)
  }

  private func cuts(_ pattern: SplitPattern, _ text: [UInt8]) -> (edges: [Int], matches: [Int]) {
    var edges: Set<Int> = [0, text.count]
    var matches: [Int] = []
    pattern.forEachMatch(in: text.span, range: 0..<text.count) { match in
      edges.formUnion([match.lowerBound, match.upperBound])
      if !match.isEmpty { matches += [match.lowerBound, match.upperBound] }
    }
    return (edges.sorted(), matches)
  }
}
