// SPDX-License-Identifier: Apache-2.0

package import TextPrimitives

/// Walks through a JSON text without building values, for files whose bulk goes straight into
/// tables.
///
/// The caller asks for what it expects; anything else is an error with its place. UTF-8 is checked
/// once, at the start.
///
/// ```swift
/// try JSONScanner.scan(bytes) { scanner throws(JSONError) in
///   try scanner.beginObject()
///   while try scanner.nextKey(into: &key) { try scanner.skipValue() }
/// }
/// ```
@safe
package struct JSONScanner: ~Copyable {
  /// What kind of value comes next.
  package enum Kind { case null, bool, number, string, array, object }

  /// Objects and arrays within each other; far below what a 512 kB stack bears.
  package static let nestingLimit = 512

  let bytes: UnsafeBufferPointer<UInt8>
  var offset = 0
  var depth = 0
  /// True between a container's opening and its first element.
  var isAtFirst = false

  private init(_ bytes: UnsafeBufferPointer<UInt8>) {
    unsafe self.bytes = bytes
  }

  /// Scans one JSON text, which must end where the body stops reading.
  ///
  /// A glance at the head of a text need not check all of it to be UTF-8.
  package static func scan<Result: ~Copyable>(
    _ bytes: borrowing Span<UInt8>, checksUTF8: Bool = true,
    _ body: (inout JSONScanner) throws(JSONError) -> Result
  ) throws(JSONError) -> Result {
    // SAFETY: the scanner does not leave the closure, so the buffer outlives it.
    try unsafe bytes.withUnsafeBufferPointer { buffer throws(JSONError) -> Result in
      var scanner = unsafe JSONScanner(buffer)
      if checksUTF8 { try scanner.checkUTF8(bytes) }
      let result = try body(&scanner)
      scanner.skipWhitespace()
      guard scanner.offset == scanner.count else { throw scanner.error(.trailingContent) }
      return result
    }
  }

  /// How many bytes the text has.
  package var count: Int { unsafe bytes.count }

  /// The byte at an offset that the caller has checked.
  func byte(at place: Int) -> UInt8 { unsafe bytes[place] }

  /// Bytes consumed so far.
  package var byteOffset: Int { offset }

  /// An error at the present place, or at the one given.
  package func error(_ kind: JSONError.Kind, at place: Int? = nil) -> JSONError {
    JSONError(kind, at: position(place ?? offset))
  }

  /// Line and column of a byte offset.
  package func position(_ place: Int) -> SourcePosition {
    unsafe SourcePosition.locate(byteOffset: place, in: bytes)
  }

  private func checkUTF8(_ text: borrowing Span<UInt8>) throws(JSONError) {
    do {
      _ = try UTF8Span(validating: copy text)
    } catch {
      throw self.error(.invalidUTF8, at: error.byteOffsets.lowerBound)
    }
  }

  /// The error of a text that is no UTF-8, for who scans without the check.
  package static func invalidUTF8(in bytes: borrowing Span<UInt8>) -> JSONError? {
    // SAFETY: the scanner does not leave the closure, so the buffer outlives it.
    unsafe bytes.withUnsafeBufferPointer { buffer in
      do throws(JSONError) {
        try unsafe JSONScanner(buffer).checkUTF8(buffer.span)
        return nil
      } catch {
        return error
      }
    }
  }
}

// MARK: - Structure

extension JSONScanner {
  /// What comes next, without consuming it.
  package mutating func peek() throws(JSONError) -> Kind {
    skipWhitespace()
    guard offset < count else { throw error(.unexpectedEnd(expected: "a value")) }
    switch byte(at: offset) {
    case UInt8(ascii: "{"): return .object
    case UInt8(ascii: "["): return .array
    case UInt8(ascii: "\""): return .string
    case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
    case UInt8(ascii: "n"): return .null
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
    default: throw unexpected("a value")
    }
  }

  /// Enters an object.
  package mutating func beginObject() throws(JSONError) {
    try open(UInt8(ascii: "{"), "an object")
  }

  /// Enters an array.
  package mutating func beginArray() throws(JSONError) {
    try open(UInt8(ascii: "["), "an array")
  }

