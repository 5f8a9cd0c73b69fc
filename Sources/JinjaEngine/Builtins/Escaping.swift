// SPDX-License-Identifier: Apache-2.0

import TextPrimitives

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
    guard text.bytes.contains(where: { MarkupEscape.replacement(for: $0) != nil }) else {
      return text
    }
    var builder = TextBuilder()
    text.forEachPiece { from, to, piece in
      for byte in text.storage.bytes[from..<to] {
        if let replacement = MarkupEscape.replacement(for: byte) {
          builder.append(replacement.utf8, origin: piece.origin, generation: piece.generation)
        } else {
          builder.append(byte: byte, origin: piece.origin, generation: piece.generation)
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
