// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

extension TextConversion {
  /// The text of a value.
  ///
  /// - Throws: `ChatTemplateError` whose field is the path inside of the value, empty for itself.
  func text(of value: JSONValue?) throws(ChatTemplateError) -> String {
    switch self {
    case .text: return try Self.string(value)
    case .printed: return value.map(PythonText.string) ?? ""
    case .stringOrNothing: return value?.string?.string ?? ""
    case .visible:
      if case .array(let parts) = value { return Self.visible(parts) }
      return value.map(PythonText.string) ?? ""
    case .json(let serializer): return serializer.serialize(try Self.present(value))
    case .stringOrJSON:
      let value = try Self.present(value)
      return value.string?.string ?? value.serialized()
    case .parsedJSON:
      let value = try Self.present(value)
      let parsed = value.string.flatMap { try? JSONValue(parsing: $0.string) }
      return (parsed ?? value).serialized()
    case .paragraphs:
      if case .array(let parts) = value {
        return parts.map { Self.visible([$0]) }.joined(separator: "\n\n")
      }
      return value.map(PythonText.string) ?? ""
    case .withoutBlocks(let open, let close):
      return TextScanning.withoutBlocks(from: open, to: close, in: try Self.string(value))
    case .braces(let writer): return writer.text(of: try Self.present(value))
    case .html: return MarkupEscape.escaped(try Self.string(value))
    case .exactNumber: return Self.exactNumber(try Self.present(value))
    case .lines: return try Self.lines(value)
    case .after(let mark, let last):
      return Self.after(mark, last: last, in: try Self.string(value))
    case .removing(let texts):
      return TextScanning.removing(texts, from: try Self.string(value))
    case .capitalized: return Self.capitalized(try Self.string(value))
    case .squeezedNewlines: return Self.squeezed(try Self.string(value))
    case .openJSON:
      return String(try Self.present(value).serialized().unicodeScalars.dropLast())
    case .schema(let writer): return try writer.write(value)
    }
  }

  private static func present(_ value: JSONValue?)
    throws(ChatTemplateError) -> JSONValue
  {
    guard let value else { throw ChatTemplateError(.missingField("")) }
    return value
  }

  private static func string(_ value: JSONValue?)
    throws(ChatTemplateError) -> String
  {
    let value = try present(value)
    guard case .string(let text) = value else {
      throw ChatTemplateError(
        .wrongType(field: "", expected: "a string", found: value.kindName))
    }
    return text.string
  }

  /// The text parts of a list, joined.
  static func visible(_ parts: [JSONValue]) -> String {
    var text = ""
    for part in parts {
      if let string = part.string {
        text += string.string
      } else if part["type"]?.string == "text" {
        text += part["text"].map(PythonText.string) ?? ""
      }
    }
    return text
  }

  /// The text parts that are not empty, each on lines of its own.
  private static func lines(_ value: JSONValue?) throws(ChatTemplateError) -> String {
    guard case .array(let parts)? = value else { return value?.string?.string ?? "" }
    var text = ""
    for (index, part) in parts.enumerated() where part["type"]?.string == "text" {
      guard let line = part["text"]?.string else {
        throw ChatTemplateError(.missingField("[\(index)].text"))
      }
      if !text.isEmpty { text += "\n" }
      text += line.string
    }
    return text
  }

  /// `22.0` for `"22.0"`, `"22.00"` for `"22.00"`; what is no string is printed first.
  private static func exactNumber(_ value: JSONValue) -> String {
    let text = PythonText.string(value)
    if value.string != nil, let number = try? JSONValue(parsing: text), number.isNumber,
      Array(PythonText.string(number).utf8) == Array(text.utf8)
    {
      return text
    }
    return JSONValue.string(ExactString(text)).serialized()
  }

  private static func after(_ mark: String, last: Bool, in text: String) -> String {
    let bytes = text.utf8Span.span
    let whole = 0..<bytes.count
    guard let place = TextScanning.find(mark.utf8Span.span, in: bytes, whole, last: last) else {
      return text
    }
    return String(TextSlice(text, place + mark.utf8.count..<bytes.count).substring)
  }

  private static func capitalized(_ text: String) -> String {
    var scalars = text.unicodeScalars.makeIterator()
    guard let first = scalars.next() else { return text }
    var result = first.properties.titlecaseMapping
    while let scalar = scalars.next() { result += scalar.properties.lowercaseMapping }
    return result
  }

  private static func squeezed(_ text: String) -> String {
    var result: [UInt8] = []
    var isDouble = false
    for byte in text.utf8 {
      if byte == 0x0A {
        if result.last == 0x0D { result.removeLast() }
        if result.last == 0x0A, !isDouble {
          isDouble = true
          continue
        }
      }
      isDouble = false
      result.append(byte)
    }
    return String(decoding: result, as: UTF8.self)
  }
}

extension JSONValue {
  fileprivate var isNumber: Bool {
    switch self {
    case .integer, .bigInteger, .double: true
    default: false
    }
  }
}
