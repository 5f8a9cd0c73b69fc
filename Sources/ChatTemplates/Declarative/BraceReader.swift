// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// Reads values in braces: the inverse of ``BraceWriter``.
///
/// `{city:<|"|>Paris<|"|>,days:[1,2]}` is `{"city": "Paris", "days": [1, 2]}`. Where the quotes
/// stand is told, so that a text may hold what spells one.
struct BraceReader {
  /// Values nested deeper than this are no values.
  private static let deepest = 512

  private let bytes: [UInt8]
  private let quotes: [Range<Int>]
  private var place = 0
  /// The quote that comes next, by its number.
  private var quote = 0
  private var end = 0
  private var depth = 0
  /// Where the member starts that breaks off at the end.
  private var broken: Int?

  /// A reader of a text with quotes at some ranges, in order.
  init(_ bytes: [UInt8], quotes: [Range<Int>]) {
    self.bytes = bytes
    self.quotes = quotes
  }

  /// The value at a range, nil where there is none, or more than one, or one that breaks off.
  func value(_ range: Range<Int>) -> JSONValue? {
    var reader = starting(at: range)
    guard let value = reader.value(), reader.place == reader.end, reader.broken == nil else {
      return nil
    }
    return value
  }

  /// The value at a range as far as it goes, and what of the text is no part of it.
  ///
  /// A text that is no value at all stands for itself.
  func read(_ range: Range<Int>) -> (value: JSONValue, rest: ArraySlice<UInt8>) {
    var reader = starting(at: range)
    guard let value = reader.value() else { return (.string(ExactString(bytes[range])), []) }
    return (value, bytes[min(reader.broken ?? reader.place, range.upperBound)..<range.upperBound])
  }

  private func starting(at range: Range<Int>) -> BraceReader {
    var reader = self
    reader.place = range.lowerBound
    reader.end = range.upperBound
    return reader
  }

  private mutating func value() -> JSONValue? {
    if takeQuote() { return .string(ExactString(textToQuote())) }
    let start = place
    if take(UInt8(ascii: "{")) { return nested { $0.object() } }
    if take(UInt8(ascii: "[")) { return nested { $0.array() } }
    while place < end, !isSign(bytes[place]) { place += 1 }
    if place == end, depth > 0 { broken = broken ?? start }
    return try? JSONValue(parsing: Array(bytes[start..<place]))
  }

  private mutating func nested(_ body: (inout Self) -> JSONValue?) -> JSONValue? {
    guard depth < Self.deepest else { return nil }
    depth += 1
    defer { depth -= 1 }
    return body(&self)
  }

  private mutating func object() -> JSONValue? {
    var object: JSONObject = [:]
    if take(UInt8(ascii: "}")) { return .object(object) }
    repeat {
      let start = place
      let key: ArraySlice<UInt8>
      if takeQuote() {
        key = textToQuote()
      } else {
        while place < end, bytes[place] != UInt8(ascii: ":"), !isSign(bytes[place]) { place += 1 }
        key = bytes[start..<place]
      }
      guard take(UInt8(ascii: ":")) else { return breaksOff(.object(object), at: start) }
      let value = value()
      guard let value, broken == nil || isContainer(value) else {
        return breaksOff(.object(object), at: start)
      }
      object[ExactString(key)] = value
      if broken != nil { return .object(object) }
    } while take(UInt8(ascii: ","))
    if take(UInt8(ascii: "}")) { return .object(object) }
    return breaksOff(.object(object), at: place)
  }

  private mutating func array() -> JSONValue? {
    var elements: [JSONValue] = []
    if take(UInt8(ascii: "]")) { return .array(elements) }
    repeat {
      let start = place
      let value = value()
      guard let value, broken == nil || isContainer(value) else {
        return breaksOff(.array(elements), at: start)
      }
      elements.append(value)
      if broken != nil { return .array(elements) }
    } while take(UInt8(ascii: ","))
    if take(UInt8(ascii: "]")) { return .array(elements) }
    return breaksOff(.array(elements), at: place)
  }

  /// The value as far as it goes, where the text has come to its end; nil within it.
  private mutating func breaksOff(_ value: JSONValue, at start: Int) -> JSONValue? {
    guard place == end else { return nil }
    broken = min(broken ?? start, start)
    return value
  }

  /// Whether a value that breaks off holds something nevertheless.
  private func isContainer(_ value: JSONValue) -> Bool {
    switch value {
    case .object, .array, .string: true
    default: false
    }
  }

  private func isSign(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}"): true
    default: false
    }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard place < end, bytes[place] == byte else { return false }
    place += 1
    return true
  }

  private mutating func takeQuote() -> Bool {
    while quote < quotes.count, quotes[quote].lowerBound < place { quote += 1 }
    guard quote < quotes.count, quotes[quote].lowerBound == place, place < end else {
      return false
    }
    place = quotes[quote].upperBound
    quote += 1
    return true
  }

  /// What stands before the next quote, which is passed; all that is left where there is none.
  private mutating func textToQuote() -> ArraySlice<UInt8> {
    let start = place
    guard quote < quotes.count, quotes[quote].upperBound <= end else {
      place = end
      broken = end
      return bytes[start..<end]
    }
    place = quotes[quote].upperBound
    defer { quote += 1 }
    return bytes[start..<quotes[quote].lowerBound]
  }
}

extension BraceWriter {
  /// The value that a text in braces stands for: the inverse of ``text(of:)``.
  ///
  /// A text between quotes holds no quote, so what was written comes back, but for the order of
  /// keys.
  /// - Returns: nil where the text is no value, or more than one.
  func value(parsing text: String) -> JSONValue? {
    let bytes = Array(text.utf8)
    let mark = Array(quote.utf8)
    var quotes: [Range<Int>] = []
    var place = 0
    while let start = TextScanning.find(mark.span, in: bytes.span, place..<bytes.count) {
      place = start + mark.count
      quotes.append(start..<place)
    }
    return BraceReader(bytes, quotes: quotes).value(0..<bytes.count)
  }
}
