// SPDX-License-Identifier: Apache-2.0

import OrderedJSON

/// What follows the colon of a replacement field.
enum FormatSpecification {
  private struct Fields {
    var fill: Unicode.Scalar = " "
    var align: Unicode.Scalar?
    var sign: Unicode.Scalar = "-"
    var isAlternate = false
    var width = 0
    var grouping: Unicode.Scalar?
    var precision: Int?
    var type: Unicode.Scalar?
  }

  static func format(
    _ value: Value, _ specification: Text, _ machine: inout Machine
  ) throws(JinjaError) -> Text {
    if specification.isEmpty { return try PythonText.str(value) }
    let fields = try parse(specification.scalars)
    try machine.check(bytes: fields.width)
    switch value {
    case .string(let text), .markup(let text): return try format(text, fields)
    case .bool(let flag, let origin):
      return try format(BigInteger(flag ? 1 : 0), fields, origin)
    case .int(let number, let origin): return try format(BigInteger(number), fields, origin)
    case .bigInteger(let box): return try format(box.value, fields, box.origin)
    case .double(let number, let origin): return try format(number, fields, origin)
    default:
      throw JinjaError(
        .type, "unsupported format string passed to \(value.typeName).__format__")
    }
  }

  private static func parse(_ scalars: [Unicode.Scalar]) throws(JinjaError) -> Fields {
    var fields = Fields()
    var index = 0
    func isAlign(_ scalar: Unicode.Scalar) -> Bool {
      scalar == "<" || scalar == ">" || scalar == "=" || scalar == "^"
    }
    if scalars.count > 1, isAlign(scalars[1]) {
      fields.fill = scalars[0]
      fields.align = scalars[1]
      index = 2
    } else if let first = scalars.first, isAlign(first) {
      fields.align = first
      index = 1
    }
    func current() -> Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }
    if let sign = current(), sign == "+" || sign == "-" || sign == " " {
      fields.sign = sign
      index += 1
    }
    if current() == "z" { index += 1 }
    if current() == "#" {
      fields.isAlternate = true
      index += 1
    }
    if current() == "0" {
      if fields.align == nil {
        fields.fill = "0"
        fields.align = "="
      }
      index += 1
    }
    while let digit = current(), digit.isASCII, UInt8(digit.value).isASCIIDigit {
      fields.width = min(fields.width * 10 + Int(digit.value - 0x30), 1 << 40)
      index += 1
    }
    if let grouping = current(), grouping == "," || grouping == "_" {
      fields.grouping = grouping
      index += 1
    }
    if current() == "." {
      index += 1
      var precision: Int?
      while let digit = current(), digit.isASCII, UInt8(digit.value).isASCIIDigit {
        precision = min((precision ?? 0) * 10 + Int(digit.value - 0x30), 1 << 20)
        index += 1
      }
      guard let precision else { throw JinjaError(.value, "Format specifier missing precision") }
      fields.precision = precision
    }
    if let type = current() {
      fields.type = type
      index += 1
    }
    guard index == scalars.count else { throw JinjaError(.value, "Invalid format specifier") }
    return fields
  }

  private static func format(_ text: Text, _ fields: Fields) throws(JinjaError) -> Text {
    if let type = fields.type, type != "s" { throw unknown(type, "str") }
    guard fields.align != "=" || fields.fill == "0" && fields.align == "=" else {
      throw JinjaError(.value, "'=' alignment not allowed in string format specifier")
    }
    guard fields.sign == "-", !fields.isAlternate, fields.grouping == nil else {
      throw JinjaError(.value, "Sign not allowed in string format specifier")
    }
    var text = text
    if let precision = fields.precision {
      text = text.slice(0, text.byteOffset(ofScalar: precision))
    }
    return pad(text, fields, defaultAlign: "<")
  }

  private static func unknown(_ type: Unicode.Scalar, _ name: String) -> JinjaError {
    JinjaError(
      .value, "Unknown format code '\(String(type))' for object of type '\(name)'")
  }

  private static func pad(
    _ text: Text, _ fields: Fields, defaultAlign: Unicode.Scalar
  ) -> Text {
    let missing = fields.width - text.scalarCount
    guard missing > 0 else { return text }
    let fill = Text(String(fields.fill))
    var align = fields.align ?? defaultAlign
    if align == "=" { align = defaultAlign }
    switch align {
    case "<": return TextMethods.padded(text, left: 0, right: missing, fill: fill)
    case "^":
      return TextMethods.padded(text, left: missing / 2, right: missing - missing / 2, fill: fill)
    default: return TextMethods.padded(text, left: missing, right: 0, fill: fill)
    }
  }

  private static func format(
    _ number: BigInteger, _ fields: Fields, _ origin: Origin
  ) throws(JinjaError) -> Text {
    var prefix = ""
    var digits: String
    var group = 3
    switch fields.type {
    case nil, "d", "n": digits = try number.magnitude.decimalDigits()
    case "b", "o", "x", "X":
      let type = fields.type ?? "x"
      digits = number.magnitude.digits(
        radix: type == "b" ? 2 : type == "o" ? 8 : 16, uppercase: type == "X")
      if fields.isAlternate { prefix = "0\(String(type))" }
      group = 4
    case "c":
      guard let code = number.int, let scalar = Unicode.Scalar(UInt32(truncatingIfNeeded: code)),
        code >= 0
      else { throw JinjaError(.overflow, "%c arg not in range(0x110000)") }
      return pad(Text(String(scalar), origin: origin), fields, defaultAlign: "<")
    case "e", "E", "f", "F", "g", "G", "%":
      let double = number.double
      guard double.isFinite else {
        throw JinjaError(.overflow, "int too large to convert to float")
      }
      return try format(double, fields, origin)
    case let type?: throw unknown(type, "int")
    }
    guard fields.precision == nil else {
      throw JinjaError(.value, "Precision not allowed in integer format specifier")
    }
    return assemble(number.isNegative, prefix, digits, "", fields, group, origin)
  }

  private static func format(
    _ number: Double, _ fields: Fields, _ origin: Origin
  ) throws(JinjaError) -> Text {
    var digits: String
    let magnitude = number.magnitude
    let precision = fields.precision ?? 6
    if !number.isFinite {
      digits = number.isNaN ? "nan" : "inf"
      if let type = fields.type, "EFG".unicodeScalars.contains(type) {
        digits = digits.uppercased()
      }
      if fields.type == "%" { digits += "%" }
    } else {
      switch fields.type {
      case "f", "F":
        digits = NumberFormatting.format(magnitude, "f", precision, alternate: fields.isAlternate)
      case "e", "E":
        digits = NumberFormatting.format(magnitude, "e", precision, alternate: fields.isAlternate)
      case "g", "G", "n":
        digits = NumberFormatting.format(magnitude, "g", precision, alternate: fields.isAlternate)
      case "%": digits = NumberFormatting.format(magnitude * 100, "f", precision) + "%"
      case nil:
        if let precision = fields.precision {
          digits = NumberFormatting.format(magnitude, "g", precision, alternate: fields.isAlternate)
          // Without a type the number keeps looking like a float.
          if !digits.contains("."), !digits.contains("e") {
            digits =
              digits.utf8.count >= max(1, precision) && magnitude >= 1
              ? scientific(magnitude, precision) : digits + ".0"
          }
        } else {
          digits = PythonNumber.repr(magnitude)
        }
      case let type?: throw unknown(type, "float")
      }
      if fields.type == "E" || fields.type == "G" { digits = digits.uppercased() }
    }
    let whole = digits.utf8.prefix { $0.isASCIIDigit }.count
    let head = String(decoding: digits.utf8.prefix(whole), as: UTF8.self)
    let tail = String(decoding: digits.utf8.dropFirst(whole), as: UTF8.self)
    return assemble(number.sign == .minus && !number.isNaN, "", head, tail, fields, 3, origin)
  }

  private static func scientific(_ magnitude: Double, _ precision: Int) -> String {
    var text = NumberFormatting.format(magnitude, "e", max(0, precision - 1))
    if let mark = text.firstIndex(of: "e"), text.contains(".") {
      var mantissa = text[..<mark]
      while mantissa.last == "0" { mantissa.removeLast() }
      if mantissa.last == "." { mantissa.removeLast() }
      text = String(mantissa + text[mark...])
    }
    return text
  }

  private static func assemble(
    _ isNegative: Bool, _ prefix: String, _ head: String, _ tail: String, _ fields: Fields,
    _ group: Int, _ origin: Origin
  ) -> Text {
    let sign = isNegative ? "-" : fields.sign == "-" ? "" : String(fields.sign)
    var digits = head
    let outside = sign.utf8.count + prefix.utf8.count + tail.utf8.count
    let pads = fields.align == "="
    if let grouping = fields.grouping {
      var grouped = grouped(digits, grouping, group)
      if pads, fields.fill == "0" {
        while outside + grouped.utf8.count < fields.width {
          digits = "0" + digits
          grouped = self.grouped(digits, grouping, group)
        }
      }
      digits = grouped
    }
    var padding = ""
    if pads {
      let missing = fields.width - outside - digits.utf8.count
      padding = String(repeating: String(fields.fill), count: max(0, missing))
    }
    return pad(
      Text(sign + prefix + padding + digits + tail, origin: origin), fields, defaultAlign: ">")
  }

  private static func grouped(_ digits: String, _ separator: Unicode.Scalar, _ size: Int) -> String
  {
    var output = ""
    let bytes = Array(digits.utf8)
    for (place, byte) in bytes.enumerated() {
      if place > 0, (bytes.count - place) % size == 0 { output.unicodeScalars.append(separator) }
      output.unicodeScalars.append(Unicode.Scalar(byte))
    }
    return output
  }
}
