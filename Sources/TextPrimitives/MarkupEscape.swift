// SPDX-License-Identifier: Apache-2.0

/// The replacements of Python's `markupsafe.escape`.
package enum MarkupEscape {
  /// What stands for a byte in HTML; nil where the byte stands for itself.
  package static func replacement(for byte: UInt8) -> String? {
    switch byte {
    case UInt8(ascii: "&"): "&amp;"
    case UInt8(ascii: "<"): "&lt;"
    case UInt8(ascii: ">"): "&gt;"
    case UInt8(ascii: "'"): "&#39;"
    case UInt8(ascii: "\""): "&#34;"
    default: nil
    }
  }

  /// A text with every such byte replaced.
  ///
  /// ```swift
  /// MarkupEscape.escaped("a < 'b'")  // a &lt; &#39;b&#39;
  /// ```
  package static func escaped(_ text: String) -> String {
    var result: [UInt8] = []
    for byte in text.utf8 {
      if let replacement = replacement(for: byte) {
        result += replacement.utf8
      } else {
        result.append(byte)
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}
