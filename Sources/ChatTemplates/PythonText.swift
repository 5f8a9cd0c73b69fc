// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// How Python prints JSON values, which reaches real prompts.
enum PythonText {
  /// `str(value)`.
  static func string(_ value: JSONValue) -> String {
    if case .string(let text) = value { return text.string }
    var output = ""
    write(value, to: &output)
    return output
  }

  private static func write(_ value: JSONValue, to output: inout String) {
    switch value {
    case .null: output += "None"
    case .bool(let value): output += value ? "True" : "False"
    case .integer(let value): output += String(value)
    case .bigInteger(let digits): output += digits.string
    case .double(let value): output += PythonNumber.repr(value)
    case .string(let text): writeQuoted(text, to: &output)
    case .array(let elements):
      output += "["
      for (index, element) in elements.enumerated() {
        if index > 0 { output += ", " }
        write(element, to: &output)
      }
      output += "]"
    case .object(let object):
      output += "{"
      for (index, member) in object.enumerated() {
        if index > 0 { output += ", " }
        writeQuoted(member.key, to: &output)
        output += ": "
        write(member.value, to: &output)
      }
      output += "}"
    }
  }

  /// `repr` of a string: single quotes, unless only those occur in it.
  private static func writeQuoted(_ text: ExactString, to output: inout String) {
    let hasSingle = text.utf8.contains(UInt8(ascii: "'"))
    let hasDouble = text.utf8.contains(UInt8(ascii: "\""))
    let quote: Unicode.Scalar = hasSingle && !hasDouble ? "\"" : "'"
    output.unicodeScalars.append(quote)
    for scalar in text.string.unicodeScalars {
      switch scalar {
      case "\\": output += "\\\\"
      case quote: output += "\\\(quote)"
      case "\n": output += "\\n"
      case "\r": output += "\\r"
      case "\t": output += "\\t"
      default:
        if isPrintable(scalar) {
          output.unicodeScalars.append(scalar)
        } else {
          writeEscape(scalar, to: &output)
        }
      }
    }
    output.unicodeScalars.append(quote)
  }

  private static func writeEscape(_ scalar: Unicode.Scalar, to output: inout String) {
    let digits = String(scalar.value, radix: 16)
    let (mark, width) =
      scalar.value < 0x100 ? ("x", 2) : scalar.value < 0x10000 ? ("u", 4) : ("U", 8)
    output += "\\" + mark + String(repeating: "0", count: width - digits.utf8.count) + digits
  }

  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.value < 0x7F { return scalar.value >= 0x20 }
    return switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
      .paragraphSeparator, .spaceSeparator:
      false
    default: true
    }
  }

  /// `bool(value)`; what is not there is false.
  static func isTrue(_ value: JSONValue?) -> Bool {
    switch value {
    case nil, .null: false
    case .bool(let value): value
    case .integer(let value): value != 0
    case .bigInteger: true
    case .double(let value): value != 0
    case .string(let text): !text.isEmpty
    case .array(let elements): !elements.isEmpty
    case .object(let object): !object.isEmpty
    }
  }
}
