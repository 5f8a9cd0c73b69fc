// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Testing

@testable import Tokenization

@Suite struct AheadTests {
  @Test("Work is done once, and its result is the one that is handed out")
  func once() {
    for number in 0..<1000 {
      let runs = Counter()
      let ahead = Ahead {
        runs.add()
        return number
      }
      #expect(ahead.result() == number)
      #expect(ahead.result() == number)
      #expect(runs.count == 1)
    }
  }

  @Test("More work than there are threads, handed out from within such work, comes to an end")
  func nested() {
    let sums = Parallel.map(Array(0..<256)) { outer in
      let parts = (0..<4).map { inner in
        Ahead { Ahead { outer + inner }.result() }
      }
      return parts.reduce(0) { $0 + $1.result() }
    }
    #expect(sums == (0..<256).map { 4 * $0 + 6 })
  }

  private final class Counter: Sendable {
    private let value = Atomic(0)
    var count: Int { value.load(ordering: .sequentiallyConsistent) }
    func add() { value.add(1, ordering: .sequentiallyConsistent) }
  }
}
