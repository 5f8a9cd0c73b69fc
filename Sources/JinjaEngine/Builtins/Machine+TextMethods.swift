// SPDX-License-Identifier: Apache-2.0

extension Machine {
  mutating func callTextMethod(
    _ method: Method, _ text: Text, _ isMarkup: Bool, _ arguments: CallValues
  ) throws(JinjaError) -> Value {
    try spend(text.byteCount >> 6)
    switch method {
    case .strip, .lstrip, .rstrip:
      let binder = try ArgumentBinder(
        arguments, method.rawValue, ["chars"], positionalOnly: !isMarkup)
      let characters = try binder.text(0, method.rawValue)
      return Escaping.wrap(
        TextMethods.strip(
          text, characters, left: method != .rstrip, right: method != .lstrip), isMarkup)
    case .split, .rsplit, .splitlines, .partition, .rpartition:
      return try splitText(method, text, isMarkup, arguments)
    case .startswith, .endswith, .find, .rfind, .index, .rindex, .count:
      return try searchText(method, text, arguments)
    case .replace: return try replaceText(text, isMarkup, arguments)
    case .join: return try joinText(text, isMarkup, arguments)
    case .format, .formatMap:
      var arguments = arguments
      if method == .formatMap {
        guard arguments.keywords.isEmpty, arguments.positional.count == 1 else {
          throw JinjaError(.type, "format_map() takes exactly one argument")
        }
        return Escaping.wrap(
          try StringFormat.format(
            text, CallValues(), mapping: arguments.positional.removeFirst(), isMarkup, &self),
          isMarkup)
      }
      return Escaping.wrap(
        try StringFormat.format(text, arguments, mapping: nil, isMarkup, &self), isMarkup)
    case .center, .ljust, .rjust, .zfill, .expandtabs:
      return Escaping.wrap(try padText(method, text, isMarkup, arguments), isMarkup)
    case .removeprefix, .removesuffix:
      let binder = try ArgumentBinder(
        arguments, method.rawValue, ["affix"], required: 1, positionalOnly: true)
      let affix = try requiredText(binder.required(0), method)
      let hasIt = method == .removeprefix ? text.hasPrefix(affix) : text.hasSuffix(affix)
      guard hasIt, !affix.isEmpty else { return Escaping.wrap(text, isMarkup) }
      let length = text.byteCount - affix.byteCount
      return Escaping.wrap(
        method == .removeprefix
          ? text.slice(affix.byteCount, text.byteCount) : text.slice(0, length), isMarkup)
    case .translate: return try translateText(text, isMarkup, arguments)
    case .escape:
      let binder = try ArgumentBinder(arguments, "escape", ["s"], required: 1)
      return try Escaping.escape(binder.required(0))
    case .encode: return try BytesObject.encode(text, arguments)
    case .maketrans: return try translationTable(arguments)
    default: return try plainTextMethod(method, text, isMarkup, arguments)
    }
  }

