// SPDX-License-Identifier: Apache-2.0

import TextPrimitives

/// The text of one template file, kept for error messages.
struct TemplateSource: Sendable {
  /// A file larger than this is refused unread: no family needs a hundredth of it.
  static let sizeLimit = 1 << 20
  /// Lists and maps within each other, at most.
  static let depthLimit = 64

  let name: ExactString
  let text: String

  /// An error at a place of this source.
  func error(
    _ message: String, line: Int, column: Int, hint: String? = nil
  ) -> ChatTemplateError {
    let offset = byteOffset(line: line, column: column)
    let shown = hint.map { "\(message); \($0)" } ?? message
    let bytes = Array(text.utf8)
    let isWord: (UInt8) -> Bool = { $0 > 0x20 && $0 != UInt8(ascii: ":") && $0 != 0x2C }
    let width = bytes.dropFirst(offset).prefix(while: isWord).count
    return ChatTemplateError(
      .invalidTemplate(message),
      location: SourceExcerpt(
        name: name.string, source: bytes, range: offset..<offset + max(1, width), message: shown),
      hint: hint)
  }

  private func byteOffset(line: Int, column: Int) -> Int {
    var remaining = line - 1
    var offset = 0
    for byte in text.utf8 where remaining > 0 {
      offset += 1
      if byte == UInt8(ascii: "\n") { remaining -= 1 }
    }
    var scalars = column - 1
    for scalar in text.utf8.dropFirst(offset) {
      guard scalars > 0 || scalar & 0xC0 == 0x80, scalar != UInt8(ascii: "\n") else { break }
      if scalar & 0xC0 != 0x80 { scalars -= 1 }
      offset += 1
    }
    return offset
  }

  static func tooLarge(_ name: String, _ size: Int) -> ChatTemplateError {
    ChatTemplateError(
      .invalidTemplate("\(name): the file has \(size) bytes, more than the \(sizeLimit) allowed"))
  }

  /// Refuses what cannot be seen: control characters, odd spaces, joiners, direction marks.
  func checkVisible() throws(ChatTemplateError) {
    if text.utf8.count > Self.sizeLimit {
      throw Self.tooLarge(name.string, text.utf8.count)
    }
    // ASCII without control characters is the rule; only the exception is looked at closely.
    guard text.utf8.contains(where: { ($0 < 0x20 && $0 != 0x0A) || $0 >= 0x7F }) else { return }
    var line = 1
    var column = 1
    for scalar in text.unicodeScalars {
      if Self.isInvisible(scalar) {
        let code = String(scalar.value, radix: 16, uppercase: true)
        let padded = String(repeating: "0", count: max(0, 4 - code.utf8.count)) + code
        throw error(
          "the invisible character U+\(padded) stands unescaped", line: line, column: column,
          hint: "write \(scalar.value > 0xFFFF ? "\\U" : "\\u")\(padded) in double quotes")
      }
      if scalar == "\n" {
        line += 1
        column = 1
      } else {
        column += 1
      }
    }
  }

  private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
    if 0x20...0x7E ~= scalar.value || scalar == "\n" { return false }
    return switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator,
      .privateUse, .surrogate, .unassigned:
      true
    default: false
    }
  }
}
