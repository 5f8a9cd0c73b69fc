// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Tokenization

@Suite struct TokenColumnTests {
  @Test("A column is what an array of its values is, whatever it was put together from")
  func array() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<300 {
      var (column, array) = (TokenColumn<Int?>(), [Int?]())
      for _ in 0..<Int.random(in: 0...8, using: &random) {
        let value = Bool.random(using: &random) ? Int.random(in: 0...1, using: &random) : nil
        let count = Int.random(in: 0...3, using: &random)
        column += TokenColumn(repeating: value, count: count)
        array += Array(repeating: value, count: count)
      }
      #expect(Array(column) == array)
      #expect(column.description == array.description)
      let start = Int.random(in: 0...array.count, using: &random)
      let end = Int.random(in: start...array.count, using: &random)
      let part = column.part(start..<end)
      #expect(Array(part) == Array(array[start..<end]))
      // Equal by values, not by how they came together.
      var again = TokenColumn<Int?>()
      for value in array[start..<end] { again += TokenColumn(repeating: value, count: 1) }
      #expect(again == part && again.hashValue == part.hashValue)
      if start < end { #expect(again != column.part(start..<end - 1)) }
    }
  }

  @Test("Offsets are the ranges that they were made of, up to the longest text")
  func offsets() {
    let ranges = [
      0..<0, 0..<3, 3..<TokenOffsets.textLimit, TokenOffsets.textLimit..<Int(UInt32.max),
    ]
    var offsets = TokenOffsets(ranges)
    #expect(Array(offsets) == ranges)
    offsets[1] = 1..<2
    offsets += TokenOffsets(repeating: 5..<6, count: 2)
    #expect(offsets.part(1..<2) == [1..<2])
    #expect(offsets.suffix(2).elementsEqual([5..<6, 5..<6]))
    #expect(offsets.description == Array(offsets).description)
  }
}
