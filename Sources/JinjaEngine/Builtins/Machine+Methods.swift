// SPDX-License-Identifier: Apache-2.0

extension Machine {
  mutating func callMethod(
    _ method: Method, of receiver: Value, _ arguments: CallValues
  ) throws(JinjaError) -> Value {
    switch receiver {
    case .string(let text): return try callTextMethod(method, text, false, arguments)
    case .markup(let text): return try callTextMethod(method, text, true, arguments)
    case .dict(let box): return try callDictMethod(method, box, arguments)
    case .list(let box), .tuple(let box):
      if method == .copy { return .list(ListBox(box.items)) }
      return try searchItems(method, box.array, arguments)
    case .object(let object): return try callObjectMethod(method, object.target, arguments)
    default: return try callNumberMethod(method, receiver, arguments)
    }
  }

  private mutating func callDictMethod(
    _ method: Method, _ box: DictBox, _ arguments: CallValues
  ) throws(JinjaError) -> Value {
    switch method {
    case .items, .keys, .values, .copy:
      _ = try ArgumentBinder(arguments, "dict.\(method.rawValue)", positionalOnly: true)
      switch method {
      case .items: return .object(DictView(.items, box))
      case .keys: return .object(DictView(.keys, box))
      case .values: return .object(DictView(.values, box))
      default: return .dict(try box.copy())
      }
    case .get:
      let binder = try ArgumentBinder(
        arguments, "get", ["key", "default"], required: 1, positionalOnly: true)
      if let place = try box.place(of: binder.required(0)) { return box.value(at: place) }
      return binder[1] ?? .none
    case .fromkeys:
      let binder = try ArgumentBinder(
        arguments, "fromkeys", ["iterable", "value"], required: 1, positionalOnly: true)
      let output = DictBox()
      for key in try items(of: binder.required(0)) { try output.set(key, to: binder[1] ?? .none) }
      return .dict(output)
    default: throw JinjaError(.security, "access to attribute '\(method.rawValue)' is unsafe.")
    }
  }

  private mutating func searchItems(
    _ method: Method, _ items: [Value], _ arguments: CallValues
  ) throws(JinjaError) -> Value {
    let names = method == .count ? ["value"] : ["value", "start", "stop"]
    let binder = try ArgumentBinder(
      arguments, method.rawValue, names, required: 1, positionalOnly: true)
    let wanted = binder.required(0)
    try spend(items.count)
    if method == .count {
      var count = 0
      for item in items {
        if item.isSame(as: wanted) {
          count += 1
        } else if try item.isEqual(to: wanted) {
          count += 1
        }
      }
      return .int(count)
    }
    let start = try binder.integer(1, default: 0)
    let stop = try binder.integer(2, default: items.count)
    let (first, last, _) = Slicing.bounds(start, stop, 1, count: items.count)
    var place = first
    while place < last {
      if try items[place].isEqual(to: wanted) { return .int(place) }
      place += 1
    }
    throw JinjaError(.value, "\(PythonText.description(wanted)) is not in list")
  }

  private mutating func callObjectMethod(
    _ method: Method, _ object: JinjaObject, _ arguments: CallValues
  ) throws(JinjaError) -> Value {
    switch (object, method) {
    case (let loop as LoopObject, .cycle): return try loop.cycle(arguments.positional)
    case (let loop as LoopObject, .changed): return .bool(try loop.changed(arguments.positional))
    case (let cycler as CyclerObject, .next): return cycler.next()
    case (let cycler as CyclerObject, .reset):
      cycler.reset()
      return .none
    case (is RangeObject, .count), (is RangeObject, .index):
      return try searchItems(method, try items(of: .object(object)), arguments)
    default:
      throw JinjaError(.type, "'\(object.typeName)' object has no method '\(method.rawValue)'")
    }
  }

  private func callNumberMethod(
    _ method: Method, _ value: Value, _ arguments: CallValues
  ) throws(JinjaError) -> Value {
    _ = try ArgumentBinder(arguments, method.rawValue, positionalOnly: true)
    switch (method, Number(value)) {
    case (.bitLength, let number?): return .int(number.big.bitWidth)
    case (.bitCount, let number?):
      return .int(number.big.limbs.reduce(0) { $0 + $1.nonzeroBitCount })
    case (.isInteger, .double(let value)?):
      return .bool(value.isFinite && value == value.rounded())
    case (.conjugate, _): return value
    case (.asIntegerRatio, .int(let value)?): return .tuple([.int(value), .int(1)])
    case (.asIntegerRatio, .double(let value)?):
      guard value.isFinite else {
        throw JinjaError(.overflow, "cannot convert infinity or NaN to integer ratio")
      }
      var numerator = value
      var exponent = 0
      while numerator != numerator.rounded() {
        numerator *= 2
        exponent += 1
      }
      return .tuple([
        .integer(BigInteger(truncating: numerator)),
        .integer(BigInteger(1).shiftedLeft(by: exponent)),
      ])
    default:
      throw JinjaError(.type, "'\(value.typeName)' has no method '\(method.rawValue)'")
    }
  }
}
