// SPDX-License-Identifier: Apache-2.0

import Glibc

extension Machine {
  mutating func applyNumeric(
    _ filter: BuiltinFilter, _ subject: Value, _ arguments: CallValues
  ) throws(JinjaError) -> Value {
    switch filter {
    case .abs:
      _ = try ArgumentBinder(arguments, "abs")
      switch Number(subject) {
      case .int(let value)?:
        return value == .min
          ? .integer(BigInteger(value).magnitude, subject.origin)
          : .int(Swift.abs(value), subject.origin)
      case .big(let value)?: return .integer(value.magnitude, subject.origin)
      case .double(let value)?: return .double(value.magnitude, subject.origin)
      case nil:
        if case .undefined(let undefined) = subject { throw undefined.error }
        throw JinjaError(.type, "bad operand type for abs(): '\(subject.typeName)'")
      }
    case .int:
      let binder = try ArgumentBinder(arguments, "do_int", ["default", "base"])
      if case .undefined(let undefined) = subject { throw undefined.error }
      let base = try binder.integer(1, default: 10)
      return try NumberParsing.integer(subject, base: base) ?? binder[0] ?? .int(0)
    case .float:
      let binder = try ArgumentBinder(arguments, "do_float", ["default"])
      if case .undefined(let undefined) = subject { throw undefined.error }
      if let number = Number(subject) {
        let value = number.double
        if value.isInfinite, case .big = number {
          throw JinjaError(.overflow, "int too large to convert to float")
        }
        return .double(value, subject.origin)
      }
      if let text = subject.text, let value = NumberParsing.double(text) {
        return .double(value, text.origin)
      }
      return binder[0] ?? .double(0, .none)
    case .round: return try round(subject, arguments)
    case .filesizeformat: return try fileSize(subject, arguments)
    case .sum:
      let binder = try ArgumentBinder(arguments, "do_sum", ["attribute", "start"])
      let path = try attributePath(binder[0])
      var total = binder[1] ?? .int(0)
      if total.text != nil {
        throw JinjaError(.type, "sum() can't sum strings [use ''.join(seq) instead]")
      }
      for item in try items(of: subject) { total = try add(total, try look(up: path, in: item)) }
      return total
    default: return try extreme(filter, subject, arguments)
    }
  }

  private mutating func extreme(
    _ filter: BuiltinFilter, _ subject: Value, _ arguments: CallValues
  ) throws(JinjaError) -> Value {
    let binder = try ArgumentBinder(arguments, "do_\(filter)", ["case_sensitive", "attribute"])
    let path = try attributePath(binder[1])
    var best: (key: Value, item: Value)?
    for item in try items(of: subject) {
      let found = try look(up: path, in: item)
      let key = binder.isTrue(0) ? found : found.ignoringCase
      guard let current = best else {
        best = (key, item)
        continue
      }
      let comparison: ComparisonOperator = filter == .max ? .greater : .less
      if try key.isOrdered(comparison, before: current.key) { best = (key, item) }
    }
    return best?.item ?? .undefined(hint: "No aggregated item, sequence was empty.")
  }

  private func round(_ subject: Value, _ arguments: CallValues) throws(JinjaError) -> Value {
    let binder = try ArgumentBinder(arguments, "do_round", ["precision", "method"])
    let method =
      try binder[1].map { v throws(JinjaError) in try PythonText.str(v).string } ?? "common"
    guard ["common", "ceil", "floor"].contains(method) else {
      throw JinjaError(.filterArgument, "method must be common, ceil or floor")
    }
    if case .undefined(let undefined) = subject { throw undefined.error }
    guard let number = Number(subject) else {
      throw JinjaError(.type, "type \(subject.typeName) doesn't define __round__ method")
    }
    let precision = try binder.integer(0, default: 0)
    if method == "common" {
      switch number {
      case .double(let value):
        return .double(NumberFormatting.round(value, precision), subject.origin)
      default:
        guard precision < 0 else { return .integer(number.big, subject.origin) }
        guard precision > -400 else { return .int(0, subject.origin) }
        let unit = BigInteger(10).raised(to: -precision)
        let (quotient, remainder) = number.big.floorDivided(by: unit)
        let order = (remainder + remainder).compare(unit)
        let isOdd = (quotient.limbs.first ?? 0) & 1 == 1
        let rounded = order > 0 || order == 0 && isOdd ? quotient + BigInteger(1) : quotient
        return .integer(rounded * unit, subject.origin)
      }
    }
    let factor = Glibc.pow(10, Double(precision))
    let scaled = number.double * factor
    guard scaled.isFinite else {
      if scaled.isNaN { throw JinjaError(.value, "cannot convert float NaN to integer") }
      throw JinjaError(.overflow, "cannot convert float infinity to integer")
    }
    let whole = method == "ceil" ? scaled.rounded(.up) : scaled.rounded(.down)
    return .double((whole == 0 ? 0 : whole) / factor, subject.origin)
  }