  /// The methods without arguments.
  private func plainTextMethod(
    _ method: Method, _ text: Text, _ isMarkup: Bool, _ arguments: CallValues
  ) throws(JinjaError) -> Value {
    _ = try ArgumentBinder(arguments, "str.\(method.rawValue)", positionalOnly: true)
    switch method {
    case .lower: return Escaping.wrap(TextMethods.lower(text), isMarkup)
    case .upper: return Escaping.wrap(TextMethods.upper(text), isMarkup)
    case .title: return Escaping.wrap(TextMethods.title(text), isMarkup)
    case .capitalize: return Escaping.wrap(TextMethods.capitalize(text), isMarkup)
    case .swapcase: return Escaping.wrap(TextMethods.swapcase(text), isMarkup)
    case .casefold: return Escaping.wrap(TextMethods.casefold(text), isMarkup)
    case .isalpha: return .bool(TextMethods.all(text, PythonUnicode.isAlphabetic))
    case .isalnum: return .bool(TextMethods.all(text, PythonUnicode.isAlphanumeric))
    case .isdecimal: return .bool(TextMethods.all(text, PythonUnicode.isDecimal))
    case .isdigit: return .bool(TextMethods.all(text, PythonUnicode.isDigit))
    case .isnumeric: return .bool(TextMethods.all(text, PythonUnicode.isNumeric))
    case .isspace: return .bool(TextMethods.all(text) { PythonWhitespace.contains($0.value) })
    case .isascii: return .bool(text.isASCII)
    case .isprintable: return .bool(text.scalars.allSatisfy(PythonUnicode.isPrintable))
    case .islower: return .bool(TextMethods.isLower(text))
    case .isupper: return .bool(TextMethods.isUpper(text))
    case .istitle: return .bool(TextMethods.isTitle(text))
    case .isidentifier:
      let scalars = text.scalars
      return .bool(
        !scalars.isEmpty
          && scalars.enumerated().allSatisfy { place, scalar in
            scalar == "_"
              || (place == 0 ? scalar.properties.isXIDStart : scalar.properties.isXIDContinue)
          })
    case .unescape: return .string(HTMLText.unescape(text))
    case .striptags: return .string(HTMLText.stripTags(text))
    default: throw JinjaError(.type, "'str' object has no method '\(method.rawValue)'")
    }
  }

  private func requiredText(_ value: Value, _ method: Method) throws(JinjaError) -> Text {
    if case .undefined(let undefined) = value { throw undefined.error }
    guard let text = value.text else {
      throw JinjaError(
        .type, "\(method.rawValue)() argument must be str, not \(value.typeName)")
    }
    return text
  }

  private mutating func splitText(
    _ method: Method, _ text: Text, _ isMarkup: Bool, _ arguments: CallValues
  ) throws(JinjaError) -> Value {
    switch method {
    case .splitlines:
      let binder = try ArgumentBinder(arguments, "splitlines", ["keepends"])
      return .list(
        TextMethods.splitLines(text, keepingEnds: binder.isTrue(0)).map {
          Escaping.wrap($0, isMarkup)
        })
    case .partition, .rpartition:
      let binder = try ArgumentBinder(
        arguments, method.rawValue, ["sep"], required: 1, positionalOnly: true)
      let separator = try requiredText(binder.required(0), method)
      guard !separator.isEmpty else { throw JinjaError(.value, "empty separator") }
      let found =
        method == .partition ? text.find(separator) : text.findLast(separator)
      let empty = text.slice(0, 0)
      let parts: [Text]
      if let found {
        let after = found + separator.byteCount
        parts = [
          text.slice(0, found), text.slice(found, after), text.slice(after, text.byteCount),
        ]
      } else {
        parts = method == .partition ? [text, empty, empty] : [empty, empty, text]
      }
      return .tuple(parts.map { Escaping.wrap($0, isMarkup) })
    default:
      let binder = try ArgumentBinder(arguments, method.rawValue, ["sep", "maxsplit"])
      let limit = try binder.integer(1, default: -1)
      let parts: [Text]
      if let value = binder[0], !value.isNone {
        let separator = try requiredText(value, method)
        guard !separator.isEmpty else { throw JinjaError(.value, "empty separator") }
        parts =
          method == .split
          ? TextMethods.split(text, by: separator, limit: limit)
          : TextMethods.splitFromRight(text, by: separator, limit: limit)
      } else {
        parts =
          method == .split
          ? TextMethods.splitAtWhitespace(text, limit: limit)
          : TextMethods.splitAtWhitespaceFromRight(text, limit: limit)
      }
      try check(collection: parts.count)
      return .list(parts.map { Escaping.wrap($0, isMarkup) })
    }
  }

