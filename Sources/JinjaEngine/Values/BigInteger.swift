// SPDX-License-Identifier: Apache-2.0

/// An integer without bounds, as Python's.
///
/// The arithmetic of templates stays in `Int`; this type takes over where that overflows, so
/// plain schoolbook algorithms do.
struct BigInteger: Hashable, Sendable {
  /// Least significant limb first, no zero limbs at the end.
  private(set) var limbs: [UInt32]
  private(set) var isNegative: Bool

  init(_ value: Int) {
    var magnitude = value.magnitude
    limbs = []
    while magnitude != 0 {
      limbs.append(UInt32(truncatingIfNeeded: magnitude))
      magnitude >>= 32
    }
    isNegative = value < 0
  }

  init(limbs: [UInt32], isNegative: Bool) {
    var limbs = limbs
    while limbs.last == 0 { limbs.removeLast() }
    self.limbs = limbs
    self.isNegative = isNegative && !limbs.isEmpty
  }

  /// Reads digits of a radix up to 36; a sign may stand first.
  init?(digits: some Collection<UInt8>, radix: Int) {
    var digits = digits[...]
    var isNegative = false
    if let first = digits.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") {
      isNegative = first == UInt8(ascii: "-")
      digits = digits.dropFirst()
    }
    guard !digits.isEmpty else { return nil }
    var limbs: [UInt32] = []
    for byte in digits {
      let letter = (byte | 0x20) &- 0x61
      let digit = byte.isASCIIDigit ? Int(byte) - 0x30 : letter < 26 ? Int(letter) + 10 : 36
      guard digit < radix else { return nil }
      var carry = UInt64(digit)
      for index in limbs.indices {
        carry += UInt64(limbs[index]) * UInt64(radix)
        limbs[index] = UInt32(truncatingIfNeeded: carry)
        carry >>= 32
      }
      if carry != 0 { limbs.append(UInt32(carry)) }
    }
    self.init(limbs: limbs, isNegative: isNegative)
  }

  /// The integer part of a finite number.
  init(truncating value: Double) {
    let magnitude = value.magnitude.rounded(.towardZero)
    guard magnitude >= 1 else {
      self.init(0)
      return
    }
    let shift = Int(magnitude.exponent) - 52
    let significand = UInt64(magnitude.significandBitPattern | 1 << 52)
    let bits = shift < 0 ? significand >> UInt64(-shift) : significand
    let whole = BigInteger(
      limbs: [UInt32(truncatingIfNeeded: bits), UInt32(truncatingIfNeeded: bits >> 32)],
      isNegative: value < 0)
    self = shift > 0 ? whole.shiftedLeft(by: shift) : whole
  }

  /// The value where it fits.
  var int: Int? {
    guard limbs.count <= 2 else { return nil }
    var magnitude: UInt = 0
    for limb in limbs.reversed() { magnitude = magnitude << 32 | UInt(limb) }
    if isNegative {
      return magnitude <= Int.min.magnitude ? Int(truncatingIfNeeded: 0 &- magnitude) : nil
    }
    return Int(exactly: magnitude)
  }

  var isZero: Bool { limbs.isEmpty }

  var bitWidth: Int {
    limbs.last.map { limbs.count * 32 - $0.leadingZeroBitCount } ?? 0
  }

  var negated: BigInteger { BigInteger(limbs: limbs, isNegative: !isNegative) }

  var magnitude: BigInteger { BigInteger(limbs: limbs, isNegative: false) }

  /// The nearest double, infinite where the value is out of range.
  var double: Double {
    let width = bitWidth
    guard width > 64 else {
      var magnitude: UInt64 = 0
      for limb in limbs.reversed() { magnitude = magnitude << 32 | UInt64(limb) }
      return isNegative ? -Double(magnitude) : Double(magnitude)
    }
    let shift = width - 64
    let top = shiftedRight(by: shift)
    var bits = UInt64(top.limbs[0]) | UInt64(top.limbs[1]) << 32
    // What was cut off decides ties.
    if top.shiftedLeft(by: shift).limbs != limbs { bits |= 1 }
    guard shift < 1024 else { return isNegative ? -.infinity : .infinity }
    let value = Double(sign: .plus, exponent: shift, significand: Double(bits))
    return isNegative ? -value : value
  }
}

