// SPDX-License-Identifier: Apache-2.0

import OrderedJSON

/// Reads JSON as models write it.
///
/// Accepted beyond JSON: line breaks inside strings, strings in apostrophes, `True`, `False` and
/// `None`, commas before a closing bracket, and a text that ends early, whose last member counts
/// where it has a value. What is no JSON even so is nil.
enum LenientJSON {
  /// The value, or nil.
  static func value(_ text: ArraySlice<UInt8>) -> JSONValue? { read(text)?.value }

  /// The value, and what is no part of it: the member at the end that breaks off.
  static func read(_ text: ArraySlice<UInt8>) -> (value: JSONValue, rest: ArraySlice<UInt8>)? {
    if let value = try? JSONValue(parsing: Array(text)) { return (value, text.suffix(0)) }
    guard let first = text.first(where: { !ResponseMachine.isSpace($0) }),
      JSONScan.opening.contains(first)
    else { return nil }
    var repair = Repair()
    for byte in text { repair.take(byte) }
    guard let value = try? JSONValue(parsing: repair.finish()) else { return nil }
    return (value, text.dropFirst(repair.soundPlace))
  }

  /// Writes a text anew with its mistakes mended.
  private struct Repair {
    private var output: [UInt8] = []
    /// The brackets that close what is open.
    private var closers: [UInt8] = []
    private var quote: UInt8?
    private var isEscaped = false
    /// The bare word or number that is being read.
    private var word: [UInt8] = []
    /// How much of the output stands, should the text end now: the last whole member.
    private var sound = 0
    /// How much of the text that stands for, and how much of it has been read.
    private(set) var soundPlace = 0
    private var place = 0
    /// Whether the next string of the innermost object is a key.
    private var awaitsKey = false
    private var isKey = false

    private mutating func markSound(upTo end: Int) {
      sound = output.count
      soundPlace = end
    }

    mutating func take(_ byte: UInt8) {
      defer { place += 1 }
      if quote != nil {
        takeInString(byte)
        return
      }
      switch byte {
      case 0x20, 0x09, 0x0A, 0x0D: endWord()
      case 0x22, 0x27:
        endWord()
        quote = byte
        isKey = awaitsKey
        output.append(0x22)
      case 0x7B, 0x5B:
        endWord()
        output.append(byte)
        closers.append(byte == 0x7B ? 0x7D : 0x5D)
        awaitsKey = byte == 0x7B
        markSound(upTo: place + 1)
      case 0x7D, 0x5D:
        endWord()
        close(byte)
      case 0x2C:
        endWord()
        output.append(byte)
        awaitsKey = closers.last == 0x7D
      case 0x3A:
        endWord()
        output.append(byte)
        awaitsKey = false
      default: word.append(byte)
      }
    }

    private mutating func takeInString(_ byte: UInt8) {
      if isEscaped {
        isEscaped = false
        // An apostrophe needs no escape in JSON.
        if byte == 0x27 { output.removeLast() }
        output.append(byte)
      } else if byte == 0x5C {
        isEscaped = true
        output.append(byte)
      } else if byte == quote {
        quote = nil
        output.append(0x22)
        if !isKey { markSound(upTo: place + 1) }
      } else if byte == 0x22 {
        output += [0x5C, 0x22]
      } else if byte < 0x20 {
        output += Self.escape(byte)
      } else {
        output.append(byte)
      }
    }

    private static func escape(_ byte: UInt8) -> [UInt8] {
      switch byte {
      case 0x0A: return Array("\\n".utf8)
      case 0x0D: return Array("\\r".utf8)
      case 0x09: return Array("\\t".utf8)
      default:
        let digits = Array("0123456789abcdef".utf8)
        return Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }

    private mutating func endWord() {
      guard !word.isEmpty else { return }
      output += Self.json(word)
      word = []
      markSound(upTo: place)
    }

    /// A bare word as JSON writes it.
    private static func json(_ word: [UInt8]) -> [UInt8] {
      switch String(decoding: word, as: UTF8.self) {
      case "True": Array("true".utf8)
      case "False": Array("false".utf8)
      case "None": Array("null".utf8)
      default: word
      }
    }

    private mutating func close(_ byte: UInt8) {
      guard let closer = closers.popLast() else { return }
      if output.last == 0x2C { output.removeLast() }
      output.append(closer)
      awaitsKey = false
      markSound(upTo: place + 1)
    }

    mutating func finish() -> [UInt8] {
      if quote != nil, !isKey {
        let count = output.count
        if isEscaped { output.removeLast() }
        dropPartialEscape()
        let dropped = count - output.count
        output.append(0x22)
        markSound(upTo: place - dropped)
      } else if !word.isEmpty, (try? JSONValue(parsing: Self.json(word))) != nil {
        endWord()
      }
      output.removeLast(output.count - sound)
      return output + closers.reversed()
    }

    /// A `\u` with fewer than four digits.
    private mutating func dropPartialEscape() {
      guard let start = output.suffix(5).lastIndex(of: 0x5C), start + 1 < output.count,
        output[start + 1] == UInt8(ascii: "u"), output.count - start < 6
      else { return }
      output.removeLast(output.count - start)
    }
  }
}
