// SPDX-License-Identifier: Apache-2.0

extension Machine {
  mutating func add(_ left: Value, _ right: Value) throws(JinjaError) -> Value {
    switch (left, right) {
    case (.int(let a, let origin), .int(let b, let other)):
      let (sum, overflow) = a.addingReportingOverflow(b)
      if !overflow { return .int(sum, origin.combined(with: other)) }
    case (.string(let a), .string(let b)):
      if a.isEmpty { return right }
      if b.isEmpty { return left }
      return .string(try join(a, b))
    case (.markup, .string), (.markup, .markup), (.string, .markup):
      return .markup(try join(try Escaping.escapedText(left), try Escaping.escapedText(right)))
    case (.list(let a), .list(let b)):
      try check(collection: a.count + b.count)
      try spend(b.count + a.count)
      return .list(a.array + b.items)
    case (.tuple(let a), .tuple(let b)):
      try check(collection: a.count + b.count)
      try spend(b.count + a.count)
      return .tuple(a.array + b.items)
    default: break
    }
    return try apply(.add, left, right)
  }

  private mutating func join(_ left: Text, _ right: Text) throws(JinjaError) -> Text {
    try check(bytes: left.byteCount + right.byteCount)
    try spend((left.byteCount + right.byteCount) >> 6)
    var builder = TextBuilder()
    builder.append(left)
    builder.append(right)
    return builder.text
  }

  mutating func apply(
    _ operation: BinaryOperator, _ left: Value, _ right: Value
  ) throws(JinjaError) -> Value {
    if let leftNumber = Number(left), let rightNumber = Number(right) {
      return try Arithmetic.apply(
        operation, leftNumber, rightNumber, origin: left.origin.combined(with: right.origin),
        bitLimit: 1 << 20)
    }
    if case .undefined(let undefined) = left { throw undefined.error }
    if operation == .modulo {
      switch left {
      case .string(let text):
        return .string(try PercentFormat.format(text, right, isMarkup: false, &self))
      case .markup(let text):
        return .markup(try PercentFormat.format(text, right, isMarkup: true, &self))
      default: break
      }
    }
    if case .undefined(let undefined) = right { throw undefined.error }
    if operation == .multiply, let value = try multiply(left, right) { return value }
    if operation == .add {
      switch (left, right) {
      case (.string, _):
        throw JinjaError(
          .type, "can only concatenate str (not \"\(right.typeName)\") to str",
          hint: "'~' converts its operands to text")
      case (.list, _):
        throw JinjaError(
          .type, "can only concatenate list (not \"\(right.typeName)\") to list")
      case (.tuple, _):
        throw JinjaError(
          .type, "can only concatenate tuple (not \"\(right.typeName)\") to tuple")
      default: break
      }
    }
    if operation == .subtract, case .object(let a) = left, case .object(let b) = right,
      a.target is DictView, let b = b.target as? DictView, b.kind != .values
    {
      var rest: [Value] = []
      for item in try items(of: left) where try !b.contains(item, &self) {
        rest.append(item)
      }
      return .list(rest)
    }
    throw JinjaError(
      .type,
      "unsupported operand type(s) for \(operation.symbol): '\(left.typeName)' and '\(right.typeName)'"
    )
  }

  private mutating func multiply(_ left: Value, _ right: Value) throws(JinjaError) -> Value? {
    let (subject, factor) = left.index == nil ? (left, right) : (right, left)
    switch subject {
    case .string, .markup, .list, .tuple: break
    default: return nil
    }
    if case .bigInteger = factor {
      throw JinjaError(.overflow, "cannot fit 'int' into an index-sized integer")
    }
    guard let times = factor.index else {
      throw JinjaError(
        .type, "can't multiply sequence by non-int of type '\(factor.typeName)'")
    }
    let count = max(0, times)
    switch subject {
    case .string(let text): return .string(try repeated(text, count))
    case .markup(let text): return .markup(try repeated(text, count))
    case .list(let box): return .list(try repeated(box.array, count))
    case .tuple(let box): return .tuple(try repeated(box.array, count))
    default: return nil
    }
  }

  mutating func repeated(_ text: Text, _ count: Int) throws(JinjaError) -> Text {
    let (total, overflow) = text.byteCount.multipliedReportingOverflow(by: count)
    try check(bytes: overflow ? .max : total)
    if text.isEmpty { return text }
    try spend(total >> 6)
    if text.storage.pieces.isEmpty {
      var bytes: [UInt8] = []
      bytes.reserveCapacity(total)
      for _ in 0..<count { bytes += text.bytes }
      return Text(
        TextStorage(
          ArenaBuffer(bytes), origin: text.storage.origin, generation: text.storage.generation))
    }
    try spend(count)
    var builder = TextBuilder()
    for _ in 0..<count { builder.append(text) }
    return builder.text
  }

  private mutating func repeated(_ items: [Value], _ count: Int) throws(JinjaError) -> [Value] {
    let (total, overflow) = items.count.multipliedReportingOverflow(by: count)
    try check(collection: overflow ? .max : total)
    if items.isEmpty { return [] }
    try spend(total)
    var output: [Value] = []
    output.reserveCapacity(total)
    for _ in 0..<count { output += items }
    return output
  }
}
