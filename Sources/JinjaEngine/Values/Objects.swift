// SPDX-License-Identifier: Apache-2.0

/// `namespace(…)`: the one thing that templates can change.
final class NamespaceObject: JinjaObject {
  let members: DictBox

  init(_ members: DictBox) { self.members = members }

  override var typeName: String { "TemplateNamespace" }
  override var typeWords: String {
    "transformers.utils.chat_template_utils.TemplateNamespace object"
  }

  override func attribute(
    _ name: ProgramName, _ machine: inout Machine
  ) throws(JinjaError) -> Value? {
    members.place(of: name.text, hash: name.hash).map { members.value(at: $0) }
  }

  override func item(_ key: Value) throws(JinjaError) -> Value? {
    try members.place(of: key).map { members.value(at: $0) }
  }

  override func writeDescription(to output: inout [UInt8], level: Int) throws(JinjaError) -> Origin
  {
    output += "<Namespace ".utf8
    let origin = try PythonText.writeMembers(members, to: &output, level + 1)
    output.append(UInt8(ascii: ">"))
    return origin
  }

  static func check(_ name: Text) throws(JinjaError) {
    guard name.bytes.first == UInt8(ascii: "_") else { return }
    throw JinjaError(
      .security,
      "Chat templates cannot store underscore-prefixed attributes on a namespace, but got"
        + " '\(name.string)'. Please rename the attribute.")
  }
}

/// `range(…)`.
final class RangeObject: JinjaObject {
  let start: Int
  let step: Int
  let count: Int
  private let stop: Int

  init(_ start: Int, _ stop: Int, _ step: Int) {
    self.start = start
    self.stop = stop
    self.step = step
    let (distance, overflow) =
      step > 0
      ? stop.subtractingReportingOverflow(start) : start.subtractingReportingOverflow(stop)
    if distance <= 0 && !overflow || (step > 0 ? stop <= start : stop >= start) {
      count = 0
    } else if overflow {
      count = .max
    } else {
      count = Int(
        (UInt(distance) &+ step.magnitude &- 1) / step.magnitude)
    }
  }

  override var typeName: String { "range" }
  override var length: Int? { count }

  override func cursor() -> Cursor? { .range(next: start, step: step, remaining: count) }

  func value(at index: Int) -> Int { start &+ index &* step }

  override func item(_ key: Value) throws(JinjaError) -> Value? {
    guard let index = key.index else { return nil }
    let place = index < 0 ? index + count : index
    return place >= 0 && place < count ? .int(value(at: place)) : nil
  }

  override func contains(_ value: Value, _ machine: inout Machine) throws(JinjaError) -> Bool {
    guard let number = Number(value), case .int(let whole) = number else {
      return try super.contains(value, &machine)
    }
    guard count > 0 else { return false }
    let distance = whole &- start
    return distance % step == 0 && distance / step >= 0 && distance / step < count
  }

  override func isEqual(to other: JinjaObject, _ level: Int) throws(JinjaError) -> Bool {
    guard let other = other as? RangeObject, count == other.count else { return false }
    return count == 0 || start == other.start && (count == 1 || step == other.step)
  }

  override func attribute(
    _ name: ProgramName, _ machine: inout Machine
  ) throws(JinjaError) -> Value? {
    switch name.string {
    case "start": return .int(start)
    case "stop": return .int(stop)
    case "step": return .int(step)
    case "count", "index": return name.method.map { .object(BoundMethod(.object(self), $0)) }
    default: return nil
    }
  }

  override func writeDescription(to output: inout [UInt8], level: Int) throws(JinjaError) -> Origin
  {
    output += (step == 1 ? "range(\(start), \(stop))" : "range(\(start), \(stop), \(step))").utf8
    return .none
  }
}

/// `d.keys()`, `d.values()` and `d.items()`.
final class DictView: JinjaObject {
  enum Kind { case keys, values, items }

  let kind: Kind
  let box: DictBox

  init(_ kind: Kind, _ box: DictBox) {
    self.kind = kind
    self.box = box
  }

  override var typeName: String {
    switch kind {
    case .keys: "dict_keys"
    case .values: "dict_values"
    case .items: "dict_items"
    }
  }
  override var length: Int? { box.count }
  override var isHashable: Bool { kind == .values }

  override func cursor() -> Cursor? {
    switch kind {
    case .keys: .keys(box, 0)
    case .values: .values(box, 0)
    case .items: .pairs(box, 0)
    }
  }

  override func contains(_ value: Value, _ machine: inout Machine) throws(JinjaError) -> Bool {
    if kind == .keys { return try box.place(of: value) != nil }
    return try super.contains(value, &machine)
  }

  override func isEqual(to other: JinjaObject, _ level: Int) throws(JinjaError) -> Bool {
    guard let other = other as? DictView, kind != .values else { return self === other }
    guard other.kind == kind, other.box.count == box.count else { return false }
    for place in 0..<box.count {
      guard let found = try other.box.place(of: box.key(at: place)) else { return false }
      if kind == .items,
        try !box.value(at: place).isEqual(to: other.box.value(at: found), level + 1)
      {
        return false
      }
    }
    return true
  }

  override func writeDescription(to output: inout [UInt8], level: Int) throws(JinjaError) -> Origin
  {
    output += "\(typeName)([".utf8
    var origin = box.origin
    for place in 0..<box.count {
      if place > 0 { output += ", ".utf8 }
      let item: Value =
        switch kind {
        case .keys: box.key(at: place)
        case .values: box.value(at: place)
        case .items: .tuple([box.key(at: place), box.value(at: place)])
        }
      origin = origin.combined(with: try PythonText.write(item, to: &output, level: level + 1))
    }
    output += "])".utf8
    return origin
  }
}

