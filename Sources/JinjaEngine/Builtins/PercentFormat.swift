// SPDX-License-Identifier: Apache-2.0

import OrderedJSON

/// Python's `text % values`.
enum PercentFormat {
  private struct Directive {
    var key: Text?
    var flags: Set<UInt8> = []
    var width = 0
    var precision: Int?
    var letter: UInt8 = 0
  }

  static func format(
    _ text: Text, _ values: Value, isMarkup: Bool, _ machine: inout Machine
  ) throws(JinjaError) -> Text {
    var builder = TextBuilder()
    let bytes = text.array
    var items: [Value] = [values]
    var isTuple = false
    if case .tuple(let box) = values {
      items = box.array
      isTuple = true
    }
    var used = 0
    var usedKeys = false
    func next() throws(JinjaError) -> Value {
      guard used < items.count else {
        throw JinjaError(.type, "not enough arguments for format string")
      }
      used += 1
      return items[used - 1]
    }
    var index = 0
    var plain = 0
    while index < bytes.count {
      guard bytes[index] == UInt8(ascii: "%") else {
        index += 1
        continue
      }
      builder.append(text.slice(plain, index))
      var directive = Directive()
      try parse(bytes, &index, &directive, text, next)
      plain = index
      if directive.letter == UInt8(ascii: "%") {
        builder.append("%".utf8, origin: .none)
        continue
      }
      let value: Value
      if let key = directive.key {
        guard case .dict(let box) = values else {
          throw JinjaError(.type, "format requires a mapping")
        }
        guard let found = box[key] else { throw JinjaError(.key, "'\(key.string)'") }
        value = found
        usedKeys = true
      } else {
        value = try next()
      }
      let part = try self.part(value, directive, isMarkup)
      builder.append(padded(part, directive))
      try machine.check(bytes: builder.count)
    }
    builder.append(text.slice(plain, bytes.count))
    if used < items.count, !usedKeys {
      let acceptsAnything: Bool
      switch values {
      case .dict, .list: acceptsAnything = true
      case .undefined: acceptsAnything = true
      default: acceptsAnything = false
      }
      if isTuple || !acceptsAnything {
        throw JinjaError(.type, "not all arguments converted during string formatting")
      }
    }
    return builder.text
  }

