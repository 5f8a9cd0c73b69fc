// SPDX-License-Identifier: Apache-2.0

import TextPrimitives

/// Writes JSON byte for byte as Python's `json.dumps` does, which is what templates were trained on.
///
/// ```swift
/// JSONSerializer(indent: 2, ensuresASCII: false).serialize(value)
/// ```
public struct JSONSerializer: Sendable {
  /// Spaces (or any text) per level; nil writes one line.
  public var indent: String?
  /// Between elements; Python's default is `", "`, or `","` with an indent.
  public var itemSeparator: String
  /// Between key and value; Python's default is `": "`.
  public var keySeparator: String
  /// Escapes everything beyond ASCII.
  public var ensuresASCII: Bool
  /// Orders keys by their scalars.
  public var sortsKeys: Bool

  /// Python's defaults, save that text beyond ASCII stays as it is.
  public init(
    indent: String? = nil, itemSeparator: String? = nil, keySeparator: String = ": ",
    ensuresASCII: Bool = false, sortsKeys: Bool = false
  ) {
    self.indent = indent
    self.itemSeparator = itemSeparator ?? (indent == nil ? ", " : ",")
    self.keySeparator = keySeparator
    self.ensuresASCII = ensuresASCII
    self.sortsKeys = sortsKeys
  }

  /// Without any white space: `{"a":1}`.
  public static let compact = JSONSerializer(itemSeparator: ",", keySeparator: ":")

  /// The JSON text of a value.
  public func serialize(_ value: JSONValue) -> String {
    var output: [UInt8] = []
    write(value, to: &output)
    return String(decoding: output, as: UTF8.self)
  }

  /// Appends the JSON text of a value, UTF-8.
  public func write(_ value: JSONValue, to output: inout [UInt8], level: Int = 0) {
    switch value {
    case .null: output += "null".utf8
    case .bool(let value): output += (value ? "true" : "false").utf8
    case .integer(let value): output += String(value).utf8
    case .bigInteger(let digits): output += digits.utf8
    case .double(let value): output += PythonNumber.json(value).utf8
    case .string(let text): writeString(text.string.utf8Span.span, to: &output)
    case .array(let elements):
      writeContainer("[", "]", elements, level, to: &output) { element, output in
        write(element, to: &output, level: level + 1)
      }
    case .object(let object):
      let members = sortsKeys ? object.sorted { $0.key < $1.key } : Array(object)
      writeContainer("{", "}", members, level, to: &output) { member, output in
        writeString(member.key.string.utf8Span.span, to: &output)
        output += keySeparator.utf8
        write(member.value, to: &output, level: level + 1)
      }
    }
  }

  private func writeContainer<Element>(
    _ open: Unicode.Scalar, _ close: Unicode.Scalar, _ elements: [Element], _ level: Int,
    to output: inout [UInt8], _ body: (Element, inout [UInt8]) -> Void
  ) {
    output.append(UInt8(ascii: open))
    for (place, element) in elements.enumerated() {
      if place > 0 { output += itemSeparator.utf8 }
      writeBreak(level + 1, to: &output)
      body(element, &output)
    }
    if !elements.isEmpty { writeBreak(level, to: &output) }
    output.append(UInt8(ascii: close))
  }

  private func writeBreak(_ level: Int, to output: inout [UInt8]) {
    guard let indent else { return }
    output.append(UInt8(ascii: "\n"))
    for _ in 0..<level { output += indent.utf8 }
  }

  /// Appends a string in quotes; `text` is valid UTF-8.
  public func writeString(_ text: Span<UInt8>, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    var place = 0
    while place < text.count {
      let byte = text[place]
      switch byte {
      case UInt8(ascii: "\""): output += #"\""#.utf8
      case UInt8(ascii: "\\"): output += #"\\"#.utf8
      case 0x0A: output += #"\n"#.utf8
      case 0x0D: output += #"\r"#.utf8
      case 0x09: output += #"\t"#.utf8
      case 0x08: output += #"\b"#.utf8
      case 0x0C: output += #"\f"#.utf8
      case 0..<0x20: writeEscape(UInt16(byte), to: &output)
      case 0x80... where ensuresASCII:
        let scalar = Self.scalar(in: text, at: &place)
        for unit in UTF16.encode(scalar).map(Array.init) ?? [0xFFFD] {
          writeEscape(unit, to: &output)
        }
        continue
      default: output.append(byte)
      }
      place += 1
    }
    output.append(UInt8(ascii: "\""))
  }

  private func writeEscape(_ unit: UInt16, to output: inout [UInt8]) {
    output += #"\u"#.utf8
    for shift in [12, 8, 4, 0] {
      let digit = UInt8(unit >> UInt16(shift) & 0xF)
      output.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit)
    }
  }

  private static func scalar(in text: Span<UInt8>, at place: inout Int) -> Unicode.Scalar {
    let lead = text[place]
    let length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
    var value = UInt32(lead) & (0x7F >> UInt32(length))
    for next in place + 1..<min(place + length, text.count) {
      value = value << 6 | UInt32(text[next] & 0x3F)
    }
    place += length
    return Unicode.Scalar(value) ?? "\u{FFFD}"
  }
}

extension JSONValue {
  /// The JSON text as Python's `json.dumps(value, ensure_ascii=False)` writes it.
  public func serialized(_ serializer: JSONSerializer = JSONSerializer()) -> String {
    serializer.serialize(self)
  }
}
