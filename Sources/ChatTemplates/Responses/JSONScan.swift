// SPDX-License-Identifier: Apache-2.0

import TextPrimitives

/// Follows a JSON value byte by byte to its end, without judging it.
///
/// Models write JSON with mistakes; what counts here is where strings and brackets end, and at the
/// outermost level of a call, where its name and its arguments stand.
struct JSONScan: Sendable, Equatable {
  enum Progress { case more, done, rejected }

  /// What the members of a call's object are.
  enum Member: Sendable { case name, arguments, identifier, other, unknown }

  private(set) var name: Range<Int>?
  private(set) var identifier: Range<Int>?
  /// Where the arguments start, and where they end once they have.
  private(set) var argumentsStart: Int?
  private(set) var argumentsEnd: Int?

  private var depth = 0
  /// The quote that closes the open string.
  private var quote: UInt8?
  private var isEscaped = false
  private var stringStart = 0
  private var key: Member?
  private var valueStart: Int?

  /// Whether the value has come to its end.
  private(set) var isDone = false

  var isInString: Bool { quote != nil }

  /// The quote that ends the open string, where bytes before it change nothing but by an escape.
  var plainQuote: UInt8? { isEscaped ? nil : quote }

  /// What makes the byte behind it a part of a string.
  static let escape = UInt8(ascii: "\\")

  /// The byte that a call starts with, and those that arguments may start with.
  static let openBrace: UInt8 = 0x7B
  static let opening: [UInt8] = [openBrace, 0x5B, 0x22]

  /// What HTML has for a quote; it is known by its last byte.
  static let reference = Array("&#34;".utf8)
  private static let referenceEnd = UInt8(ascii: ";")

  /// Whether a byte outside of strings can belong to JSON.
  static func isOwn(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x20, 0x09, 0x0A, 0x0D, 0x22, 0x27, 0x2B...0x3A, 0x41...0x5B, 0x5D, 0x61...0x7B, 0x7D:
      true
    default: false
    }
  }

  /// Takes the next byte, which stands at an offset of the input.
  ///
  /// `keys` tells what the keys of a call's object mean, nil where they do not matter; `isStrict`
  /// rejects an object that has others.
  mutating func step(
    _ byte: UInt8, at offset: Int, of input: [UInt8], _ keys: ResponseGrammar.CallKeys?,
    isStrict: Bool = false
  ) -> Progress {
    if let quote {
      if isEscaped {
        isEscaped = false
      } else if byte == Self.escape {
        isEscaped = true
      } else if byte == quote, isQuote(byte, of: input) {
        self.quote = nil
        let width = byte == Self.referenceEnd ? Self.reference.count : 1
        let text = input[(stringStart + width)..<(offset + 1 - width)]
        return closeString(text, width: width, keys.map { ($0, isStrict) })
      }
      return .more
    }
    if byte == Self.referenceEnd, depth == 1, keys?.usesHTML == true, isQuote(byte, of: input) {
      beginValue(at: offset + 1 - Self.reference.count)
      quote = byte
      stringStart = offset + 1 - Self.reference.count
      return .more
    }
    switch byte {
    case 0x22, 0x27:
      // An apostrophe opens a string only where a value may stand, as in a Python dictionary.
      guard byte == 0x22 || depth > 0 else { return .rejected }
      beginValue(at: offset)
      quote = byte
      stringStart = offset
    case 0x7B, 0x5B:
      beginValue(at: offset)
      depth += 1
    case 0x7D, 0x5D:
      if depth == 1 { endMember(at: offset) }
      depth -= 1
      if depth == 1 { endMember(at: offset + 1) }
      isDone = depth <= 0
      return isDone ? .done : .more
    case 0x2C:
      if depth == 1 {
        endMember(at: offset)
        key = nil
      }
    case 0x3A, 0x20, 0x09, 0x0A, 0x0D: break
    default:
      guard depth > 0 else { return .rejected }
      beginValue(at: offset)
    }
    return .more
  }

  /// Whether a byte ends a quote: by itself, or as the last of HTML's reference.
  private func isQuote(_ byte: UInt8, of input: [UInt8]) -> Bool {
    byte != Self.referenceEnd || input.suffix(Self.reference.count).elementsEqual(Self.reference)
  }

  private mutating func closeString(
    _ text: ArraySlice<UInt8>, width: Int,
    _ rule: (keys: ResponseGrammar.CallKeys, isStrict: Bool)?
  ) -> Progress {
    isDone = depth == 0
    guard !isDone else { return .done }
    guard depth == 1, let rule else { return .more }
    if key == nil, rule.keys.isKeyedByName {
      key = name == nil ? .arguments : .other
      name = name ?? (text.startIndex - width)..<(text.endIndex + width)
      valueStart = nil
      return .more
    }
    if key == nil {
      let found = rule.keys.member(text, isStrict: rule.isStrict)
      key = found
      valueStart = nil
      return found == .unknown ? .rejected : .more
    }
    endMember(at: text.endIndex + width)
    return .more
  }

  private mutating func beginValue(at offset: Int) {
    guard depth == 1, key != nil, valueStart == nil else { return }
    valueStart = offset
    if key == .arguments { argumentsStart = argumentsStart ?? offset }
  }

  private mutating func endMember(at offset: Int) {
    guard let start = valueStart, let key else { return }
    switch key {
    case .name: name = name ?? start..<offset
    case .identifier: identifier = identifier ?? start..<offset
    case .arguments: argumentsEnd = argumentsEnd ?? offset
    case .other, .unknown: break
    }
  }
}

extension ResponseGrammar.CallKeys {
  /// What a key of a call's object is; strictly, only keys that calls have are known.
  func member(_ key: ArraySlice<UInt8>, isStrict: Bool) -> JSONScan.Member {
    if name.contains(where: { key.elementsEqual($0.utf8) }) { return .name }
    if arguments.contains(where: { key.elementsEqual($0.utf8) }) { return .arguments }
    if identifier.contains(where: { key.elementsEqual($0.utf8) }) { return .identifier }
    let isKnown = others.contains { key.elementsEqual($0.utf8) }
    return isKnown || !isStrict ? .other : .unknown
  }
}
