// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Tokenization

@Suite("Work on several cores") struct ParallelTests {
  private struct Refusal: Error, Equatable {
    var number: Int
  }

  @Test(arguments: [1, 2, nil])
  func `results keep the order, and of errors the first element's is thrown`(threads: Int?) {
    let numbers = Array(0..<5000)
    #expect(Parallel.map(numbers, threads: threads) { 2 * $0 } == numbers.map { 2 * $0 })
    let refusal = #expect(throws: Refusal.self) {
      try Parallel.map(numbers, threads: threads) { number throws(Refusal) in
        if number % 1000 >= 700 { throw Refusal(number: number) }
        return number
      }
    }
    #expect(refusal == Refusal(number: 700))
  }
}
