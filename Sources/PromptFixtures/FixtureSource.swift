// SPDX-License-Identifier: Apache-2.0

import BinaryInput
import TextPrimitives

/// The text of a fixture file, in which places are found.
package struct FixtureSource: Sendable {
  /// How a file is written.
  package enum Syntax: Sendable {
    case yaml
    case json
    /// The head on the first line, then a case a line.
    case jsonLines
  }

  package let path: String
  package let bytes: [UInt8]
  package let syntax: Syntax
  /// Where each line begins.
  private let lineStarts: [Int]

  package init(path: String, bytes: [UInt8]) {
    self.path = path
    self.bytes = bytes
    syntax =
      path.utf8.ends(with: ".jsonl")
      ? .jsonLines : path.utf8.ends(with: ".json") ? .json : .yaml
    var starts = [0]
    for (place, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") {
      starts.append(place + 1)
    }
    lineStarts = starts
  }

  /// Reads a file.
  ///
  /// - Throws: ``FixtureError`` of kind `unusable`.
  package init(path: String) throws(FixtureError) {
    do {
      self.init(path: path, bytes: try FileReader.bytes(path: path))
    } catch {
      throw FixtureError(.unusable, file: path, error.message)
    }
  }

  /// The folder that relative paths start from.
  package var folder: String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The byte at which a value begins.
  func offset(of mark: FixtureNode.Mark) -> Int {
    switch mark {
    case .offset(let offset): return offset
    case .line(let line, let column):
      guard line <= lineStarts.count else { return bytes.count }
      var offset = lineStarts[max(0, line - 1)]
      var remaining = column - 1
      while offset < bytes.count, bytes[offset] != UInt8(ascii: "\n") {
        if bytes[offset] & 0xC0 != 0x80 {
          if remaining == 0 { break }
          remaining -= 1
        }
        offset += 1
      }
      return offset
    }
  }

  /// Whether a list or a map stands in brackets.
  func isFlow(_ node: FixtureNode) -> Bool {
    let start = offset(of: node.mark)
    return start < bytes.count
      && (bytes[start] == UInt8(ascii: "{") || bytes[start] == UInt8(ascii: "["))
  }

  /// The line of a value, from 1.
  package func line(of mark: FixtureNode.Mark) -> Int {
    switch mark {
    case .line(let line, _): return line
    case .offset(let offset):
      var (low, high) = (0, lineStarts.count)
      while low < high {
        let middle = (low + high) / 2
        if lineStarts[middle] <= offset { low = middle + 1 } else { high = middle }
      }
      return low
    }
  }

  /// The range of a line's bytes without its end; lines count from 0.
  func lineRange(_ index: Int) -> Range<Int> {
    let start = lineStarts[index]
    let end = index + 1 < lineStarts.count ? lineStarts[index + 1] - 1 : bytes.count
    return start..<max(start, end)
  }

  var lineCount: Int { lineStarts.count }

  /// An error at a place.
  package func error(
    _ message: String, at mark: FixtureNode.Mark, hint: String? = nil,
    kind: FixtureError.Kind = .damaged
  ) -> FixtureError {
    let start = offset(of: mark)
    let isEnd: (UInt8) -> Bool = { $0 <= 0x20 || $0 == UInt8(ascii: ":") || $0 == 0x2C }
    let width = bytes.dropFirst(start).prefix { !isEnd($0) }.count
    let text = hint.map { "\(message); \($0)" } ?? message
    return FixtureError(
      kind, file: path, message,
      location: SourceExcerpt(
        name: path, source: bytes, range: start..<start + max(1, width), message: text))
  }
}

extension Collection<UInt8> {
  fileprivate func ends(with text: String) -> Bool {
    suffix(text.utf8.count).elementsEqual(text.utf8)
  }
}
