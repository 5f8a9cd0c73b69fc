// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization
import Testing

@testable import ReferenceTransformer

@Suite("ThreadTeam") struct ThreadTeamTests {
  @Test(arguments: [1, 2, 5])
  func `every part is done once, and all before the call returns`(_ threads: Int) {
    let team = ThreadTeam(threadCount: threads)
    for parts in [0, 1, 2, 7, 40, 1000] {
      for cost in [0, 1 << 20] {
        var counts = [Float](repeating: 0, count: max(1, parts))
        unsafe team.perform(parts: parts, cost: cost, writing: &counts) { part, counts in
          counts[part] += 1
        }
        #expect(counts == Array(repeating: parts == 0 ? 0 : 1, count: max(1, parts)))
      }
    }
  }

  @Test func `a team that fell asleep wakes up, again and again`() {
    let team = ThreadTeam(threadCount: 3)
    for round in 0..<30 {
      if round % 3 == 0 { usleep(5000) }
      let sum = Atomic(0)
      unsafe team.perform(parts: 64, cost: 1 << 20) { part, _ in
        sum.add(part, ordering: .relaxed)
      }
      #expect(sum.load(ordering: .relaxed) == 64 * 63 / 2)
    }
  }

  @Test func `threads have shares of the scratch that do not meet`() {
    let team = ThreadTeam(threadCount: 4)
    var scratch = [Float](repeating: 0, count: 4 * 100)
    var results = [Float](repeating: 0, count: 500)
    unsafe team.perform(
      parts: 500, cost: 1 << 20, writing: &results, scratch: &scratch
    ) { part, results, share in
      for index in share.indices { share[index] = Float(part) }
      if share.count == 100 { results[part] = share.span[0] + share.span[99] }
    }
    #expect(results == (0..<500).map { Float(2 * $0) })
  }

  @Test(arguments: [1, 2, 3])
  func `rows are divided, and their numbers are theirs`(_ threads: Int) {
    let team = ThreadTeam(threadCount: threads)
    for (rows, size) in [(1, 50_000), (5, 20_000), (700, 64), (0, 3)] {
      var numbers = [Float](repeating: -1, count: rows * size + 2)
      team.divide(&numbers, rows: rows, rowSize: size) { rows, part in
        for (place, row) in rows.enumerated() {
          for column in 0..<size { part[place * size + column] += Float(row) }
        }
      }
      let expected = (0..<rows).flatMap { row in Array(repeating: Float(row - 1), count: size) }
      #expect(numbers == expected + [-1, -1])
    }
  }
}
