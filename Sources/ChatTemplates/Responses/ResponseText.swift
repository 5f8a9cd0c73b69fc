// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

extension TextEdit {
  /// What edits leave of a text, one after the other.
  static func apply(_ edits: [TextEdit], to bytes: Span<UInt8>, _ range: Range<Int>)
    -> Range<Int>
  {
    edits.reduce(range) { $1.apply(to: bytes, $0) }
  }

  /// What the edit leaves of a text.
  func apply(to bytes: Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
    switch self {
    case .trim: TextScanning.trimmed(bytes, range)
    case .trimStart: TextScanning.trimmed(bytes, range, end: false)
    case .trimEnd: TextScanning.trimmed(bytes, range, start: false)
    case .trimSpacesEnd: TextScanning.withoutSpaces(bytes, range)
    case .trimNewlines: TextScanning.withoutNewlines(bytes, range)
    case .trimNewlinesStart: TextScanning.withoutNewlines(bytes, range, end: false)
    case .trimNewlinesEnd: TextScanning.withoutNewlines(bytes, range, start: false)
    }
  }
}

extension [UInt8] {
  /// The end of a range without a character of which bytes are still missing.
  func completeEnd(_ range: Range<Int>) -> Int {
    var start = range.upperBound
    while start > range.lowerBound, range.upperBound - start < 4 {
      start -= 1
      let byte = self[start]
      if byte & 0xC0 == 0x80 { continue }
      let width = byte < 0xC0 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
      return start + width > range.upperBound ? start : range.upperBound
    }
    return range.upperBound
  }

  /// The text of a JSON string that stands at a range; what is none stands for itself.
  func jsonText(_ range: Range<Int>) -> ExactString {
    ExactString(String(decoding: self[range], as: UTF8.self)).unquoted
  }

  /// Whether another text stands somewhere in this one.
  func holds(_ part: [UInt8]) -> Bool {
    TextScanning.find(part.span, in: span, 0..<count) != nil
  }

  /// Whether a line must be broken to tell what follows apart from this text.
  func needsBreak(before text: ArraySlice<UInt8>) -> Bool {
    guard let last, let first = text.first else { return false }
    return !ResponseMachine.isSpace(last) && !ResponseMachine.isSpace(first)
  }
}

extension ExactString {
  init(_ bytes: some Collection<UInt8>) {
    self.init(String(decoding: bytes, as: UTF8.self))
  }

  /// As a JSON string.
  var json: String { JSONValue.string(self).serialized() }

  /// Without white space around it.
  var trimmed: ExactString {
    let bytes = Array(utf8)
    return ExactString(Array(bytes[TextScanning.trimmed(bytes.span, 0..<bytes.count)]))
  }

  /// The text of a JSON string, or this text where it is none; in HTML's quotes, that which its
  /// references stand for.
  var unquoted: ExactString {
    let bytes = Array(utf8)
    let width = JSONScan.reference.count
    if bytes.count >= 2 * width, bytes.starts(with: JSONScan.reference),
      bytes.suffix(width).elementsEqual(JSONScan.reference)
    {
      return ExactString(Array(bytes[width..<(bytes.count - width)])).withoutReferences
    }
    guard let first = bytes.first, first == 0x22 || first == 0x27 else { return self }
    return LenientJSON.value(Array("[\(string)]".utf8)[...])?.array?.first?.string ?? self
  }

  /// What HTML's references in it stand for.
  private var withoutReferences: ExactString {
    let characters = ["&amp;": "&", "&lt;": "<", "&gt;": ">", "&#34;": "\"", "&#39;": "'"]
      .map { (Array($0.key.utf8), Array($0.value.utf8)) }
    let bytes = Array(utf8)
    var result: [UInt8] = []
    var place = 0
    while place < bytes.count {
      let rest = bytes[place...]
      if let (name, value) = characters.first(where: { rest.starts(with: $0.0) }) {
        result += value
        place += name.count
      } else {
        result.append(bytes[place])
        place += 1
      }
    }
    return ExactString(result)
  }
}
