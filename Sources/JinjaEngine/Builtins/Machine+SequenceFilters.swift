// SPDX-License-Identifier: Apache-2.0

extension Machine {
  mutating func applySequence(
    _ filter: BuiltinFilter, _ subject: Value, _ arguments: CallValues
  ) throws(JinjaError) -> Value {
    switch filter {
    case .list:
      _ = try ArgumentBinder(arguments, "do_list")
      let items = try items(of: subject)
      try spend(items.count)
      return .list(items)
    case .first:
      _ = try ArgumentBinder(arguments, "do_first")
      var cursor = try subject.iterate()
      return try cursor.next(&self)
        ?? .undefined(hint: "No first item, sequence was empty.")
    case .last: return try last(subject, arguments)
    case .random:
      _ = try ArgumentBinder(arguments, "do_random")
      let count = try subject.length()
      guard count > 0 else {
        return .undefined(hint: "No random item, sequence was empty.")
      }
      return try item(.int(Int.random(in: 0..<count)), of: subject)
    case .reverse: return try reverse(subject, arguments)
    case .items:
      _ = try ArgumentBinder(arguments, "do_items")
      switch subject {
      case .undefined: return .object(GeneratorObject(.empty, .identity))
      case .dict(let box): return .object(GeneratorObject(.pairs(box, 0), .identity))
      default:
        let error = JinjaError(.type, "Can only get item pairs from a mapping.")
        return .object(GeneratorObject(.empty, .error(error)))
      }
    case .dictsort: return try sortMembers(subject, arguments)
    case .sort: return try sort(subject, arguments)
    case .unique:
      let binder = try ArgumentBinder(arguments, "do_unique", ["case_sensitive", "attribute"])
      let step = GeneratorObject.Step.unique(
        path: try attributePath(binder[1]), isCaseSensitive: binder.isTrue(0))
      return .object(try generator(subject, step, checksTruth: false))
    case .map: return try map(subject, arguments)
    case .select, .reject: return try select(filter, subject, arguments, isOnAttribute: false)
    case .selectattr, .rejectattr:
      return try select(filter, subject, arguments, isOnAttribute: true)
    case .batch:
      let binder = try ArgumentBinder(
        arguments, "do_batch", ["linecount", "fill_with"], required: 1)
      let count = try ArgumentBinder.integer(binder.required(0))
      let fill = binder[1].flatMap { $0.isNone ? nil : $0 }
      return .object(try generator(subject, .batch(count, fill: fill), checksTruth: false))
    case .slice: return try slices(subject, arguments)
    default: return try group(subject, arguments)
    }
  }

  /// A generator over a value.
  ///
  /// What would fail fails when the first item is asked for, as in Python.
  private func generator(
    _ subject: Value, _ step: GeneratorObject.Step, checksTruth: Bool = true
  ) throws(JinjaError) -> GeneratorObject {
    if checksTruth, !subject.isTrue { return GeneratorObject(.empty, .identity) }
    guard let cursor = subject.cursor else {
      let error = JinjaError(.type, "'\(subject.typeName)' object is not iterable")
      return GeneratorObject(.empty, .error(error))
    }
    return GeneratorObject(cursor, step)
  }

  private mutating func last(
    _ subject: Value, _ arguments: CallValues
  ) throws(JinjaError) -> Value {
    _ = try ArgumentBinder(arguments, "do_last")
    let empty = Value.undefined(hint: "No last item, sequence was empty.")
    switch subject {
    case .list(let box), .tuple(let box): return box.count > 0 ? box[box.count - 1] : empty
    case .string(let text), .markup(let text):
      return Slicing.scalar(of: text, at: -1).map { .string($0) } ?? empty
    case .dict(let box): return box.count > 0 ? box.key(at: box.count - 1) : empty
    case .undefined: return empty
    case .object(let object):
      if let range = object.target as? RangeObject {
        return range.count > 0 ? .int(range.value(at: range.count - 1)) : empty
      }
      if object.target is DictView { return try items(of: subject).last ?? empty }
    default: break
    }
    throw JinjaError(.type, "'\(subject.typeName)' object is not reversible")
  }

