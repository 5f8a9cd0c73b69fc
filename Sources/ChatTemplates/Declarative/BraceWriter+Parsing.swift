// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

extension BraceWriter {
  /// The value that a text in braces stands for: the inverse of ``text(of:)``.
  ///
  /// A text between quotes holds no quote, so what was written comes back, but for the order of
  /// keys.
  /// - Returns: nil where the text is no value, or more than one.
  func value(parsing text: String) -> JSONValue? {
    var scanner = Scanner(bytes: Array(text.utf8), quote: Array(quote.utf8))
    guard let value = scanner.value(), scanner.place == scanner.bytes.count else { return nil }
    return value
  }

  private struct Scanner {
    let bytes: [UInt8]
    let quote: [UInt8]
    var place = 0

    mutating func value() -> JSONValue? {
      if take(quote) { return rest(until: quote).map { .string(ExactString($0)) } }
      if take("{") { return object() }
      if take("[") { return array() }
      let start = place
      let ends = Array(",]}".utf8)
      while place < bytes.count, !ends.contains(bytes[place]) { place += 1 }
      return try? JSONValue(parsing: Array(bytes[start..<place]))
    }

    private mutating func object() -> JSONValue? {
      var object: JSONObject = [:]
      if take("}") { return .object(object) }
      repeat {
        guard let key = take(quote) ? rest(until: quote) : rest(until: Array(":".utf8)) else {
          return nil
        }
        if bytes[place - 1] != UInt8(ascii: ":"), !take(":") { return nil }
        guard let value = value() else { return nil }
        object[ExactString(key)] = value
      } while take(",")
      return take("}") ? .object(object) : nil
    }

    private mutating func array() -> JSONValue? {
      var elements: [JSONValue] = []
      if take("]") { return .array(elements) }
      repeat {
        guard let value = value() else { return nil }
        elements.append(value)
      } while take(",")
      return take("]") ? .array(elements) : nil
    }

    private mutating func take(_ text: String) -> Bool { take(Array(text.utf8)) }

    private mutating func take(_ text: [UInt8]) -> Bool {
      guard bytes[place...].starts(with: text) else { return false }
      place += text.count
      return true
    }

    /// What stands before a mark, which is passed.
    private mutating func rest(until mark: [UInt8]) -> String? {
      let start = place
      while place + mark.count <= bytes.count {
        if bytes[place...].starts(with: mark) {
          defer { place += mark.count }
          return String(decoding: bytes[start..<place], as: UTF8.self)
        }
        place += 1
      }
      return nil
    }
  }
}