  private mutating func searchText(
    _ method: Method, _ text: Text, _ arguments: CallValues
  ) throws(JinjaError) -> Value {
    let binder = try ArgumentBinder(
      arguments, method.rawValue, ["sub", "start", "end"], required: 1, positionalOnly: true)
    func bound(_ place: Int) throws(JinjaError) -> Int? {
      guard let value = binder[place], !value.isNone else { return nil }
      return try ArgumentBinder.integer(value)
    }
    let count = binder[1] == nil && binder[2] == nil ? 0 : text.scalarCount
    let start = try bound(1)
    let stop = try bound(2)
    let hasBounds = start != nil || stop != nil
    let (first, last, _) = hasBounds ? Slicing.bounds(start, stop, 1, count: count) : (0, 0, 0)
    let part = hasBounds ? Slicing.part(of: text, first, max(first, last), 1) : text
    // A start past the end finds not even the empty string.
    let isPastEnd = hasBounds && ((start ?? 0) > count || first > last)
    if method == .startswith || method == .endswith {
      let wanted = binder.required(0)
      let options: [Value]
      if case .tuple(let box) = wanted { options = box.array } else { options = [wanted] }
      for option in options {
        guard let affix = option.text else {
          if case .undefined(let undefined) = option { throw undefined.error }
          throw JinjaError(
            .type,
            "\(method.rawValue) first arg must be str or a tuple of str, not \(option.typeName)")
        }
        if !isPastEnd, method == .startswith ? part.hasPrefix(affix) : part.hasSuffix(affix) {
          return .bool(true)
        }
      }
      return .bool(false)
    }
    let wanted = try requiredText(binder.required(0), method)
    if method == .count {
      return .int(isPastEnd ? 0 : TextMethods.count(wanted, in: part))
    }
    let isFromLeft = method == .find || method == .index
    let found = isPastEnd ? nil : isFromLeft ? part.find(wanted) : part.findLast(wanted)
    guard let found else {
      if method == .find || method == .rfind { return .int(-1) }
      throw JinjaError(.value, "substring not found")
    }
    return .int(first + part.slice(0, found).scalarCount)
  }

  private mutating func replaceText(
    _ text: Text, _ isMarkup: Bool, _ arguments: CallValues
  ) throws(JinjaError) -> Value {
    let binder = try ArgumentBinder(
      arguments, "replace", ["old", "new", "count"], required: 2, positionalOnly: true)
    let old = try requiredText(binder.required(0), .replace)
    let value = binder.required(1)
    let new = isMarkup ? try Escaping.escapedText(value) : try requiredText(value, .replace)
    let limit = try binder.integer(2, default: -1)
    return Escaping.wrap(try replaced(text, old, new, limit), isMarkup)
  }

  /// Replaces within the budget.
  mutating func replaced(
    _ text: Text, _ old: Text, _ new: Text, _ limit: Int
  ) throws(JinjaError) -> Text {
    let count = limit == 0 ? 0 : TextMethods.count(old, in: text)
    try check(
      bytes: text.byteCount + count.multipliedReportingOverflow(by: new.byteCount).partialValue)
    try spend((text.byteCount + count * new.byteCount) >> 6)
    return TextMethods.replace(text, old, new, limit: limit)
  }

  private mutating func joinText(
    _ text: Text, _ isMarkup: Bool, _ arguments: CallValues
  ) throws(JinjaError) -> Value {
    let binder = try ArgumentBinder(
      arguments, "join", ["iterable"], required: 1, positionalOnly: true)
    guard binder.required(0).cursor != nil else {
      throw JinjaError(.type, "can only join an iterable")
    }
    var builder = TextBuilder()
    for (place, item) in try items(of: binder.required(0)).enumerated() {
      if place > 0 { builder.append(text) }
      if isMarkup {
        builder.append(try Escaping.escapedText(item))
      } else if let part = item.text {
        builder.append(part)
      } else {
        throw JinjaError(
          .type,
          "sequence item \(place): expected str instance, \(item.typeName) found",
          hint: "the filter 'join' converts its items")
      }
      try check(bytes: builder.count)
      try spend()
    }
    return Escaping.wrap(builder.text, isMarkup)
  }

