// SPDX-License-Identifier: Apache-2.0

import TextPrimitives

/// Line and column of every literal of a template, found once.
struct TemplatePlaces: Sendable {
  private let places: [TemplatePlace]
  private let starts: [Int]

  init(_ ranges: [Range<Int>], source: [UInt8], name: ExactString) {
    var lineStarts = [0]
    for (index, byte) in source.enumerated() where byte == UInt8(ascii: "\n") {
      lineStarts.append(index + 1)
    }
    var places: [TemplatePlace] = []
    places.reserveCapacity(ranges.count)
    for range in ranges {
      let line = Self.line(of: range.lowerBound, lineStarts)
      let before = source[lineStarts[line]..<min(range.lowerBound, source.count)]
      let column = before.count { $0 & 0xC0 != 0x80 }
      places.append(TemplatePlace(name: name, line: line + 1, column: column + 1))
    }
    self.places = places
    starts = ranges.map(\.lowerBound)
  }

  /// Where a literal stands.
  subscript(literal: Int) -> TemplatePlace { places[literal] }

  /// The literal's offset in the source.
  func offset(of literal: Int) -> Int { starts[literal] }

  private static func line(of offset: Int, _ starts: [Int]) -> Int {
    var low = 0
    var high = starts.count
    while low < high {
      let middle = (low + high) / 2
      if starts[middle] <= offset { low = middle + 1 } else { high = middle }
    }
    return low - 1
  }
}
