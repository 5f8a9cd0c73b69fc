// SPDX-License-Identifier: Apache-2.0

import OrderedJSON

/// Which kind of tokenizer file a JSON text is.
enum JSONTokenizerFile {
  /// `tokenizer.json`.
  case tokenizerJSON
  /// `tekken.json`.
  case tekken
  /// `vocab.json`: tokens and ids, nothing else.
  case vocabulary

  /// The kind that the first telling member shows; nil where the text is no JSON object.
  ///
  /// A file that is damaged further on still has a kind, whose reader names the place.
  static func detect(_ bytes: [UInt8]) -> JSONTokenizerFile? {
    guard bytes.first(where: { ![0x20, 0x0A, 0x0D, 0x09].contains($0) }) == UInt8(ascii: "{")
    else { return nil }
    var kind: JSONTokenizerFile?
    var isFirst = true
    _ = try? JSONScanner.scan(bytes.span, checksUTF8: false) { scanner throws(JSONError) in
      var key: [UInt8] = []
      try scanner.beginObject()
      while kind == nil {
        guard try scanner.nextKey(into: &key) else { break }
        kind = member(String(decoding: key, as: UTF8.self), try scanner.peek(), isFirst)
        isFirst = false
        if kind == nil { try scanner.skipValue() }
      }
    }
    return kind ?? .tokenizerJSON
  }

  private static func member(
    _ name: String, _ value: JSONScanner.Kind, _ isFirst: Bool
  ) -> JSONTokenizerFile? {
    switch (name, value) {
    // Settings have numbers, too, but not at once.
    case (_, .number) where isFirst: .vocabulary
    case ("vocab", .array), ("config", .object), ("special_tokens", .array): .tekken
    case ("model", .object), ("added_tokens", .array): .tokenizerJSON
    default: nil
    }
  }
}
