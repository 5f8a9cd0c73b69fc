// SPDX-License-Identifier: Apache-2.0

/// `markupsafe`: strings that escape what is added to them.
enum Escaping {
  static func escape(_ value: Value) throws(JinjaError) -> Value {
    .markup(try escapedText(value))
  }

  /// `escape(value)` as text: markup stays, all else has its HTML characters replaced.
  static func escapedText(_ value: Value) throws(JinjaError) -> Text {
    if case .markup(let text) = value { return text }
    return escape(try PythonText.str(value))
  }

  static func escape(_ text: Text) -> Text {
    let special: (UInt8) -> Bool = {
      $0 == 0x26 || $0 == 0x3C || $0 == 0x3E || $0 == 0x27 || $0 == 0x22
    }
    guard text.bytes.contains(where: special) else { return text }
    var builder = TextBuilder()
    text.forEachPiece { from, to, piece in
      for byte in text.storage.bytes[from..<to] {
        switch byte {
        case 0x26: builder.append("&amp;".utf8, origin: piece.origin, generation: piece.generation)
        case 0x3C: builder.append("&lt;".utf8, origin: piece.origin, generation: piece.generation)
        case 0x3E: builder.append("&gt;".utf8, origin: piece.origin, generation: piece.generation)
        case 0x27: builder.append("&#39;".utf8, origin: piece.origin, generation: piece.generation)
        case 0x22: builder.append("&#34;".utf8, origin: piece.origin, generation: piece.generation)
        default: builder.append(byte: byte, origin: piece.origin, generation: piece.generation)
        }
      }
    }
    return builder.text
  }

  /// `Markup(value)`.
  static func markup(_ value: Value) throws(JinjaError) -> Value {
    .markup(try PythonText.str(value))
  }

  /// `soft_str`: strings as they are, anything else as `str(value)`.
  static func softText(_ value: Value) throws(JinjaError) -> (text: Text, isMarkup: Bool) {
    switch value {
    case .markup(let text): (text, true)
    case .string(let text): (text, false)
    default: (try PythonText.str(value), false)
    }
  }

  static func wrap(_ text: Text, _ isMarkup: Bool) -> Value {
    isMarkup ? .markup(text) : .string(text)
  }
}