  private static func parse(
    _ bytes: [UInt8], _ index: inout Int, _ directive: inout Directive, _ text: Text,
    _ next: () throws(JinjaError) -> Value
  ) throws(JinjaError) {
    index += 1
    if index < bytes.count, bytes[index] == UInt8(ascii: "(") {
      var level = 1
      let start = index + 1
      index = start
      while index < bytes.count, level > 0 {
        if bytes[index] == UInt8(ascii: "(") { level += 1 }
        if bytes[index] == UInt8(ascii: ")") { level -= 1 }
        index += 1
      }
      guard level == 0 else { throw JinjaError(.value, "incomplete format key") }
      directive.key = text.slice(start, index - 1)
    }
    while index < bytes.count, "-+ #0".utf8.contains(bytes[index]) {
      directive.flags.insert(bytes[index])
      index += 1
    }
    if let width = try number(bytes, &index, next) {
      if width < 0 { directive.flags.insert(UInt8(ascii: "-")) }
      directive.width = Int(width.magnitude)
    }
    if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
      index += 1
      directive.precision = max(0, try number(bytes, &index, next) ?? 0)
    }
    while index < bytes.count, "hlL".utf8.contains(bytes[index]) { index += 1 }
    guard index < bytes.count else { throw JinjaError(.value, "incomplete format") }
    directive.letter = bytes[index]
    index += 1
    guard directive.width < 1 << 28, directive.precision ?? 0 < 1 << 28 else {
      throw JinjaError(.value, "width too big")
    }
  }

  private static func number(
    _ bytes: [UInt8], _ index: inout Int, _ next: () throws(JinjaError) -> Value
  ) throws(JinjaError) -> Int? {
    guard index < bytes.count else { return nil }
    if bytes[index] == UInt8(ascii: "*") {
      index += 1
      guard case .int(let value, _) = try next() else { throw JinjaError(.type, "* wants int") }
      return value
    }
    var value: Int?
    while index < bytes.count, bytes[index].isASCIIDigit {
      value = min((value ?? 0) * 10 + Int(bytes[index] - 0x30), 1 << 30)
      index += 1
    }
    return value
  }

  private static func part(
    _ value: Value, _ directive: Directive, _ isMarkup: Bool
  ) throws(JinjaError) -> Text {
    let letter = Unicode.Scalar(directive.letter)
    switch letter {
    case "s", "r", "a":
      var text =
        letter == "s"
        ? (isMarkup ? try Escaping.escapedText(value) : try PythonText.str(value))
        : try PythonText.repr(value)
      if letter != "s", isMarkup { text = Escaping.escape(text) }
      if letter == "a" { text = asciiOnly(text) }
      if let precision = directive.precision {
        text = text.slice(0, text.byteOffset(ofScalar: precision))
      }
      return text
    case "c":
      if let text = value.text {
        guard text.scalarCount == 1 else { throw JinjaError(.type, "%c requires int or char") }
        return text
      }
      guard let code = value.index else { throw JinjaError(.type, "%c requires int or char") }
      guard let scalar = Unicode.Scalar(UInt32(truncatingIfNeeded: code)), code >= 0 else {
        throw JinjaError(.overflow, "%c arg not in range(0x110000)")
      }
      return Text(String(scalar), origin: value.origin)
    case "d", "i", "u", "x", "X", "o": return try integer(value, directive)
    case "f", "F", "e", "E", "g", "G": return try float(value, directive)
    default:
      throw JinjaError(
        .value,
        "unsupported format character '\(String(letter))' (0x\(String(letter.value, radix: 16)))")
    }
  }

  private static func asciiOnly(_ text: Text) -> Text {
    var output = ""
    for scalar in text.scalars {
      output += scalar.isASCII ? String(scalar) : scalar.escaped(asASCII: true)
    }
    return Text(output, origin: text.origin)
  }

  private static func integer(_ value: Value, _ directive: Directive) throws(JinjaError) -> Text {
    if case .undefined(let undefined) = value { throw undefined.error }
    let letter = Character(Unicode.Scalar(directive.letter))
    guard let number = Number(value) else {
      throw JinjaError(
        .type, "%\(letter) format: a real number is required, not \(value.typeName)")
    }
    if case .double(let double) = number {
      guard "diu".contains(letter) else {
        throw JinjaError(.type, "%\(letter) format: an integer is required, not float")
      }
      guard double.isFinite else {
        throw JinjaError(.overflow, "cannot convert float infinity to integer")
      }
    }
    let big = number.big
    let radix: UInt32 = letter == "x" || letter == "X" ? 16 : letter == "o" ? 8 : 10
    var digits =
      radix == 10
      ? try big.magnitude.decimalDigits()
      : big.magnitude.digits(radix: radix, uppercase: letter == "X")
    if let precision = directive.precision {
      digits = String(repeating: "0", count: max(0, precision - digits.utf8.count)) + digits
    }
    let prefix =
      directive.flags.contains(UInt8(ascii: "#")) && radix != 10 ? "0\(letter)" : ""
    return assemble(prefix, digits, big.isNegative, directive, value.origin)
  }

  private static func float(_ value: Value, _ directive: Directive) throws(JinjaError) -> Text {
    if case .undefined(let undefined) = value { throw undefined.error }
    guard let double = Number(value)?.double else {
      throw JinjaError(.type, "must be real number, not \(value.typeName)")
    }
    let letter = Character(Unicode.Scalar(directive.letter | 0x20))
    let isUpper = directive.letter < 0x60
    var digits: String
    if double.isNaN || double.isInfinite {
      digits = double.isNaN ? "nan" : "inf"
    } else {
      digits = NumberFormatting.format(
        double.magnitude, letter, directive.precision ?? 6,
        alternate: directive.flags.contains(UInt8(ascii: "#")))
    }
    if isUpper { digits = digits.uppercased() }
    return assemble("", digits, double.sign == .minus && !double.isNaN, directive, value.origin)
  }

  private static func assemble(
    _ prefix: String, _ digits: String, _ isNegative: Bool, _ directive: Directive,
    _ origin: Origin
  ) -> Text {
    let sign =
      isNegative
      ? "-"
      : directive.flags.contains(UInt8(ascii: "+"))
        ? "+" : directive.flags.contains(UInt8(ascii: " ")) ? " " : ""
    var zeros = ""
    if directive.flags.contains(UInt8(ascii: "0")), !directive.flags.contains(UInt8(ascii: "-")) {
      let length = sign.utf8.count + prefix.utf8.count + digits.utf8.count
      zeros = String(repeating: "0", count: max(0, directive.width - length))
    }
    return Text(sign + prefix + zeros + digits, origin: origin)
  }

  private static func padded(_ text: Text, _ directive: Directive) -> Text {
    let missing = directive.width - text.scalarCount
    guard missing > 0 else { return text }
    let isLeft = directive.flags.contains(UInt8(ascii: "-"))
    let blanks = Text(Array(repeating: 0x20, count: missing))
    var builder = TextBuilder()
    if !isLeft { builder.append(blanks) }
    builder.append(text)
    if isLeft { builder.append(blanks) }
    return builder.text
  }
}
