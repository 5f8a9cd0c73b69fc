// SPDX-License-Identifier: Apache-2.0

import TextPrimitives

extension Machine {
  /// `subject.name`: a Python attribute first, then an item.
  mutating func attribute(
    _ name: ProgramName, of subject: Value, _ index: Int32
  ) throws(JinjaError) -> Value {
    if case .undefined(let undefined) = subject {
      // The object that stands for the undefined has Python's own attributes.
      if name.isPrivate, Method.hidden.contains(name.string) { return unsafe(name, subject) }
      throw undefined.error
    }
    if let value = try pythonAttribute(name, of: subject) { return value }
    switch subject {
    case .dict(let box):
      if let place = box.place(of: name.text, hash: name.hash) { return box.value(at: place) }
    case .object(let object):
      if let value = try object.target.item(.string(name.text)) { return value }
    default: break
    }
    return try undefinedMember(name, of: subject, index)
  }

  /// A method that can be called at once, without making a value of it.
  mutating func directMethod(_ name: ProgramName, of subject: Value) -> Method? {
    guard let method = name.method else { return nil }
    switch subject {
    case .string: return method.owners.contains(.text) ? method : nil
    case .dict: return method.owners.contains(.dict) && !method.mutatesDict ? method : nil
    default: return nil
    }
  }

  /// What Python's `getattr` finds, as the sandbox lets it through.
  mutating func pythonAttribute(
    _ name: ProgramName, of subject: Value
  ) throws(JinjaError) -> Value? {
    if case .undefined(let undefined) = subject { throw undefined.error }
    if case .object(let object) = subject,
      let value = try object.target.attribute(name, &self)
    {
      return value
    }
    if let method = name.method {
      let owner: Method.Owners
      switch subject {
      case .string: owner = .text
      case .markup: owner = [.text, .markup]
      case .dict: owner = .dict
      case .list: owner = .list
      case .tuple(let box):
        if box.isGroup, method == .list || method == .grouper {
          return box[method == .grouper ? 0 : 1]
        }
        owner = .tuple
      case .int, .bool, .bigInteger: owner = .integer
      case .double: owner = .float
      default: owner = []
      }
      if !method.owners.isDisjoint(with: owner) {
        if case .dict = subject, method.mutatesDict { return unsafe(name, subject) }
        if case .list = subject, method.mutatesList { return unsafe(name, subject) }
        if let value = method.property(of: subject) { return value }
        return .object(BoundMethod(subject, method))
      }
    }
    if name.isPrivate, Method.hidden.contains(name.string) { return unsafe(name, subject) }
    return nil
  }

  private func unsafe(_ name: ProgramName, _ subject: Value) -> Value {
    .undefined(
      UndefinedValue(
        .unsafe(
          "access to attribute '\(name.string)' of '\(subject.typeName)' object is unsafe.")))
  }

  mutating func undefinedMember(
    _ name: ProgramName, of subject: Value, _ index: Int32
  ) throws(JinjaError) -> Value {
    if case .dict(let box) = subject {
      if options.strictness != .quiet { try note(unknownMember: name.string, of: box, index) }
    }
    return .undefined(
      UndefinedValue(.attribute(name: name.string, ofType: subject.typeWords)))
  }

  /// `subject[key]`: an item first, then a Python attribute.
  mutating func item(_ key: Value, of subject: Value, _ index: Int32 = -1) throws(JinjaError)
    -> Value
  {
    if case .undefined(let undefined) = subject { throw undefined.error }
    switch subject {
    case .dict(let box):
      if (try? key.pythonHash()) != nil, let place = try box.place(of: key) {
        return box.value(at: place)
      }
    case .list(let box), .tuple(let box):
      if let place = key.index {
        let place = place < 0 ? place + box.count : place
        if place >= 0, place < box.count { return box[place] }
      }
    case .string(let text), .markup(let text):
      if let place = key.index, let part = Slicing.scalar(of: text, at: place) {
        if case .markup = subject { return .markup(part) }
        return .string(part)
      }
    case .object(let object):
      if let value = try object.target.item(key) { return value }
    default: break
    }
    guard let text = key.text else {
      return .undefined(
        UndefinedValue(
          .element(key: PythonText.description(key), ofType: subject.typeWords)))
    }
    let name = ProgramName(text.string, literal: nil)
    if let value = try pythonAttribute(name, of: subject) { return value }
    return try undefinedMember(name, of: subject, index)
  }

