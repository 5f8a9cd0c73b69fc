// SPDX-License-Identifier: Apache-2.0

extension Value {
  /// Levels of data that comparing, printing and serializing walk into.
  ///
  /// Python stops at about 990; a thread's stack of 512 KB must do here.
  static let walkLimit = 250

  static func tooDeep(_ doing: String) -> JinjaError {
    JinjaError(.recursion, "the data is nested too deeply to \(doing)")
  }

  /// Python's `hash`, consistent with ``isEqual(to:)``.
  func pythonHash(_ level: Int = 0) throws(JinjaError) -> Int {
    switch self {
    case .missing, .undefined: return 1
    case .none: return 2
    case .bool(let value, _): return value ? 1 : 0
    case .int(let value, _): return value
    case .double(let value, _):
      if let whole = Int(exactly: value) { return whole }
      return value.isFinite && value == value.rounded()
        ? BigInteger(truncating: value).hashValue : value.hashValue
    case .bigInteger(let box): return box.value.hashValue
    case .string(let text), .markup(let text): return text.hash
    case .tuple(let box):
      guard level < Self.walkLimit else { throw Self.tooDeep("hash") }
      var hash = 0x345678
      for item in box.items { hash = (hash ^ (try item.pythonHash(level + 1))) &* 1_000_003 }
      return hash
    case .list, .dict: throw JinjaError(.type, "unhashable type: '\(typeName)'")
    case .object(let object):
      guard object.isHashable else {
        throw JinjaError(.type, "unhashable type: '\(typeName)'")
      }
      return ObjectIdentifier(object.target).hashValue
    }
  }

  /// Equality of hashable values.
  func isEqualKey(_ other: Value) -> Bool {
    // Keys were hashed, and hashing refuses what is too deep to compare.
    (try? isEqual(to: other)) ?? false
  }

  /// Python's `==`.
  func isEqual(to other: Value, _ level: Int = 0) throws(JinjaError) -> Bool {
    if let left = text {
      guard let right = other.text else { return false }
      return left == right
    }
    switch (self, other) {
    case (.none, .none): return true
    case (.undefined, .undefined): return true
    case (.int(let left, _), .int(let right, _)): return left == right
    case (.bool(let left, _), .bool(let right, _)): return left == right
    case (.list(let left), .list(let right)), (.tuple(let left), .tuple(let right)):
      if left === right { return true }
      guard left.count == right.count else { return false }
      guard level < Self.walkLimit else { throw Self.tooDeep("compare") }
      for place in 0..<left.count where !(try left[place].isEqual(to: right[place], level + 1)) {
        return false
      }
      return true
    case (.dict(let left), .dict(let right)):
      if left === right { return true }
      guard left.count == right.count else { return false }
      guard level < Self.walkLimit else { throw Self.tooDeep("compare") }
      for place in 0..<left.count {
        guard let found = try right.place(of: left.key(at: place)),
          try left.value(at: place).isEqual(to: right.value(at: found), level + 1)
        else { return false }
      }
      return true
    case (.object(let left), .object(let right)):
      return try left.target.isEqual(to: right.target, level)
    default:
      guard let left = Number(self), let right = Number(other) else { return false }
      return left.compare(right) == 0
    }
  }

  /// Python's order, or an error where two types have none.
  ///
  /// - Returns: Negative, zero or positive; nil where one is not a number (NaN).
  func compare(
    to other: Value, _ comparison: ComparisonOperator, _ level: Int = 0
  ) throws(JinjaError) -> Int? {
    if case .int(let left, _) = self, case .int(let right, _) = other {
      return left < right ? -1 : left == right ? 0 : 1
    }
    if let left = text, let right = other.text { return left.compare(right) }
    if let left = Number(self), let right = Number(other) { return left.compare(right) }
    switch (self, other) {
    case (.undefined(let value), _), (_, .undefined(let value)): throw value.error
    case (.list(let left), .list(let right)), (.tuple(let left), .tuple(let right)):
      guard level < Self.walkLimit else { throw Self.tooDeep("compare") }
      for place in 0..<min(left.count, right.count)
      where try !left[place].isEqual(to: right[place], level + 1) {
        return try left[place].compare(to: right[place], comparison, level + 1)
      }
      return left.count - right.count
    default:
      throw JinjaError(
        .type,
        "'\(comparison.symbol)' not supported between instances of '\(typeName)' and '\(other.typeName)'"
      )
    }
  }

  func isOrdered(_ comparison: ComparisonOperator, before other: Value) throws(JinjaError) -> Bool {
    guard let order = try compare(to: other, comparison) else { return false }
    switch comparison {
    case .less: return order < 0
    case .lessEqual: return order <= 0
    case .greater: return order > 0
    default: return order >= 0
    }
  }
}

/// Numbers of all kinds, for mixed arithmetic.
enum Number {
  case int(Int)
  case big(BigInteger)
  case double(Double)

  init?(_ value: Value) {
    switch value {
    case .bool(let value, _): self = .int(value ? 1 : 0)
    case .int(let value, _): self = .int(value)
    case .bigInteger(let box): self = .big(box.value)
    case .double(let value, _): self = .double(value)
    default: return nil
    }
  }

  var big: BigInteger {
    switch self {
    case .int(let value): BigInteger(value)
    case .big(let value): value
    case .double(let value): BigInteger(truncating: value)
    }
  }

  var double: Double {
    switch self {
    case .int(let value): Double(value)
    case .big(let value): value.double
    case .double(let value): value
    }
  }

  /// Exact, between integers and floats too; nil for NaN.
  func compare(_ other: Number) -> Int? {
    switch (self, other) {
    case (.int(let left), .int(let right)): return left < right ? -1 : left == right ? 0 : 1
    case (.double(let left), .double(let right)):
      if left.isNaN || right.isNaN { return nil }
      return left < right ? -1 : left == right ? 0 : 1
    case (.double(let left), _): return other.compare(exactly: left).map { -$0 }
    case (_, .double(let right)): return compare(exactly: right)
    default: return big.compare(other.big)
    }
  }

  private func compare(exactly right: Double) -> Int? {
    if right.isNaN { return nil }
    if right.isInfinite { return right < 0 ? 1 : -1 }
    let whole = right.rounded(.down)
    let order = big.compare(BigInteger(truncating: whole))
    return order != 0 ? order : whole == right ? 0 : -1
  }
}

/// Sorting with a comparison that may fail; stable, as Python's.
enum MergeSort {
  static func sorted<T>(
    _ items: [T], _ isBefore: (T, T) throws(JinjaError) -> Bool
  ) throws(JinjaError) -> [T] {
    var source = items
    var width = 1
    while width < source.count {
      var output: [T] = []
      output.reserveCapacity(source.count)
      var start = 0
      while start < source.count {
        let middle = min(start + width, source.count)
        let end = min(start + 2 * width, source.count)
        var left = start
        var right = middle
        while left < middle, right < end {
          if try isBefore(source[right], source[left]) {
            output.append(source[right])
            right += 1
          } else {
            output.append(source[left])
            left += 1
          }
        }
        output += source[left..<middle]
        output += source[right..<end]
        start = end
      }
      source = output
      width *= 2
    }
    return source
  }
}