  private mutating func padText(
    _ method: Method, _ text: Text, _ isMarkup: Bool, _ arguments: CallValues
  ) throws(JinjaError) -> Text {
    if method == .expandtabs {
      let binder = try ArgumentBinder(arguments, "expandtabs", ["tabsize"])
      let size = try binder.integer(0, default: 8)
      let (total, overflow) = max(0, size).multipliedReportingOverflow(by: text.byteCount)
      try check(bytes: overflow ? .max : total)
      return TextMethods.expandTabs(text, size)
    }
    let names = method == .zfill ? ["width"] : ["width", "fillchar"]
    let binder = try ArgumentBinder(
      arguments, method.rawValue, names, required: 1, positionalOnly: !isMarkup)
    let width = try ArgumentBinder.integer(binder.required(0))
    try check(bytes: width)
    try spend(max(0, width) >> 4)
    if method == .zfill { return TextMethods.zeroFilled(text, width) }
    var fill =
      try binder[1].map { v throws(JinjaError) in try requiredText(v, method) } ?? Text(" ")
    if isMarkup { fill = Escaping.escape(fill) }
    guard fill.scalarCount == 1 else {
      throw JinjaError(.type, "The fill character must be exactly one character long")
    }
    let missing = max(0, width - text.scalarCount)
    switch method {
    case .ljust: return TextMethods.padded(text, left: 0, right: missing, fill: fill)
    case .rjust: return TextMethods.padded(text, left: missing, right: 0, fill: fill)
    default: return TextMethods.centered(text, width, fill: fill)
    }
  }

  private func translationTable(_ arguments: CallValues) throws(JinjaError) -> Value {
    let binder = try ArgumentBinder(
      arguments, "maketrans", ["x", "y", "z"], required: 1, positionalOnly: true)
    let table = DictBox()
    guard binder[1] != nil else {
      guard case .dict(let source) = binder.required(0) else {
        throw JinjaError(
          .type, "if you give only one argument to maketrans it must be a dict")
      }
      for place in 0..<source.count {
        var key = source.key(at: place)
        if let text = key.text {
          guard text.scalarCount == 1 else {
            throw JinjaError(.value, "string keys in translate table must be of length 1")
          }
          key = .int(Int(text.scalars[0].value))
        }
        try table.set(key, to: source.value(at: place))
      }
      return .dict(table)
    }
    let from = try requiredText(binder.required(0), .maketrans).scalars
    let to = try requiredText(binder.required(1), .maketrans).scalars
    guard from.count == to.count else {
      throw JinjaError(
        .value, "the first two maketrans arguments must have equal length")
    }
    for (key, value) in zip(from, to) {
      try table.set(.int(Int(key.value)), to: .int(Int(value.value)))
    }
    if let removed = binder[2] {
      for scalar in try requiredText(removed, .maketrans).scalars {
        try table.set(.int(Int(scalar.value)), to: .none)
      }
    }
    return .dict(table)
  }

  private func translateText(
    _ text: Text, _ isMarkup: Bool, _ arguments: CallValues
  ) throws(JinjaError) -> Value {
    let binder = try ArgumentBinder(
      arguments, "translate", ["table"], required: 1, positionalOnly: true)
    guard case .dict(let table) = binder.required(0) else {
      throw JinjaError(
        .type, "'\(binder.required(0).typeName)' object cannot be used as a translation table")
    }
    var builder = TextBuilder()
    var offset = 0
    for scalar in text.scalars {
      let length = UTF8Scalars.length(text.storage.bytes[Int(text.start) + offset])
      let part = text.slice(offset, min(offset + length, text.byteCount))
      offset += length
      guard let place = try table.place(of: .int(Int(scalar.value))) else {
        builder.append(part)
        continue
      }
      switch table.value(at: place) {
      case .none: break
      case .int(let code, let origin):
        guard let scalar = Unicode.Scalar(UInt32(truncatingIfNeeded: code)) else {
          throw JinjaError(.value, "character mapping must be in range(0x110000)")
        }
        builder.append(Text(String(scalar), origin: origin))
      case let value:
        guard let text = value.text else {
          throw JinjaError(.type, "character mapping must return integer, None or str")
        }
        builder.append(text)
      }
    }
    return Escaping.wrap(builder.text, isMarkup)
  }
}
