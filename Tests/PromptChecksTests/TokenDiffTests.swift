// SPDX-License-Identifier: Apache-2.0

import Testing
import TextPrimitives

@testable import PromptChecks

@Suite("Differences of tokens") struct TokenDiffTests {
  private func tokens(_ letters: String) -> [ShownToken] {
    letters.utf8.map { ShownToken(bytes: [$0], id: nil, role: nil, isControl: false, segment: nil) }
  }

  /// The length of the longest common subsequence, by its definition.
  private func common(_ old: [UInt8], _ new: [UInt8]) -> Int {
    var row = [Int](repeating: 0, count: new.count + 1)
    for left in old {
      var next = [0]
      for (index, right) in new.enumerated() {
        next.append(left == right ? row[index] + 1 : max(next[index], row[index + 1]))
      }
      row = next
    }
    return row[new.count]
  }

  @Test func `hunks turn one row into the other with the fewest edits`() {
    var state: UInt64 = 7
    func random(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    for _ in 0..<400 {
      let old = (0..<random(14)).map { _ in UInt8(97 + random(3)) }
      let new = (0..<random(14)).map { _ in UInt8(97 + random(3)) }
      let hunks = TokenDiff.hunks(
        tokens(String(decoding: old, as: UTF8.self)), tokens(String(decoding: new, as: UTF8.self)))
      var built: [UInt8] = []
      var place = 0
      var edits = 0
      for hunk in hunks {
        built += old[place..<hunk.old.lowerBound]
        #expect(built.count == hunk.new.lowerBound)
        built += new[hunk.new]
        place = hunk.old.upperBound
        edits += hunk.old.count + hunk.new.count
      }
      built += old[place...]
      #expect(built == new)
      #expect(edits == old.count + new.count - 2 * common(old, new), "\(old) \(new)")
    }
  }

  @Test func `rows that share nothing have one hunk`() {
    let old = tokens(String(repeating: "a", count: 900))
    let new = tokens(String(repeating: "b", count: 900))
    #expect(TokenDiff.hunks(old, new) == [.init(old: 0..<900, new: 0..<900)])
  }

  @Test func `texts fall into words and control tokens`() {
    let words = ShownToken.list("<s>Hi  you,\n<s", control: ["<s>"])
      .map { String(decoding: $0.bytes, as: UTF8.self) }
    #expect(words == ["<s>", "Hi", " ", " you", ",", "\n", "<", "s"])
  }
}