extension BigInteger {
  func shiftedLeft(by count: Int) -> BigInteger {
    var output = [UInt32](repeating: 0, count: count / 32)
    let bits = UInt64(count % 32)
    var carry: UInt64 = 0
    for limb in limbs {
      carry |= UInt64(limb) << bits
      output.append(UInt32(truncatingIfNeeded: carry))
      carry >>= 32
    }
    output.append(UInt32(carry))
    return BigInteger(limbs: output, isNegative: isNegative)
  }

  /// Drops bits of the magnitude.
  func shiftedRight(by count: Int) -> BigInteger {
    let skipped = count / 32
    guard skipped < limbs.count else { return BigInteger(0) }
    let bits = UInt64(count % 32)
    var output: [UInt32] = []
    for index in skipped..<limbs.count {
      let high = index + 1 < limbs.count ? UInt64(limbs[index + 1]) << 32 : 0
      output.append(UInt32(truncatingIfNeeded: (high | UInt64(limbs[index])) >> bits))
    }
    return BigInteger(limbs: output, isNegative: isNegative)
  }

  private static func compareMagnitudes(_ left: [UInt32], _ right: [UInt32]) -> Int {
    if left.count != right.count { return left.count < right.count ? -1 : 1 }
    for index in left.indices.reversed() where left[index] != right[index] {
      return left[index] < right[index] ? -1 : 1
    }
    return 0
  }

  private static func addMagnitudes(_ left: [UInt32], _ right: [UInt32]) -> [UInt32] {
    var output: [UInt32] = []
    var carry: UInt64 = 0
    for index in 0..<max(left.count, right.count) {
      carry += index < left.count ? UInt64(left[index]) : 0
      carry += index < right.count ? UInt64(right[index]) : 0
      output.append(UInt32(truncatingIfNeeded: carry))
      carry >>= 32
    }
    if carry != 0 { output.append(UInt32(carry)) }
    return output
  }

  /// The first magnitude must not be the smaller one.
  private static func subtractMagnitudes(_ left: [UInt32], _ right: [UInt32]) -> [UInt32] {
    var output: [UInt32] = []
    var borrow: Int64 = 0
    for index in left.indices {
      var difference = Int64(left[index]) - borrow
      if index < right.count { difference -= Int64(right[index]) }
      borrow = difference < 0 ? 1 : 0
      output.append(UInt32(truncatingIfNeeded: difference))
    }
    return output
  }

  static func + (left: BigInteger, right: BigInteger) -> BigInteger {
    if left.isNegative == right.isNegative {
      return BigInteger(
        limbs: addMagnitudes(left.limbs, right.limbs), isNegative: left.isNegative)
    }
    if compareMagnitudes(left.limbs, right.limbs) >= 0 {
      return BigInteger(
        limbs: subtractMagnitudes(left.limbs, right.limbs), isNegative: left.isNegative)
    }
    return BigInteger(
      limbs: subtractMagnitudes(right.limbs, left.limbs), isNegative: right.isNegative)
  }

  static func - (left: BigInteger, right: BigInteger) -> BigInteger { left + right.negated }

  static func * (left: BigInteger, right: BigInteger) -> BigInteger {
    var output = [UInt32](repeating: 0, count: left.limbs.count + right.limbs.count)
    for (index, limb) in left.limbs.enumerated() {
      var carry: UInt64 = 0
      for (offset, other) in right.limbs.enumerated() {
        carry += UInt64(limb) * UInt64(other) + UInt64(output[index + offset])
        output[index + offset] = UInt32(truncatingIfNeeded: carry)
        carry >>= 32
      }
      output[index + right.limbs.count] = UInt32(carry)
    }
    return BigInteger(limbs: output, isNegative: left.isNegative != right.isNegative)
  }

  /// Divides a magnitude in place by a small number and returns the remainder.
  private static func divide(_ limbs: inout [UInt32], by divisor: UInt32) -> UInt32 {
    var remainder: UInt64 = 0
    for index in limbs.indices.reversed() {
      remainder = remainder << 32 | UInt64(limbs[index])
      limbs[index] = UInt32(remainder / UInt64(divisor))
      remainder %= UInt64(divisor)
    }
    while limbs.last == 0 { limbs.removeLast() }
    return UInt32(remainder)
  }

