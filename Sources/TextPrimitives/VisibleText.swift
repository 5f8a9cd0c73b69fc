// SPDX-License-Identifier: Apache-2.0

/// Bytes as text in which nothing is invisible.
///
/// ```swift
/// VisibleText.of(Array("a b\n".utf8))  // "a␠b⏎"
/// ```
public enum VisibleText {
  /// Text with marks for white space and escapes for what has no shape; bytes that are not UTF-8
  /// are written in hexadecimal.
  public static func of(_ bytes: [UInt8]) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      return bytes.map { byte in
        0x20..<0x7F ~= byte
          ? String(Unicode.Scalar(byte)) : "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
      }.joined()
    }
    var output = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n": output += "⏎"
      case "\t": output += "⇥"
      case "\r": output += "␍"
      case " ": output += "␠"
      default:
        if hasShape(scalar) {
          output.unicodeScalars.append(scalar)
        } else {
          output += "\\u{\(String(scalar.value, radix: 16))}"
        }
      }
    }
    return output
  }

  private static func hasShape(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .spaceSeparator, .lineSeparator, .paragraphSeparator, .privateUse,
      .unassigned:
      false
    default: true
    }
  }
}
