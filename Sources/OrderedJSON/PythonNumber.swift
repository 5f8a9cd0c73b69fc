// SPDX-License-Identifier: Apache-2.0

/// Floating-point numbers as Python prints them.
public enum PythonNumber {
  /// Python's `repr(float)`: the shortest digits that read back as the same number, with an
  /// exponent below 1e-4 and from 1e16 on.
  ///
  /// ```swift
  /// PythonNumber.repr(1e16)   // "1e+16"
  /// PythonNumber.repr(0.1)    // "0.1"
  /// PythonNumber.repr(3)      // "3.0"
  /// ```
  public static func repr(_ value: Double) -> String {
    guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
    let (digits, exponent) = shortestDigits(of: value.magnitude)
    let sign = value.sign == .minus ? "-" : ""
    return sign + layOut(digits, exponent: exponent)
  }

  /// As ``repr(_:)``, with the names that `json.dumps` gives to what is no number.
  public static func json(_ value: Double) -> String {
    value.isFinite ? repr(value) : value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity"
  }

  /// The digits d₁d₂… and the exponent e of d₁.d₂… · 10ᵉ.
  ///
  /// Swift prints the shortest digits as well (SE-0166), laid out by other rules.
  private static func shortestDigits(of value: Double) -> (digits: [UInt8], exponent: Int) {
    var digits: [UInt8] = []
    var point: Int?
    var exponent = 0
    let text = Array(value.description.utf8)
    for (place, byte) in text.enumerated() {
      if byte == UInt8(ascii: ".") {
        point = digits.count
      } else if byte == UInt8(ascii: "e") {
        exponent = Int(String(decoding: text[(place + 1)...], as: UTF8.self)) ?? 0
        break
      } else {
        digits.append(byte)
      }
    }
    exponent += (point ?? digits.count) - 1
    let zero = UInt8(ascii: "0")
    let leading = digits.prefix { $0 == zero }.count
    guard leading < digits.count else { return ([zero], 0) }
    digits.removeFirst(leading)
    while digits.count > 1, digits.last == zero { digits.removeLast() }
    return (digits, exponent - leading)
  }

  private static func layOut(_ digits: [UInt8], exponent: Int) -> String {
    var output: [UInt8] = []
    let zero = UInt8(ascii: "0")
    let point = UInt8(ascii: ".")
    if exponent < -4 || exponent >= 16 {
      output.append(digits[0])
      if digits.count > 1 { output += [point] + digits[1...] }
      output += exponent < 0 ? "e-".utf8 : "e+".utf8
      let magnitude = String(exponent.magnitude)
      if magnitude.utf8.count < 2 { output.append(zero) }
      output += magnitude.utf8
    } else if exponent < 0 {
      output += [zero, point] + Array(repeating: zero, count: -exponent - 1) + digits
    } else if digits.count > exponent + 1 {
      output += digits[...exponent] + [point] + digits[(exponent + 1)...]
    } else {
      output += digits + Array(repeating: zero, count: exponent + 1 - digits.count)
      output += [point, zero]
    }
    return String(decoding: output, as: UTF8.self)
  }
}
