// SPDX-License-Identifier: Apache-2.0

import TextPrimitives
import Tokenization

/// Tokens as a table: id, text, bytes, offset and whose they are.
struct TokenTable: CustomStringConvertible {
  struct Row {
    var id: TokenID
    var bytes: [UInt8]
    var offset: Range<Int>
    /// The role of the turn, or nil.
    var label: String?
    var isControl: Bool
  }

  private let rows: [Row]
  private let isColored: Bool

  init(_ rows: [Row], isColored: Bool) {
    self.rows = rows
    self.isColored = isColored
  }

  var description: String {
    let cells = rows.map { row in
      [
        String(row.id), VisibleText.of(row.bytes), Self.hexadecimal(row.bytes),
        row.offset.isEmpty ? "-" : "\(row.offset.lowerBound)..<\(row.offset.upperBound)",
        row.label ?? "",
      ]
    }
    let heads = ["id", "text", "bytes", "offset", rows.contains { $0.label != nil } ? "role" : ""]
    let widths = heads.indices.map { column in
      (cells + [heads]).map { $0[column].unicodeScalars.count }.max() ?? 0
    }
    var output = Self.line(heads, widths, color: nil)
    for (row, cells) in zip(rows, cells) {
      output += Self.line(cells, widths, color: isColored ? color(of: row) : nil)
    }
    return output
  }

  private static func line(_ cells: [String], _ widths: [Int], color: String?) -> String {
    var line = ""
    for (column, cell) in cells.enumerated() where widths[column] > 0 {
      let space = String(repeating: " ", count: widths[column] - cell.unicodeScalars.count)
      if column == 0 {
        line += space + cell
      } else {
        line +=
          "  " + (column == 1 && color != nil ? "\(color ?? "")\(cell)\u{1B}[0m" : cell) + space
      }
    }
    while line.last == " " { line.removeLast() }
    return line + "\n"
  }

  /// Control tokens are bold; roles have a colour each, and other tokens alternate.
  private func color(of row: Row) -> String {
    if row.isControl { return "\u{1B}[1;35m" }
    switch row.label {
    case "system"?, "developer"?: return "\u{1B}[33m"
    case "user"?: return "\u{1B}[36m"
    case "assistant"?: return "\u{1B}[32m"
    case "tool"?: return "\u{1B}[34m"
    case nil: return row.offset.lowerBound % 2 == 0 ? "\u{1B}[36m" : "\u{1B}[32m"
    default: return "\u{1B}[0m"
    }
  }

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    let shown = bytes.prefix(8).map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
    return shown.joined(separator: " ") + (bytes.count > 8 ? " …" : "")
  }
}
