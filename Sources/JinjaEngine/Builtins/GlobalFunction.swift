// SPDX-License-Identifier: Apache-2.0

import TextPrimitives

/// The functions that every template finds in its context.
final class GlobalFunction: JinjaObject {
  enum Kind: String, Sendable {
    case raiseException = "raise_exception"
    case strftimeNow = "strftime_now"
    case dict, namespace, range, lipsum, cycler, joiner
  }

  let kind: Kind

  init(_ kind: Kind) { self.kind = kind }

  override var typeName: String {
    switch kind {
    case .dict: "TemplateDict"
    case .namespace, .cycler, .joiner: "type"
    default: "function"
    }
  }
  override var isCallable: Bool { true }

  override func isEqual(to other: JinjaObject, _ level: Int) throws(JinjaError) -> Bool {
    (other as? GlobalFunction)?.kind == kind
  }

  override func attribute(
    _ name: ProgramName, _ machine: inout Machine
  ) throws(JinjaError) -> Value? {
    guard kind == .dict, name.method == .fromkeys else { return nil }
    return .object(BoundMethod(.dict(DictBox()), .fromkeys))
  }

  override func call(_ arguments: CallValues, _ machine: inout Machine) throws(JinjaError) -> Value
  {
    switch kind {
    case .raiseException:
      let binder = try ArgumentBinder(arguments, "raise_exception", ["message"], required: 1)
      throw JinjaError(.raised, try PythonText.str(binder.required(0)).string)
    case .strftimeNow:
      let binder = try ArgumentBinder(arguments, "strftime_now", ["format"], required: 1)
      guard let format = binder.required(0).text else {
        throw JinjaError(
          .type, "strftime() argument 1 must be str, not \(binder.required(0).typeName)")
      }
      let now = machine.options.now ?? .now
      return .string(
        Text(now.formatted(format.array), origin: format.origin.isInput ? format.origin : .none))
    case .dict: return .dict(try Self.makeDict(arguments, &machine))
    case .namespace:
      let members = try Self.makeDict(arguments, &machine)
      for key in members.keys { if let text = key.text { try NamespaceObject.check(text) } }
      return .object(NamespaceObject(members))
    case .range: return try makeRange(arguments)
    case .lipsum: return try Lipsum.generate(arguments, &machine)
    case .cycler:
      guard !arguments.positional.isEmpty else {
        throw JinjaError(.runtime, "at least one item has to be provided")
      }
      guard arguments.keywords.isEmpty else {
        throw JinjaError(.type, "cycler() takes no keyword arguments")
      }
      return .object(CyclerObject(arguments.positional))
    case .joiner:
      let binder = try ArgumentBinder(arguments, "joiner", ["sep"])
      return .object(JoinerObject(binder[0] ?? .string(", ")))
    }
  }

  private func makeRange(_ arguments: CallValues) throws(JinjaError) -> Value {
    guard arguments.keywords.isEmpty else {
      throw JinjaError(.type, "safe_range() got an unexpected keyword argument")
    }
    guard (1...3).contains(arguments.positional.count) else {
      throw JinjaError(
        .type, "range expected 1 to 3 arguments, got \(arguments.positional.count)")
    }
    var bounds: [Int] = []
    for value in arguments.positional { bounds.append(try ArgumentBinder.integer(value)) }
    let step = bounds.count == 3 ? bounds[2] : 1
    guard step != 0 else { throw JinjaError(.value, "range() arg 3 must not be zero") }
    let range =
      bounds.count == 1 ? RangeObject(0, bounds[0], 1) : RangeObject(bounds[0], bounds[1], step)
    guard range.count <= 100_000 else {
      throw JinjaError(
        .overflow,
        "Range too big. The sandbox blocks ranges larger than MAX_RANGE (100000).")
    }
    return .object(range)
  }

  /// `dict(mapping or pairs, **members)`.
  static func makeDict(
    _ arguments: CallValues, _ machine: inout Machine
  ) throws(JinjaError) -> DictBox {
    guard arguments.positional.count <= 1 else {
      throw JinjaError(
        .type, "dict expected at most 1 argument, got \(arguments.positional.count)")
    }
    let box = DictBox()
    switch arguments.positional.first {
    case nil: break
    case .dict(let source)?:
      for place in 0..<source.count {
        try box.set(source.key(at: place), to: source.value(at: place))
      }
    case let source?:
      for (place, item) in try machine.items(of: source).enumerated() {
        guard item.cursor != nil else {
          throw JinjaError(
            .type, "cannot convert dictionary update sequence element #\(place) to a sequence")
        }
        let pair = try machine.items(of: item)
        guard pair.count == 2 else {
          throw JinjaError(
            .value,
            "dictionary update sequence element #\(place) has length \(pair.count); 2 is required")
        }
        try box.set(pair[0], to: pair[1])
      }
    }
    for (name, value) in arguments.keywords { try box.set(.string(name), to: value) }
    return box
  }
}
