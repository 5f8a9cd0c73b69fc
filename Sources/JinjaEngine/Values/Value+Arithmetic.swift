// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The operators of the language, with Python's rules for numbers.
enum Arithmetic {
  /// An operator on two numbers.
  ///
  /// `bitLimit` bounds the size of integers.
  static func apply(
    _ operation: BinaryOperator, _ left: Number, _ right: Number, origin: Origin, bitLimit: Int
  ) throws(JinjaError) -> Value {
    if case .int(let left) = left, case .int(let right) = right,
      let fast = try applyInts(operation, left, right, origin)
    {
      return fast
    }
    if case .double = left {
      return .double(try applyDoubles(operation, left.double, finite(right)), origin)
    }
    if case .double(let value) = right {
      return .double(try applyDoubles(operation, finite(left), value), origin)
    }
    return try applyBig(operation, left.big, right.big, origin, bitLimit)
  }

  private static func finite(_ number: Number) throws(JinjaError) -> Double {
    let value = number.double
    if value.isInfinite, case .big = number {
      throw JinjaError(.overflow, "int too large to convert to float")
    }
    return value
  }

  /// The result where it fits an `Int`; nil where it does not.
  private static func applyInts(
    _ operation: BinaryOperator, _ left: Int, _ right: Int, _ origin: Origin
  ) throws(JinjaError) -> Value? {
    let result: (partialValue: Int, overflow: Bool)
    switch operation {
    case .add: result = left.addingReportingOverflow(right)
    case .subtract: result = left.subtractingReportingOverflow(right)
    case .multiply: result = left.multipliedReportingOverflow(by: right)
    case .divide:
      guard right != 0 else { throw JinjaError(.zeroDivision, "division by zero") }
      let exact = 1 << 53
      guard left.magnitude <= exact, right.magnitude <= exact else { return nil }
      return .double(Double(left) / Double(right), origin)
    case .floorDivide, .modulo:
      guard right != 0 else {
        throw JinjaError(.zeroDivision, "integer division or modulo by zero")
      }
      guard right != -1 else { return nil }
      var quotient = left / right
      var remainder = left % right
      if remainder != 0, (remainder < 0) != (right < 0) {
        remainder += right
        quotient -= 1
      }
      return .int(operation == .modulo ? remainder : quotient, origin)
    case .power: return nil
    }
    return result.overflow ? nil : .int(result.partialValue, origin)
  }

  private static func applyBig(
    _ operation: BinaryOperator, _ left: BigInteger, _ right: BigInteger, _ origin: Origin,
    _ bitLimit: Int
  ) throws(JinjaError) -> Value {
    switch operation {
    case .add: return .integer(left + right, origin)
    case .subtract: return .integer(left - right, origin)
    case .multiply:
      try check(left.bitWidth + right.bitWidth, bitLimit)
      return .integer(left * right, origin)
    case .divide:
      guard !right.isZero else { throw JinjaError(.zeroDivision, "division by zero") }
      let value = left.trueDivided(by: right)
      guard value.isFinite else {
        throw JinjaError(.overflow, "integer division result too large for a float")
      }
      return .double(value, origin)
    case .floorDivide, .modulo:
      guard !right.isZero else {
        throw JinjaError(.zeroDivision, "integer division or modulo by zero")
      }
      try check(left.bitWidth, min(bitLimit, 20_000))
      let (quotient, remainder) = left.floorDivided(by: right)
      return .integer(operation == .modulo ? remainder : quotient, origin)
    case .power:
      guard !right.isNegative else {
        if left.isZero {
          throw JinjaError(.zeroDivision, "0.0 cannot be raised to a negative power")
        }
        return .double(Glibc.pow(left.double, right.double), origin)
      }
      if left.magnitude.bitWidth <= 1 {
        let isOdd = (right.limbs.first ?? 0) & 1 == 1
        return .integer(right.isZero ? BigInteger(1) : isOdd ? left : left * left, origin)
      }
      guard let exponent = right.int, exponent < bitLimit else {
        throw JinjaError(.budget(.collectionSize), "an integer of too many digits")
      }
      try check(left.bitWidth.multipliedReportingOverflow(by: exponent).partialValue, bitLimit)
      return .integer(left.raised(to: exponent), origin)
    }
  }

  private static func check(_ bits: Int, _ limit: Int) throws(JinjaError) {
    guard bits >= 0, bits <= limit else {
      throw JinjaError(.budget(.collectionSize), "an integer of too many digits")
    }
  }

  private static func applyDoubles(
    _ operation: BinaryOperator, _ left: Double, _ right: Double
  ) throws(JinjaError) -> Double {
    switch operation {
    case .add: return left + right
    case .subtract: return left - right
    case .multiply: return left * right
    case .divide:
      guard right != 0 else { throw JinjaError(.zeroDivision, "float division by zero") }
      return left / right
    case .floorDivide, .modulo: return try divideDoubles(operation, left, right)
    case .power: return try raise(left, right)
    }
  }

  private static func divideDoubles(
    _ operation: BinaryOperator, _ left: Double, _ right: Double
  ) throws(JinjaError) -> Double {
    guard right != 0 else {
      throw JinjaError(
        .zeroDivision, operation == .modulo ? "float modulo" : "float floor division by zero")
    }
    // As CPython's float_divmod does (Objects/floatobject.c).
    var remainder = fmod(left, right)
    var quotient = (left - remainder) / right
    if remainder != 0 {
      if (right < 0) != (remainder < 0) {
        remainder += right
        quotient -= 1
      }
    } else {
      remainder = Double(signOf: right, magnitudeOf: 0)
    }
    if operation == .modulo { return remainder }
    guard quotient != 0 else { return Double(signOf: left / right, magnitudeOf: 0) }
    let floor = quotient.rounded(.down)
    return quotient - floor > 0.5 ? floor + 1 : floor
  }

  private static func raise(_ left: Double, _ right: Double) throws(JinjaError) -> Double {
    if left == 0, right < 0 {
      throw JinjaError(.zeroDivision, "0.0 cannot be raised to a negative power")
    }
    if left < 0, left.isFinite, right.isFinite, right != right.rounded() {
      throw JinjaError(.type, "complex numbers are not supported")
    }
    let result = Glibc.pow(left, right)
    if result.isInfinite, left.isFinite, right.isFinite {
      throw JinjaError(.overflow, "(34, 'Numerical result out of range')")
    }
    return result
  }
}
