// SPDX-License-Identifier: Apache-2.0

/// Python's `str.format`, with the sandbox's rules for attributes.
enum StringFormat {
  static func format(
    _ text: Text, _ arguments: CallValues, mapping: Value?, _ isMarkup: Bool,
    _ machine: inout Machine
  ) throws(JinjaError) -> Text {
    var automatic: Int? = 0
    return try expand(text, arguments, mapping, isMarkup, &automatic, 2, &machine)
  }

  /// `automatic` counts `{}`; nil once a field has a number.
  private static func expand(
    _ text: Text, _ arguments: CallValues, _ mapping: Value?, _ isMarkup: Bool,
    _ automatic: inout Int?, _ levels: Int, _ machine: inout Machine
  ) throws(JinjaError) -> Text {
    guard levels >= 0 else { throw JinjaError(.value, "Max string recursion exceeded") }
    var builder = TextBuilder()
    let bytes = text.array
    var index = 0
    var plain = 0
    while index < bytes.count {
      let byte = bytes[index]
      guard byte == UInt8(ascii: "{") || byte == UInt8(ascii: "}") else {
        index += 1
        continue
      }
      builder.append(text.slice(plain, index))
      if index + 1 < bytes.count, bytes[index + 1] == byte {
        builder.append(text.slice(index, index + 1))
        index += 2
        plain = index
        continue
      }
      guard byte == UInt8(ascii: "{") else {
        throw JinjaError(.value, "Single '}' encountered in format string")
      }
      guard index + 1 < bytes.count else {
        throw JinjaError(.value, "Single '{' encountered in format string")
      }
      let end = try fieldEnd(bytes, index + 1)
      let field = text.slice(index + 1, end)
      builder.append(
        try replacement(field, arguments, mapping, isMarkup, &automatic, levels, &machine))
      try machine.check(bytes: builder.count)
      index = end + 1
      plain = index
    }
    builder.append(text.slice(plain, bytes.count))
    return builder.text
  }

