// SPDX-License-Identifier: Apache-2.0

/// What a filter such as `map` gives: items that are made when they are asked for, once.
final class GeneratorObject: JinjaObject {
  enum Step {
    case identity
    case attribute([Value], defaultValue: Value?)
    case filter(BuiltinFilter, CallValues)
    /// `path` is empty where the item itself is tested; nil tests truth.
    case select(path: [Value], BuiltinTest?, CallValues, keeps: Bool)
    case unique(path: [Value], isCaseSensitive: Bool)
    case batch(Int, fill: Value?)
    case slices(Value, Value, fill: Value?)
    case error(JinjaError)
  }

  private var source: Cursor
  private let step: Step
  private var seen = DictBox()
  private var isFinished = false
  private var hasStarted = false

  init(_ source: Cursor, _ step: Step) {
    self.source = source
    self.step = step
  }

  /// Items that are there already.
  convenience init(_ items: [Value]) {
    self.init(.list(ListBox(items), 0), .identity)
  }

  override var typeName: String { "generator" }

  override func cursor() -> Cursor? { .generator(self) }

  override func writeDescription(to output: inout [UInt8], level: Int) throws(JinjaError) -> Origin
  {
    output += "<generator object>".utf8
    return .none
  }

  func next(_ machine: inout Machine) throws(JinjaError) -> Value? {
    guard !isFinished else { return nil }
    do throws(JinjaError) {
      if let value = try step(&machine) { return value }
    } catch {
      isFinished = true
      throw error
    }
    isFinished = true
    return nil
  }

  private func step(_ machine: inout Machine) throws(JinjaError) -> Value? {
    if case .error(let error) = step { throw error }
    if case .slices(let subject, let count, let fill) = step, !hasStarted {
      hasStarted = true
      source = .list(ListBox(try machine.slices(of: subject, count: count, fill: fill)), 0)
    }
    if case .batch(let count, let fill) = step { return try nextBatch(count, fill, &machine) }
    while let item = try source.next(&machine) {
      try machine.spend()
      switch step {
      case .identity, .batch, .slices, .error: return item
      case .attribute(let path, let defaultValue):
        return try machine.look(up: path, in: item, defaultValue: defaultValue)
      case .filter(let filter, let arguments):
        return try machine.apply(filter, to: item, arguments)
      case .select(let path, let test, let arguments, let keeps):
        let subject = try machine.look(up: path, in: item)
        let result: Bool
        if let test {
          result = try machine.apply(test, to: subject, arguments)
        } else {
          result = subject.isTrue
        }
        if result == keeps { return item }
      case .unique(let path, let isCaseSensitive):
        var key = try machine.look(up: path, in: item)
        if !isCaseSensitive { key = key.ignoringCase }
        if try seen.place(of: key) == nil {
          try seen.set(key, to: .none)
          return item
        }
      }
    }
    return nil
  }

  private func nextBatch(
    _ count: Int, _ fill: Value?, _ machine: inout Machine
  ) throws(JinjaError) -> Value? {
    var items: [Value] = []
    while items.count != count || items.isEmpty, let item = try source.next(&machine) {
      items.append(item)
    }
    guard !items.isEmpty else { return nil }
    if let fill, items.count < count {
      try machine.check(collection: count)
      items += Array(repeating: fill, count: count - items.count)
    }
    return .list(items)
  }
}
