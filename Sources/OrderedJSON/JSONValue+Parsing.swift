// SPDX-License-Identifier: Apache-2.0

extension JSONValue {
  /// Parses one JSON text (RFC 8259) of at most 512 nested levels.
  ///
  /// - Parameter bytes: UTF-8, without byte order mark.
  /// - Throws: ``JSONError`` with the place where the text stops being JSON.
  public init(parsing bytes: [UInt8]) throws(JSONError) {
    self = try JSONScanner.scan(bytes.span) { scanner throws(JSONError) in
      try scanner.readValue()
    }
  }

  /// Parses one JSON text held in a string.
  public init(parsing text: String) throws(JSONError) {
    try self.init(parsing: Array(text.utf8))
  }
}
