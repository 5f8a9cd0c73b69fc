// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Numbers by C's `printf`, which is what Python's are defined by.
enum NumberFormatting {
  /// `%.*f`, `%.*e` or `%.*g` with the exact rounding of the C library.
  static func format(
    _ value: Double, _ letter: Character, _ precision: Int, alternate: Bool = false
  ) -> String {
    let format = "%\(alternate ? "#" : "").\(max(0, min(precision, 5000)))\(letter)"
    return unsafe withVaList([value]) { arguments in
      var buffer = [CChar](repeating: 0, count: 400 + max(0, min(precision, 5000)))
      // SAFETY: vsnprintf writes no more than the buffer's count and ends it with a zero.
      let length = unsafe vsnprintf(&buffer, buffer.count, format, arguments)
      let bytes = buffer.prefix(max(0, min(Int(length), buffer.count - 1)))
      return String(decoding: bytes.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }

  static func fixed(_ value: Double, _ precision: Int) -> String {
    if value.isNaN { return "nan" }
    if value.isInfinite { return value < 0 ? "-inf" : "inf" }
    return format(value, "f", precision)
  }

  /// Python's `round(float, digits)`: through the decimal digits, ties by the exact value.
  static func round(_ value: Double, _ digits: Int) -> Double {
    guard value.isFinite else { return value }
    if digits > 323 { return value }
    if digits < -308 { return value * 0 }
    if digits >= 0 {
      return Double(format(value, "f", digits)) ?? value
    }
    let unit = BigInteger(10).raised(to: -digits)
    let whole = BigInteger(truncating: value.magnitude)
    let (quotient, remainder) = whole.floorDivided(by: unit)
    let order = (remainder + remainder).compare(unit)
    let hasFraction = value.magnitude != value.magnitude.rounded(.towardZero)
    let isOdd = (quotient.limbs.first ?? 0) & 1 == 1
    let up = order > 0 || order == 0 && (hasFraction || isOdd)
    let result = ((up ? quotient + BigInteger(1) : quotient) * unit).double
    return value < 0 ? -result : result
  }
}