  private func fileSize(_ subject: Value, _ arguments: CallValues) throws(JinjaError) -> Value {
    let binder = try ArgumentBinder(arguments, "do_filesizeformat", ["binary"])
    if case .undefined(let undefined) = subject { throw undefined.error }
    var size = Number(subject)?.double
    if size == nil, let text = subject.text { size = NumberParsing.double(text) }
    guard let size else {
      if let text = subject.text {
        throw JinjaError(.value, "could not convert string to float: '\(text.string)'")
      }
      throw JinjaError(
        .type,
        "float() argument must be a string or a real number, not '\(subject.typeName)'")
    }
    let isBinary = binder.isTrue(0)
    let base: Double = isBinary ? 1024 : 1000
    if size == 1 { return .string("1 Byte", origin: subject.origin) }
    if size < base {
      guard size.isFinite else {
        throw JinjaError(.overflow, "cannot convert float infinity to integer")
      }
      return .string("\(BigInteger(truncating: size).digits()) Bytes", origin: subject.origin)
    }
    let letters = ["k", "M", "G", "T", "P", "E", "Z", "Y"]
    var unit = base
    for (place, letter) in letters.enumerated() {
      unit *= base
      if size < unit || place == letters.count - 1 {
        let name = isBinary ? "\(letter == "k" ? "K" : letter)iB" : "\(letter)B"
        let digits = NumberFormatting.fixed(base * size / unit, 1)
        return .string("\(digits) \(name)", origin: subject.origin)
      }
    }
    return .string(.empty)
  }
}

/// Numbers from text, as Python's `int` and `float` read them.
enum NumberParsing {
  /// `do_int`: nil where the default applies.
  static func integer(_ value: Value, base: Int) throws(JinjaError) -> Value? {
    switch value {
    case .bool(let flag, let origin): return .int(flag ? 1 : 0, origin)
    case .int, .bigInteger: return value
    case .double(let number, let origin):
      if number.isNaN { return nil }
      guard number.isFinite else {
        throw JinjaError(.overflow, "cannot convert float infinity to integer")
      }
      return .integer(BigInteger(truncating: number), origin)
    case .string(let text), .markup(let text):
      if base == 0 || (2...36).contains(base), let number = integer(text, base: base) {
        return .integer(number, text.origin)
      }
      if let number = double(text), number.isFinite {
        return .integer(BigInteger(truncating: number), text.origin)
      }
      return nil
    default: return nil
    }
  }

  private static func stripped(_ text: Text) -> [UInt8] {
    let start = PythonWhitespace.strippedStart(
      of: text.storage.bytes, from: Int(text.start), to: Int(text.end))
    let end = PythonWhitespace.strippedEnd(of: text.storage.bytes, from: start, to: Int(text.end))
    var bytes = Array(text.storage.bytes[start..<end])
    guard bytes.contains(where: { $0 >= 0x80 }) else { return bytes }
    // Decimal digits of other scripts count as their ASCII siblings.
    var output: [UInt8] = []
    for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
      if PythonUnicode.isDecimal(scalar), let value = scalar.properties.numericValue {
        output.append(0x30 + UInt8(value))
      } else {
        UTF8Scalars.append(scalar, to: &output)
      }
    }
    bytes = output
    return bytes
  }

  /// Removes single underscores between digits; nil where one stands elsewhere.
  private static func withoutUnderscores(_ bytes: [UInt8]) -> [UInt8]? {
    guard bytes.contains(0x5F) else { return bytes }
    var output: [UInt8] = []
    for (place, byte) in bytes.enumerated() {
      guard byte == 0x5F else {
        output.append(byte)
        continue
      }
      guard place > 0, place + 1 < bytes.count, bytes[place - 1].isAlphanumeric,
        bytes[place + 1].isAlphanumeric
      else { return nil }
    }
    return output
  }

  static func integer(_ text: Text, base: Int) -> BigInteger? {
    var bytes = stripped(text)
    guard bytes.count <= 4300 else { return nil }
    var isNegative = false
    if let first = bytes.first, first == 0x2B || first == 0x2D {
      isNegative = first == 0x2D
      bytes.removeFirst()
    }
    var radix = base
    if bytes.count > 1, bytes[0] == 0x30 {
      let letter = bytes[1] | 0x20
      let prefix = letter == 0x78 ? 16 : letter == 0x6F ? 8 : letter == 0x62 ? 2 : 0
      if prefix != 0, base == 0 || base == prefix {
        radix = prefix
        bytes.removeFirst(2)
        if bytes.first == 0x5F { bytes.removeFirst() }
      } else if base == 0, bytes.contains(where: { $0 != 0x30 && $0 != 0x5F }) {
        return nil
      }
    }
    if radix == 0 { radix = 10 }
    guard let digits = withoutUnderscores(bytes), digits.first?.isAlphanumeric ?? false,
      let value = BigInteger(digits: digits, radix: radix)
    else { return nil }
    return isNegative ? value.negated : value
  }

  static func double(_ text: Text) -> Double? {
    guard let bytes = withoutUnderscores(stripped(text)), let first = bytes.first else {
      return nil
    }
    let isSigned = first == 0x2B || first == 0x2D
    let body = String(decoding: bytes.dropFirst(isSigned ? 1 : 0), as: UTF8.self).lowercased()
    switch body {
    case "inf", "infinity": return first == 0x2D ? -.infinity : .infinity
    case "nan": return .nan
    default: break
    }
    guard bytes.allSatisfy({ $0.isASCIIDigit || ".eE+-".utf8.contains($0) }),
      body.utf8.contains(where: \.isASCIIDigit), !body.hasPrefix("e")
    else { return nil }
    // SAFETY: the string is terminated by Swift, and strtod reads no further.
    return unsafe String(decoding: bytes, as: UTF8.self).withCString { start in
      var end: UnsafeMutablePointer<CChar>?
      let value = unsafe strtod(start, &end)
      guard let end = unsafe end, unsafe end.pointee == 0 else { return nil }
      return value
    }
  }
}

extension UInt8 {
  var isAlphanumeric: Bool { isASCIIDigit || isASCIILetter }
}