  /// Quotient and remainder of magnitudes, bit by bit for long divisors.
  private static func divideMagnitudes(
    _ left: BigInteger, _ right: BigInteger
  ) -> (quotient: BigInteger, remainder: BigInteger) {
    if right.limbs.count == 1 {
      var limbs = left.limbs
      let remainder = divide(&limbs, by: right.limbs[0])
      return (
        BigInteger(limbs: limbs, isNegative: false),
        BigInteger(limbs: [remainder], isNegative: false)
      )
    }
    var quotient = [UInt32](repeating: 0, count: left.limbs.count)
    var remainder = BigInteger(0)
    for bit in (0..<left.bitWidth).reversed() {
      remainder = remainder.shiftedLeft(by: 1)
      if left.limbs[bit / 32] >> UInt32(bit % 32) & 1 == 1 {
        remainder = remainder + BigInteger(1)
      }
      if compareMagnitudes(remainder.limbs, right.limbs) >= 0 {
        remainder = BigInteger(
          limbs: subtractMagnitudes(remainder.limbs, right.limbs), isNegative: false)
        quotient[bit / 32] |= 1 << UInt32(bit % 32)
      }
    }
    return (BigInteger(limbs: quotient, isNegative: false), remainder)
  }

  /// Python's `//` and `%`: rounded down.
  ///
  /// The divisor is not zero.
  func floorDivided(by other: BigInteger) -> (quotient: BigInteger, remainder: BigInteger) {
    var (quotient, remainder) = Self.divideMagnitudes(magnitude, other.magnitude)
    if isNegative != other.isNegative {
      quotient = quotient.negated
      if !remainder.isZero {
        quotient = quotient - BigInteger(1)
        remainder = other.magnitude - remainder
      }
    }
    return (quotient, other.isNegative ? remainder.negated : remainder)
  }

  /// Python's `/`: the quotient rounded once.
  ///
  /// The divisor is not zero.
  func trueDivided(by other: BigInteger) -> Double {
    let shift = max(0, 66 - (bitWidth - other.bitWidth))
    let numerator = magnitude.shiftedLeft(by: shift)
    let (quotient, remainder) = Self.divideMagnitudes(numerator, other.magnitude)
    var exact = quotient
    if !remainder.isZero, !exact.limbs.isEmpty { exact.limbs[0] |= 1 }
    let value = Double(sign: .plus, exponent: -shift, significand: 1) * exact.double
    return isNegative != other.isNegative ? -value : value
  }

  func raised(to exponent: Int) -> BigInteger {
    var result = BigInteger(1)
    var base = self
    var exponent = exponent
    while exponent > 0 {
      if exponent & 1 == 1 { result = result * base }
      exponent >>= 1
      if exponent > 0 { base = base * base }
    }
    return result
  }

  func compare(_ other: BigInteger) -> Int {
    if isNegative != other.isNegative { return isNegative ? -1 : 1 }
    let order = Self.compareMagnitudes(limbs, other.limbs)
    return isNegative ? -order : order
  }

  func digits(radix: UInt32 = 10, uppercase: Bool = false) -> String {
    guard !isZero else { return "0" }
    var limbs = limbs
    var digits: [UInt8] = []
    // As many digits at a time as fit one limb.
    var chunk = radix
    var width = 1
    while UInt64(chunk) * UInt64(radix) <= UInt64(UInt32.max) {
      chunk *= radix
      width += 1
    }
    while !limbs.isEmpty {
      var remainder = Self.divide(&limbs, by: chunk)
      for _ in 0..<width {
        let digit = UInt8(remainder % radix)
        digits.append(digit < 10 ? digit + 0x30 : digit - 10 + (uppercase ? 0x41 : 0x61))
        remainder /= radix
      }
    }
    while digits.last == 0x30 { digits.removeLast() }
    if isNegative { digits.append(UInt8(ascii: "-")) }
    return String(decoding: digits.reversed(), as: UTF8.self)
  }

  /// The decimal digits, as many as Python converts: 4,300.
  func decimalDigits() throws(JinjaError) -> String {
    if bitWidth <= 14_290 {
      let text = digits()
      if text.utf8.count <= (isNegative ? 4301 : 4300) { return text }
    }
    throw JinjaError(
      .value, "Exceeds the limit (4300 digits) for integer string conversion")
  }
}