  private static func fieldEnd(_ bytes: [UInt8], _ start: Int) throws(JinjaError) -> Int {
    var level = 1
    var index = start
    var isInBrackets = false
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "["): isInBrackets = true
      case UInt8(ascii: "]"): isInBrackets = false
      case UInt8(ascii: "{") where !isInBrackets: level += 1
      case UInt8(ascii: "}") where !isInBrackets:
        level -= 1
        if level == 0 { return index }
      default: break
      }
      index += 1
    }
    throw JinjaError(.value, "expected '}' before end of string")
  }

  private static func replacement(
    _ field: Text, _ arguments: CallValues, _ mapping: Value?, _ isMarkup: Bool,
    _ automatic: inout Int?, _ levels: Int, _ machine: inout Machine
  ) throws(JinjaError) -> Text {
    let bytes = field.array
    var nameEnd = 0
    var isInBrackets = false
    while nameEnd < bytes.count {
      if bytes[nameEnd] == UInt8(ascii: "[") { isInBrackets = true }
      if bytes[nameEnd] == UInt8(ascii: "]") { isInBrackets = false }
      if !isInBrackets, bytes[nameEnd] == UInt8(ascii: "!") || bytes[nameEnd] == UInt8(ascii: ":") {
        break
      }
      nameEnd += 1
    }
    var conversion: UInt8 = 0
    var specification = field.slice(bytes.count, bytes.count)
    if nameEnd < bytes.count {
      var rest = nameEnd
      if bytes[rest] == UInt8(ascii: "!") {
        guard rest + 1 < bytes.count else {
          throw JinjaError(.value, "end of string while looking for conversion specifier")
        }
        conversion = bytes[rest + 1]
        rest += 2
        guard rest == bytes.count || bytes[rest] == UInt8(ascii: ":") else {
          throw JinjaError(.value, "expected ':' after conversion specifier")
        }
      }
      if rest < bytes.count { specification = field.slice(rest + 1, bytes.count) }
    }
    var value = try lookUp(field.slice(0, nameEnd), arguments, mapping, &automatic, &machine)
    switch Unicode.Scalar(conversion) {
    case "\0": break
    case "s": value = .string(try PythonText.str(value))
    case "r", "a": value = .string(try PythonText.repr(value))
    default:
      throw JinjaError(
        .value, "Unknown conversion specifier \(String(Unicode.Scalar(conversion)))")
    }
    if specification.bytes.contains(UInt8(ascii: "{")) {
      specification = try expand(
        specification, arguments, mapping, isMarkup, &automatic, levels - 1, &machine)
    }
    if isMarkup {
      if case .markup(let text) = value {
        guard specification.isEmpty else {
          throw JinjaError(.value, "Unsupported format specification for Markup.")
        }
        return text
      }
      return Escaping.escape(try FormatSpecification.format(value, specification, &machine))
    }
    return try FormatSpecification.format(value, specification, &machine)
  }

  private static func lookUp(
    _ name: Text, _ arguments: CallValues, _ mapping: Value?, _ automatic: inout Int?,
    _ machine: inout Machine
  ) throws(JinjaError) -> Value {
    let bytes = name.array
    var end = 0
    while end < bytes.count, bytes[end] != UInt8(ascii: "."), bytes[end] != UInt8(ascii: "[") {
      end += 1
    }
    var value = try first(name.slice(0, end), arguments, mapping, &automatic)
    while end < bytes.count {
      let isAttribute = bytes[end] == UInt8(ascii: ".")
      let start = end + 1
      end = start
      if isAttribute {
        while end < bytes.count, bytes[end] != UInt8(ascii: "."), bytes[end] != UInt8(ascii: "[") {
          end += 1
        }
        guard end > start else { throw JinjaError(.value, "Empty attribute in format string") }
        value = try machine.attribute(
          ProgramName(name.slice(start, end).string, literal: nil), of: value, -1)
      } else {
        while end < bytes.count, bytes[end] != UInt8(ascii: "]") { end += 1 }
        guard end < bytes.count else { throw JinjaError(.value, "Missing ']' in format string") }
        guard end > start else { throw JinjaError(.value, "Empty attribute in format string") }
        let key = name.slice(start, end)
        end += 1
        if end < bytes.count, bytes[end] != UInt8(ascii: "."), bytes[end] != UInt8(ascii: "[") {
          throw JinjaError(
            .value, "Only '.' or '[' may follow ']' in format field specifier")
        }
        let isNumber = key.bytes.allSatisfy(\.isASCIIDigit)
        value = try machine.item(
          isNumber ? .int(Int(key.string) ?? .max) : .string(key), of: value)
      }
    }
    return value
  }

  private static func first(
    _ name: Text, _ arguments: CallValues, _ mapping: Value?, _ automatic: inout Int?
  ) throws(JinjaError) -> Value {
    var position: Int?
    if name.isEmpty {
      guard let next = automatic else {
        throw JinjaError(
          .value, "cannot switch from manual field specification to automatic field numbering")
      }
      position = next
      automatic = next + 1
    } else if name.bytes.allSatisfy(\.isASCIIDigit) {
      if let used = automatic, used > 0 {
        throw JinjaError(
          .value, "cannot switch from automatic field numbering to manual field specification")
      }
      automatic = nil
      position = Int(name.string) ?? .max
    }
    if let position {
      guard position < arguments.positional.count else {
        throw JinjaError(
          .index, "Replacement index \(position) out of range for positional args tuple")
      }
      return arguments.positional[position]
    }
    if let mapping {
      guard case .dict(let box) = mapping, let value = box[name] else {
        throw JinjaError(.key, "'\(name.string)'")
      }
      return value
    }
    guard let found = arguments.keywords.first(where: { Parser.same($0.name, name.string) }) else {
      throw JinjaError(.key, "'\(name.string)'")
    }
    return found.value
  }
}
