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

  /// The message with its place, the line and the underline.
  public var description: String {
    let number = String(position.line)
    let margin = String(repeating: " ", count: number.utf8.count)
    let indent = String(repeating: " ", count: position.column - 1)
    let carets = String(repeating: "^", count: caretCount)
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