  /// Follows a path of names and numbers, as the `attribute` arguments of filters do.
  mutating func look(
    up path: [Value], in value: Value, defaultValue: Value? = nil
  ) throws(JinjaError) -> Value {
    var value = value
    for part in path {
      value = try item(part, of: value)
      if value.isUndefined, let defaultValue { value = defaultValue }
    }
    return value
  }

  // MARK: Reads of what is not there

  mutating func note(unknownVariable name: String, _ index: Int32) throws(JinjaError) {
    guard index != guardedNode, notedNodes.insert(index).inserted else { return }
    let names = tree.context.names + program.names.filter { $0.global != nil }.map(\.string)
    try report(
      "'\(name)' is undefined", Suggestion.nearest(to: name, among: names), index)
  }

  mutating func note(
    unknownMember name: String, of box: DictBox, _ index: Int32
  ) throws(JinjaError) {
    guard index >= 0, index != guardedNode, notedNodes.insert(index).inserted else { return }
    let hint = Suggestion.nearest(to: name, among: box.keys.compactMap { $0.text?.string })
    // Keys of messages are optional: only one that looks misspelt is worth a warning.
    if options.strictness == .strict || hint != nil {
      try report("'dict object' has no attribute '\(name)'", hint, index)
    }
  }

  private mutating func report(
    _ message: String, _ hint: String?, _ index: Int32
  ) throws(JinjaError) {
    if options.strictness == .strict {
      position = index
      throw JinjaError(.strict, message, hint: hint)
    }
    let range = program.spans[Int(index)].range
    let excerpt = SourceExcerpt(
      name: program.name, source: program.source, range: range,
      message: hint.map { "\(message); \($0)" } ?? message)
    warnings.append(
      JinjaOutput.Warning(
        message: message, hint: hint, range: range, description: excerpt.description))
  }

  // MARK: Macros

  mutating func invoke(
    _ macro: MacroObject, _ arguments: CallValues
  ) throws(JinjaError) -> Value {
    let definition = macro.definition
    try enter()
    let frame = Activation(count: Int(definition.slotCount), parent: macro.activation)
    try bind(arguments, to: definition, frame)
    let outer = activation
    activation = frame
    let text: Text
    do throws(JinjaError) {
      enter(definition.loads)
      let required = definition.parameters.count - definition.defaults.count
      for (place, slot) in definition.parameterSlots.enumerated() {
        guard case .missing = frame[slot] else { continue }
        if place >= required {
          frame[slot] = try evaluate(definition.defaults[place - required])
        } else {
          frame[slot] = .undefined(
            hint: "parameter '\(definition.parameters[place])' was not provided")
        }
      }
      text = try capture(definition.body).text
    } catch {
      throw error.adding(
        JinjaError.Frame(
          name: definition.name.map { "macro '\($0)'" } ?? "call block",
          range: definition.span.range, iteration: nil, element: nil))
    }
    activation = outer
    depth -= 1
    return autoescape ? .markup(text) : .string(text)
  }

  private func bind(
    _ arguments: CallValues, to definition: ProgramMacro, _ frame: Activation
  ) throws(JinjaError) {
    var arguments = arguments
    let name = definition.name ?? "None"
    let count = definition.parameters.count
    var hasCaller = arguments.positional.count >= count && definition.parameters.contains("caller")
    for (place, parameter) in definition.parameters.enumerated() {
      let slot = definition.parameterSlots[place]
      if place < arguments.positional.count {
        frame[slot] = arguments.positional[place]
      } else {
        if let value = arguments.takeKeyword(parameter) { frame[slot] = value }
        if parameter == "caller" { hasCaller = true }
      }
    }
    if definition.callerSlot >= 0, !hasCaller {
      let caller = arguments.takeKeyword("caller")
      let isNone = caller?.isNone ?? true
      frame[definition.callerSlot] =
        isNone ? .undefined(hint: "No caller defined") : caller ?? .none
    }
    if definition.keywordsSlot >= 0 {
      let box = DictBox()
      for (name, value) in arguments.keywords { try box.set(.string(name), to: value) }
      frame[definition.keywordsSlot] = .dict(box)
    } else if let first = arguments.keywords.first {
      throw JinjaError(.type, "macro '\(name)' takes no keyword argument '\(first.name)'")
    }
    let extra = Array(arguments.positional.dropFirst(count))
    if definition.positionalsSlot >= 0 {
      frame[definition.positionalsSlot] = .tuple(extra)
    } else if !extra.isEmpty {
      throw JinjaError(.type, "macro '\(name)' takes not more than \(count) argument(s)")
    }
  }
}