  private mutating func reverse(
    _ subject: Value, _ arguments: CallValues
  ) throws(JinjaError) -> Value {
    _ = try ArgumentBinder(arguments, "do_reverse")
    switch subject {
    case .string(let text): return .string(Slicing.part(of: text, nil, nil, -1))
    case .markup(let text): return .markup(Slicing.part(of: text, nil, nil, -1))
    case .undefined: return .object(GeneratorObject(.empty, .identity))
    default: break
    }
    guard subject.cursor != nil else {
      throw JinjaError(.filterArgument, "argument must be iterable")
    }
    let reversed = Array(try items(of: subject).reversed())
    if case .object(let object) = subject, object.target is GeneratorObject {
      return .list(reversed)
    }
    return .object(GeneratorObject(reversed))
  }

  // MARK: Sorting

  /// Sorts by keys, case-insensitively unless told otherwise.
  private mutating func sorted(
    _ pairs: [(key: Value, item: Value)], reverse: Bool
  ) throws(JinjaError) -> [Value] {
    try spend(pairs.count &* 8)
    let source = reverse ? pairs.reversed() : pairs
    var steps = 0
    let output = try MergeSort.sorted(source) { left, right throws(JinjaError) in
      steps += 1
      return try left.key.isOrdered(.less, before: right.key)
    }
    try spend(steps)
    let items = output.map(\.item)
    return reverse ? items.reversed() : items
  }

  private mutating func sortMembers(
    _ subject: Value, _ arguments: CallValues
  ) throws(JinjaError) -> Value {
    let binder = try ArgumentBinder(
      arguments, "do_dictsort", ["case_sensitive", "by", "reverse"])
    let by = binder[1]?.text
    let isByKey = binder[1] == nil || by?.isEqual("key") ?? false
    guard isByKey || by?.isEqual("value") ?? false else {
      throw JinjaError(.filterArgument, "You can only sort by either \"key\" or \"value\"")
    }
    guard case .dict(let box) = subject else {
      if case .undefined(let undefined) = subject { throw undefined.error }
      throw JinjaError(.attribute, "'\(subject.typeName)' object has no attribute 'items'")
    }
    var pairs: [(key: Value, item: Value)] = []
    for place in 0..<box.count {
      let key = isByKey ? box.key(at: place) : box.value(at: place)
      pairs.append(
        (
          binder.isTrue(0) ? key : key.ignoringCase,
          .tuple([box.key(at: place), box.value(at: place)])
        ))
    }
    return .list(try sorted(pairs, reverse: binder.isTrue(2)))
  }

  private mutating func sort(
    _ subject: Value, _ arguments: CallValues
  ) throws(JinjaError) -> Value {
    let binder = try ArgumentBinder(
      arguments, "do_sort", ["reverse", "case_sensitive", "attribute"])
    var paths: [[Value]] = [[]]
    if let attribute = binder[2], !attribute.isNone {
      if let text = attribute.text {
        paths = []
        for part in TextMethods.split(text, by: Text(",")) {
          paths.append(try attributePath(.string(part)))
        }
      } else {
        paths = [[attribute]]
      }
    }
    var pairs: [(key: Value, item: Value)] = []
    for item in try items(of: subject) {
      var keys: [Value] = []
      for path in paths {
        let key = try look(up: path, in: item)
        keys.append(binder.isTrue(1) ? key : key.ignoringCase)
      }
      pairs.append((.list(keys), item))
    }
    return .list(try sorted(pairs, reverse: binder.isTrue(0)))
  }

  private mutating func group(
    _ subject: Value, _ arguments: CallValues
  ) throws(JinjaError) -> Value {
    let binder = try ArgumentBinder(
      arguments, "do_groupby", ["attribute", "default", "case_sensitive"], required: 1)
    let path = try attributePath(binder[0])
    let fallback = binder[1].flatMap { $0.isNone ? nil : $0 }
    let isCaseSensitive = binder.isTrue(2)
    var pairs: [(key: Value, item: Value)] = []
    for item in try items(of: subject) {
      let found = try look(up: path, in: item, defaultValue: fallback)
      let key = isCaseSensitive ? found : found.ignoringCase
      pairs.append((key, .tuple([key, found, item])))
    }
    var groups: [(key: Value, name: Value, items: [Value])] = []
    for entry in try sorted(pairs, reverse: false) {
      guard case .tuple(let box) = entry else { continue }
      if let last = groups.last, try last.key.isEqual(to: box[0]) {
        groups[groups.count - 1].items.append(box[2])
      } else {
        groups.append((box[0], box[1], [box[2]]))
      }
    }
    return .list(
      groups.map { .tuple(ListBox([$0.name, .list($0.items)], isGroup: true)) })
  }

