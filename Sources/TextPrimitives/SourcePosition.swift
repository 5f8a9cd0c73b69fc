// SPDX-License-Identifier: Apache-2.0

/// A place in a text: line and column for people, a byte offset for programs.
public struct SourcePosition: Hashable, Sendable {
  /// 1-based.
  public let line: Int
  /// 1-based, in Unicode scalars.
  public let column: Int
  /// 0-based, in UTF-8 bytes.
  public let byteOffset: Int

  /// A place that is known already.
  public init(line: Int, column: Int, byteOffset: Int) {
    self.line = line
    self.column = column
    self.byteOffset = byteOffset
  }

  /// Finds line and column of a byte offset.
  ///
  /// A line ends with `\n`. An offset past the end means the end.
  /// - Complexity: O(`byteOffset`); errors are rare, so nothing is kept between calls.
  public static func locate(byteOffset: Int, in bytes: some RandomAccessCollection<UInt8>)
    -> SourcePosition
  {
    let offset = max(0, min(byteOffset, bytes.count))
    var line = 1
    var column = 1
    for byte in bytes.prefix(offset) {
      if byte == UInt8(ascii: "\n") {
        line += 1
        column = 1
      } else if byte & 0xC0 != 0x80 {
        column += 1
      }
    }
    return SourcePosition(line: line, column: column, byteOffset: offset)
  }
}
