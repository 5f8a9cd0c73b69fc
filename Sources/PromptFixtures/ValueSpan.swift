// SPDX-License-Identifier: Apache-2.0

import OrderedJSON

/// Finds where a value of a fixture's text ends.
struct ValueSpan {
  let source: FixtureSource

  private var bytes: [UInt8] { source.bytes }

  /// The bytes of a value, without the comment and the line's end after it.
  func range(of node: FixtureNode) -> Range<Int> {
    let start = source.offset(of: node.mark)
    return start..<max(start, end(of: node, from: start))
  }

  private func end(of node: FixtureNode, from start: Int) -> Int {
    switch node.value {
    case .map(let entries) where !source.isFlow(node):
      return entries.last.map { range(of: $0.value).upperBound } ?? start
    case .list(let elements) where !source.isFlow(node):
      return elements.last.map { range(of: $0).upperBound } ?? start
    case .map, .list: return flowEnd(from: start)
    case .scalar(let value):
      guard start < bytes.count else { return start }
      switch bytes[start] {
      case UInt8(ascii: "\""): return quoteEnd(from: start)
      case UInt8(ascii: "'"): return singleQuoteEnd(from: start)
      case UInt8(ascii: "|"), UInt8(ascii: ">"): return blockEnd(from: start)
      default: return value.isNull && !isWord(at: start) ? start : plainEnd(from: start)
      }
    }
  }

  private func isWord(at start: Int) -> Bool {
    bytes[start...].starts(with: "null".utf8) || bytes[start] == UInt8(ascii: "~")
  }

  /// After the closing quote, which no backslash stands before.
  private func quoteEnd(from start: Int) -> Int {
    var place = start + 1
    while place < bytes.count, bytes[place] != UInt8(ascii: "\"") {
      place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1
    }
    return min(place + 1, bytes.count)
  }

  /// After the closing quote, which no second one follows.
  private func singleQuoteEnd(from start: Int) -> Int {
    let quote = UInt8(ascii: "'")
    var place = start + 1
    while place < bytes.count {
      if bytes[place] == quote {
        guard place + 1 < bytes.count, bytes[place + 1] == quote else { return place + 1 }
        place += 1
      }
      place += 1
    }
    return place
  }

  /// After the bracket that closes the one at `start`.
  private func flowEnd(from start: Int) -> Int {
    var depth = 0
    var place = start
    while place < bytes.count {
      switch bytes[place] {
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        depth -= 1
        if depth == 0 { return place + 1 }
      case UInt8(ascii: "\"") where !isInsideWord(place):
        place = quoteEnd(from: place)
        continue
      case UInt8(ascii: "'") where !isInsideWord(place):
        place = singleQuoteEnd(from: place)
        continue
      case UInt8(ascii: "#") where startsComment(place):
        while place < bytes.count, bytes[place] != UInt8(ascii: "\n") { place += 1 }
        continue
      default: break
      }
      place += 1
    }
    return place
  }

  private func isInsideWord(_ place: Int) -> Bool {
    place > 0 && ![0x20, 0x09, 0x0A, 0x0D, 0x2C, 0x3A, 0x5B, 0x7B].contains(bytes[place - 1])
  }

  private func startsComment(_ place: Int) -> Bool {
    source.syntax == .yaml && place > 0 && (bytes[place - 1] == 0x20 || bytes[place - 1] == 0x0A)
  }

  /// The last content of a block scalar, whose lines are indented alike or deeper.
  private func blockEnd(from start: Int) -> Int {
    var line = source.line(of: .offset(start))
    var end = source.lineRange(line - 1).upperBound
    var indent: Int?
    while line < source.lineCount {
      let range = source.lineRange(line)
      line += 1
      guard let first = range.first(where: { bytes[$0] != 0x20 }) else { continue }
      let depth = first - range.lowerBound
      if depth < indent ?? 1 { break }
      indent = indent ?? depth
      end = range.upperBound
    }
    return end
  }

  /// The end of a plain scalar on its line.
  private func plainEnd(from start: Int) -> Int {
    var place = start
    var end = start
    while place < bytes.count, bytes[place] != UInt8(ascii: "\n") {
      let byte = bytes[place]
      if [UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]")].contains(byte) { break }
      if byte == UInt8(ascii: "#"), startsComment(place) { break }
      place += 1
      if byte > 0x20 { end = place }
    }
    return end
  }
}
