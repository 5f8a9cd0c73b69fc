// SPDX-License-Identifier: Apache-2.0

/// A diagnostic with the line that it speaks of.
///
/// ```text
/// chatml.jinja:3:14: unknown filter 'tojsn'; did you mean 'tojson'?
///   3 | {{ messages | tojsn }}
///     |               ^^^^^
/// ```
public struct SourceExcerpt: Sendable, CustomStringConvertible {
  /// The file's name as the user gave it.
  public let name: String
  /// Where the marked text starts.
  public let position: SourcePosition
  /// What is wrong, in one line.
  public let message: String

  private let line: String
  private let caretCount: Int

  /// Cuts the line out of its source.
  ///
  /// - Parameters:
  ///   - name: The file's name, for the head of the message.
  ///   - source: The whole source, UTF-8.
  ///   - range: The bytes to underline. A range that crosses lines is underlined on its first.
  ///   - message: What is wrong, lower case, no full stop.
  public init(
    name: String, source: some RandomAccessCollection<UInt8>, range: Range<Int>, message: String
  ) {
    self.name = name
    self.message = message
    position = SourcePosition.locate(byteOffset: range.lowerBound, in: source)
    let newline = UInt8(ascii: "\n")
    let marked = source.prefix(position.byteOffset)
    let head = marked.reversed().prefix { $0 != newline }.reversed()
    let tail = source.dropFirst(position.byteOffset).prefix { $0 != newline }
    line = Self.printable(Array(head) + Array(tail))
    let underlined = tail.prefix(max(1, range.count))
    caretCount = max(1, underlined.count { $0 & 0xC0 != 0x80 })
  }

  /// Of a longer line, only what stands around the place is shown.
  private static let lineLimit = 240

  /// The line, or the part of it around the place, and how far the underline is indented.
  private var window: (line: String, indent: Int) {
    let scalars = Array(line.unicodeScalars)
    guard scalars.count > Self.lineLimit else { return (line, position.column - 1) }
    let start = max(0, position.column - 1 - Self.lineLimit / 3)
    let end = min(scalars.count, start + Self.lineLimit)
    var shown = String.UnicodeScalarView()
    if start > 0 { shown.append("…") }
    shown.append(contentsOf: scalars[start..<end])
    if end < scalars.count { shown.append("…") }
    return (String(shown), position.column - 1 - start + (start > 0 ? 1 : 0))
  }

  /// The message with its place, the line and the underline.
  public var description: String {
    let number = String(position.line)
    let margin = String(repeating: " ", count: number.utf8.count)
    let (line, column) = window
    let indent = String(repeating: " ", count: column)
    let carets = String(repeating: "^", count: min(caretCount, Self.lineLimit - Self.lineLimit / 3))
    return """
      \(name):\(position.line):\(position.column): \(message)
        \(number) | \(line)
        \(margin) | \(indent)\(carets)
      """
  }

  /// One column per scalar: control characters would break the underline.
  private static func printable(_ bytes: [UInt8]) -> String {
    var text = String.UnicodeScalarView()
    for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
      text.append(scalar.value < 0x20 || scalar.value == 0x7F ? " " : scalar)
    }
    return String(text)
  }
}