  /// Reads the next key of the object entered last into `key` (replacing what it held) and stops
  /// before the value; false where the object ends.
  package mutating func nextKey(into key: inout [UInt8]) throws(JSONError) -> Bool {
    key.removeAll(keepingCapacity: true)
    return try nextKey(appendingTo: &key)
  }

  /// The same, but appends the key to what is there.
  package mutating func nextKey(appendingTo output: inout [UInt8]) throws(JSONError) -> Bool {
    guard try nextMember() else { return false }
    try readString(into: &output, expected: "a key in quotes")
    try endKey()
    return true
  }

  /// Stops before the key of the next member of the object entered last; false where it ends.
  ///
  /// The caller reads the key and then calls ``endKey()``.
  package mutating func nextMember() throws(JSONError) -> Bool {
    try advance(closing: UInt8(ascii: "}"), expected: "',' or '}'")
  }

  /// Goes from a key to its value.
  package mutating func endKey() throws(JSONError) {
    skipWhitespace()
    guard offset < count else { throw error(.unexpectedEnd(expected: "':'")) }
    guard byte(at: offset) == UInt8(ascii: ":") else { throw unexpected("':'") }
    offset += 1
  }

  /// Stops before the next element of the array entered last; false where the array ends.
  package mutating func nextElement() throws(JSONError) -> Bool {
    try advance(closing: UInt8(ascii: "]"), expected: "',' or ']'")
  }

  private mutating func open(_ bracket: UInt8, _ name: String) throws(JSONError) {
    skipWhitespace()
    guard offset < count else { throw error(.unexpectedEnd(expected: name)) }
    guard byte(at: offset) == bracket else { throw unexpected(name) }
    guard depth < Self.nestingLimit else { throw error(.nestingTooDeep(limit: Self.nestingLimit)) }
    depth += 1
    offset += 1
    isAtFirst = true
  }

  private mutating func advance(closing: UInt8, expected: String) throws(JSONError) -> Bool {
    skipWhitespace()
    guard offset < count else { throw error(.unexpectedEnd(expected: expected)) }
    if byte(at: offset) == closing {
      offset += 1
      depth -= 1
      isAtFirst = false
      return false
    }
    if isAtFirst {
      isAtFirst = false
      return true
    }
    guard byte(at: offset) == UInt8(ascii: ",") else { throw unexpected(expected) }
    offset += 1
    skipWhitespace()
    if offset < count, byte(at: offset) == closing { throw unexpected("a value after ','") }
    return true
  }

  mutating func skipWhitespace() {
    while offset < count {
      switch byte(at: offset) {
      case 0x20, 0x0A, 0x0D, 0x09: offset += 1
      default: return
      }
    }
  }

  func unexpected(_ expected: String) -> JSONError {
    guard offset < count else { return error(.unexpectedEnd(expected: expected)) }
    var end = offset + 1
    while end < count, byte(at: end) & 0xC0 == 0x80 { end += 1 }
    let scalar = unsafe String(decoding: bytes[offset..<end], as: UTF8.self)
    return error(.unexpected(found: "'\(scalar)'", expected: expected))
  }
}

// MARK: - Scalars

extension JSONScanner {
  /// Consumes `null`.
  package mutating func readNull() throws(JSONError) {
    try literal("null")
  }

  /// Consumes `true` or `false`.
  package mutating func readBool() throws(JSONError) -> Bool {
    skipWhitespace()
    let isTrue = offset < count && byte(at: offset) == UInt8(ascii: "t")
    try literal(isTrue ? "true" : "false")
    return isTrue
  }

  private mutating func literal(_ word: StaticString) throws(JSONError) {
    skipWhitespace()
    let length = word.utf8CodeUnitCount
    guard count - offset >= length else {
      throw offset < count ? unexpected("\(word)") : error(.unexpectedEnd(expected: "\(word)"))
    }
    for place in 0..<length where unsafe byte(at: offset + place) != word.utf8Start[place] {
      throw unexpected("\(word)")
    }
    offset += length
  }

  /// Consumes an integer that fits 64 bits.
  package mutating func readInteger() throws(JSONError) -> Int {
    guard try peek() == .number else { throw unexpected("a whole number") }
    if let value = readShortNumber() { return value }
    let start = offset
    guard case .integer(let value) = try readNumber() else {
      throw error(.unexpected(found: "another number", expected: "a whole number"), at: start)
    }
    return value
  }

