// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// Reads JSON with the place of every value.
enum FixtureJSON {
  /// The tree of a part of a source.
  static func read(_ source: FixtureSource, _ range: Range<Int>) throws(FixtureError)
    -> FixtureNode
  {
    let part = Array(source.bytes[range])
    do throws(JSONError) {
      return try JSONScanner.scan(part.span) { scanner throws(JSONError) in
        try node(&scanner, part, base: range.lowerBound)
      }
    } catch {
      throw source.error(
        error.message, at: .offset(range.lowerBound + error.position.byteOffset))
    }
  }

  private static func node(
    _ scanner: inout JSONScanner, _ bytes: [UInt8], base: Int
  ) throws(JSONError) -> FixtureNode {
    let kind = try scanner.peek()
    let mark = FixtureNode.Mark.offset(base + scanner.byteOffset)
    switch kind {
    case .array:
      var elements: [FixtureNode] = []
      try scanner.beginArray()
      while try scanner.nextElement() { elements.append(try node(&scanner, bytes, base: base)) }
      return FixtureNode(value: .list(elements), mark: mark)
    case .object:
      var entries: [FixtureNode.Entry] = []
      var key: [UInt8] = []
      try scanner.beginObject()
      var start = keyStart(bytes, from: scanner.byteOffset)
      while try scanner.nextKey(into: &key) {
        let name = ExactString(String(decoding: key, as: UTF8.self))
        guard !entries.contains(where: { $0.key == name }) else {
          throw scanner.error(
            .unexpected(found: "the key '\(name)' a second time", expected: "another key"),
            at: start)
        }
        let value = try node(&scanner, bytes, base: base)
        entries.append(.init(key: name, keyMark: .offset(base + start), value: value))
        start = keyStart(bytes, from: scanner.byteOffset)
      }
      return FixtureNode(value: .map(entries), mark: mark)
    default:
      return FixtureNode(value: .scalar(try scanner.readValue()), mark: mark)
    }
  }

  /// Where the next key begins, past the comma and white space.
  private static func keyStart(_ bytes: [UInt8], from offset: Int) -> Int {
    bytes[offset...].firstIndex { $0 > 0x20 && $0 != UInt8(ascii: ",") } ?? offset
  }
}