/// A method together with the value it was read from.
final class BoundMethod: JinjaObject {
  let receiver: Value
  let method: Method

  init(_ receiver: Value, _ method: Method) {
    self.receiver = receiver
    self.method = method
  }

  override var typeName: String { "builtin_function_or_method" }
  override var isCallable: Bool { true }

  override func call(_ arguments: CallValues, _ machine: inout Machine) throws(JinjaError) -> Value
  {
    try machine.callMethod(method, of: receiver, arguments)
  }

  override func isEqual(to other: JinjaObject, _ level: Int) throws(JinjaError) -> Bool {
    guard let other = other as? BoundMethod else { return false }
    return method == other.method && receiver.isSame(as: other.receiver)
  }

  override func writeDescription(to output: inout [UInt8], level: Int) throws(JinjaError) -> Origin
  {
    output += "<built-in method \(method.rawValue) of \(receiver.typeName) object>".utf8
    return .none
  }
}

/// A macro, or the body of a call block.
final class MacroObject: JinjaObject {
  let index: Int32
  let definition: ProgramMacro
  let activation: Activation

  init(_ index: Int32, _ definition: ProgramMacro, _ activation: Activation) {
    self.index = index
    self.definition = definition
    self.activation = activation
  }

  override var typeName: String { "Macro" }
  override var typeWords: String { "jinja2.runtime.Macro object" }
  override var isCallable: Bool { true }

  override func call(_ arguments: CallValues, _ machine: inout Machine) throws(JinjaError) -> Value
  {
    try machine.invoke(self, arguments)
  }

  override func attribute(
    _ name: ProgramName, _ machine: inout Machine
  ) throws(JinjaError) -> Value? {
    switch name.string {
    case "name": return definition.name.map { .string($0) } ?? Value.none
    case "arguments": return .tuple(definition.parameters.map { .string($0) })
    case "catch_kwargs": return .bool(definition.keywordsSlot >= 0)
    case "catch_varargs": return .bool(definition.positionalsSlot >= 0)
    case "caller": return .bool(definition.callerSlot >= 0)
    case "explicit_caller": return .bool(definition.parameters.contains("caller"))
    default: return nil
    }
  }

  override func writeDescription(to output: inout [UInt8], level: Int) throws(JinjaError) -> Origin
  {
    output += "<Macro \(definition.name.map { "'\($0)'" } ?? "anonymous")>".utf8
    return .none
  }
}

/// `self.name` and `super`: a block that can be called.
final class BlockReference: JinjaObject {
  let index: Int

  init(_ index: Int) { self.index = index }

  override var typeName: String { "BlockReference" }
  override var isCallable: Bool { true }

  override func call(_ arguments: CallValues, _ machine: inout Machine) throws(JinjaError) -> Value
  {
    try machine.renderBlock(index)
  }
}

/// `self` in templates with blocks.
final class TemplateReference: JinjaObject {
  override var typeName: String { "TemplateReference" }

  override func attribute(
    _ name: ProgramName, _ machine: inout Machine
  ) throws(JinjaError) -> Value? {
    let place = machine.program.blocks.firstIndex { Parser.same($0.name, name.string) }
    return place.map { .object(BlockReference($0)) }
  }

  override func writeDescription(to output: inout [UInt8], level: Int) throws(JinjaError) -> Origin
  {
    output += "<TemplateReference None>".utf8
    return .none
  }
}

/// `cycler(…)`.
final class CyclerObject: JinjaObject {
  let items: [Value]
  private var place = 0

  init(_ items: [Value]) { self.items = items }

  override var typeName: String { "Cycler" }

  override func attribute(
    _ name: ProgramName, _ machine: inout Machine
  ) throws(JinjaError) -> Value? {
    switch name.string {
    case "current": return items[place]
    case "items": return .tuple(items)
    case "pos": return .int(place)
    case "next", "reset": return name.method.map { .object(BoundMethod(.object(self), $0)) }
    default: return nil
    }
  }

  func next() -> Value {
    defer { place = (place + 1) % items.count }
    return items[place]
  }

  func reset() { place = 0 }
}

/// `joiner(…)`: nothing the first time, then the separator.
final class JoinerObject: JinjaObject {
  let separator: Value
  private var wasUsed = false

  init(_ separator: Value) { self.separator = separator }

  override var typeName: String { "Joiner" }
  override var isCallable: Bool { true }

  override func attribute(
    _ name: ProgramName, _ machine: inout Machine
  ) throws(JinjaError) -> Value? {
    switch name.string {
    case "sep": return separator
    case "used": return .bool(wasUsed)
    default: return nil
    }
  }

  override func call(_ arguments: CallValues, _ machine: inout Machine) throws(JinjaError) -> Value
  {
    guard arguments.isEmpty else { throw JinjaError(.type, "joiner takes no arguments") }
    guard wasUsed else {
      wasUsed = true
      return .string(.empty)
    }
    return separator
  }
}

extension Value {
  /// The value as Python's `__index__` gives it: integers and booleans.
  var index: Int? {
    switch self {
    case .int(let value, _): value
    case .bool(let value, _): value ? 1 : 0
    case .bigInteger(let box): box.value.isNegative ? .min / 2 : .max / 2
    default: nil
    }
  }
}