  // MARK: Selecting

  private mutating func map(
    _ subject: Value, _ arguments: CallValues
  ) throws(JinjaError) -> Value {
    var arguments = arguments
    let step: GeneratorObject.Step
    if arguments.positional.isEmpty, let attribute = arguments.takeKeyword("attribute") {
      let fallback = arguments.takeKeyword("default").flatMap { $0.isNone ? nil : $0 }
      if let extra = arguments.keywords.first {
        step = .error(
          JinjaError(.filterArgument, "Unexpected keyword argument '\(extra.name)'"))
      } else {
        step = .attribute(try attributePath(attribute), defaultValue: fallback)
      }
    } else if arguments.positional.isEmpty {
      step = .error(JinjaError(.filterArgument, "map requires a filter argument"))
    } else {
      let name = try PythonText.str(arguments.positional.removeFirst()).string
      guard let filter = BuiltinFilter(name: name) else {
        return .object(
          try lazyFailure(
            subject,
            JinjaError(
              .runtime, "no filter named '\(name)'",
              hint: Suggestion.nearest(to: name, among: BuiltinFilter.allNames))))
      }
      step = .filter(filter, arguments)
    }
    return .object(try generator(subject, step))
  }

  private mutating func lazyFailure(
    _ subject: Value, _ error: JinjaError
  ) throws(JinjaError) -> GeneratorObject {
    guard subject.isTrue else { return GeneratorObject(.empty, .identity) }
    return try generator(subject, .error(error))
  }

  private mutating func select(
    _ filter: BuiltinFilter, _ subject: Value, _ arguments: CallValues, isOnAttribute: Bool
  ) throws(JinjaError) -> Value {
    var arguments = arguments
    var path: [Value] = []
    if isOnAttribute {
      guard !arguments.positional.isEmpty else {
        return .object(
          try lazyFailure(
            subject, JinjaError(.filterArgument, "Missing parameter for attribute name")))
      }
      path = try attributePath(arguments.positional.removeFirst())
    }
    var test: BuiltinTest?
    if !arguments.positional.isEmpty {
      let name = try PythonText.str(arguments.positional.removeFirst()).string
      guard let found = BuiltinTest(name: name) else {
        return .object(
          try lazyFailure(
            subject,
            JinjaError(
              .runtime, "no test named '\(name)'",
              hint: Suggestion.nearest(to: name, among: BuiltinTest.allNames))))
      }
      test = found
    }
    let keeps = filter == .select || filter == .selectattr
    return .object(
      try generator(subject, .select(path: path, test, arguments, keeps: keeps)))
  }

  private mutating func slices(
    _ subject: Value, _ arguments: CallValues
  ) throws(JinjaError) -> Value {
    let binder = try ArgumentBinder(arguments, "do_slice", ["slices", "fill_with"], required: 1)
    let step = GeneratorObject.Step.slices(
      subject, binder.required(0), fill: binder[1].flatMap { $0.isNone ? nil : $0 })
    return .object(GeneratorObject(.empty, step))
  }

  /// The parts that the filter `slice` makes of a sequence.
  mutating func slices(
    of subject: Value, count: Value, fill: Value?
  ) throws(JinjaError) -> [Value] {
    let items = try self.items(of: subject)
    let count = try ArgumentBinder.integer(count)
    guard count != 0 else {
      throw JinjaError(.zeroDivision, "integer division or modulo by zero")
    }
    guard count > 0 else { return [] }
    try check(collection: count)
    try spend(count)
    let size = items.count / count
    let larger = items.count % count
    var output: [Value] = []
    var start = 0
    for place in 0..<count {
      let end = start + size + (place < larger ? 1 : 0)
      var part = Array(items[start..<end])
      if let fill, place >= larger { part.append(fill) }
      output.append(.list(part))
      start = end
    }
    return output
  }
}