  /// Consumes a number of a few digits and nothing else; nil, with nothing consumed, where another
  /// kind of number comes.
  private mutating func readShortNumber() -> Int? {
    var (place, value) = (offset, 0)
    while place < min(count, offset + 18), byte(at: place) &- UInt8(ascii: "0") < 10 {
      value = value * 10 + Int(byte(at: place) - UInt8(ascii: "0"))
      place += 1
    }
    let hasLeadingZero = place > offset + 1 && byte(at: offset) == UInt8(ascii: "0")
    guard place > offset, !hasLeadingZero, place < count else { return nil }
    switch byte(at: place) {
    case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"), 0x20, 0x0A, 0x0D, 0x09: break
    default: return nil
    }
    offset = place
    return value
  }

  /// Consumes a number of any kind.
  package mutating func readNumber() throws(JSONError) -> JSONValue {
    skipWhitespace()
    let start = offset
    if offset < count, byte(at: offset) == UInt8(ascii: "-") { offset += 1 }
    let firstDigit = offset
    skipDigits()
    let leadingZero = offset > firstDigit + 1 && byte(at: firstDigit) == UInt8(ascii: "0")
    guard offset > firstDigit, !leadingZero else { throw error(.invalidNumber, at: start) }
    var isInteger = true
    if offset < count, byte(at: offset) == UInt8(ascii: ".") {
      isInteger = false
      offset += 1
      let fraction = offset
      skipDigits()
      guard offset > fraction else { throw error(.invalidNumber, at: start) }
    }
    if offset < count, byte(at: offset) | 0x20 == UInt8(ascii: "e") {
      isInteger = false
      offset += 1
      if offset < count,
        byte(at: offset) == UInt8(ascii: "+") || byte(at: offset) == UInt8(ascii: "-")
      {
        offset += 1
      }
      let exponent = offset
      skipDigits()
      guard offset > exponent else { throw error(.invalidNumber, at: start) }
    }
    let text = unsafe String(decoding: bytes[start..<offset], as: UTF8.self)
    if isInteger { return Int(text).map { .integer($0) } ?? .bigInteger(ExactString(text)) }
    guard let value = Double(text) else { throw error(.invalidNumber, at: start) }
    return .double(value)
  }

  private mutating func skipDigits() {
    while offset < count, byte(at: offset) &- UInt8(ascii: "0") < 10 { offset += 1 }
  }

  /// Passes over one value of any kind.
  package mutating func skipValue() throws(JSONError) {
    switch try peek() {
    case .null: try readNull()
    case .bool: _ = try readBool()
    case .number: _ = try readNumber()
    case .string:
      var text: [UInt8] = []
      try readString(into: &text)
    case .array:
      try beginArray()
      while try nextElement() { try skipValue() }
    case .object:
      var key: [UInt8] = []
      try beginObject()
      while try nextKey(into: &key) { try skipValue() }
    }
  }

  /// Builds the value that comes next where it is written in so many bytes at most.
  ///
  /// A larger one is passed over, and nil given: a value takes up to fifty times the memory of its
  /// text.
  package mutating func readValue(ofAtMost size: Int) throws(JSONError) -> JSONValue? {
    let (start, depth, isAtFirst) = (offset, depth, isAtFirst)
    try skipValue()
    guard offset - start <= size else { return nil }
    (offset, self.depth, self.isAtFirst) = (start, depth, isAtFirst)
    return try readValue()
  }

  /// Builds the value that comes next.
  package mutating func readValue() throws(JSONError) -> JSONValue {
    switch try peek() {
    case .null:
      try readNull()
      return .null
    case .bool: return .bool(try readBool())
    case .number: return try readNumber()
    case .string: return .string(try readString())
    case .array:
      var elements: [JSONValue] = []
      try beginArray()
      while try nextElement() { elements.append(try readValue().sharingKeys(with: elements.last)) }
      return .array(elements)
    case .object:
      var object = JSONObject()
      var key: [UInt8] = []
      try beginObject()
      while try nextKey(into: &key) {
        let name = ExactString(String(decoding: key, as: UTF8.self))
        object[name] = try readValue()
      }
      return .object(object)
    }
  }
}
