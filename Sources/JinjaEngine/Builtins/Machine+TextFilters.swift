// SPDX-License-Identifier: Apache-2.0

extension Machine {
  mutating func applyText(
    _ filter: BuiltinFilter, _ subject: Value, _ arguments: CallValues
  ) throws(JinjaError) -> Value {
    let (text, isMarkup) = try Escaping.softText(subject)
    try spend(text.byteCount >> 6)
    switch filter {
    case .trim:
      if arguments.isEmpty {
        return Escaping.wrap(TextMethods.strip(text, nil, left: true, right: true), isMarkup)
      }
      let binder = try ArgumentBinder(arguments, "do_trim", ["chars"])
      let characters = try binder.text(0, "strip")
      return Escaping.wrap(TextMethods.strip(text, characters, left: true, right: true), isMarkup)
    case .lower, .upper, .capitalize, .title:
      if !arguments.isEmpty { _ = try ArgumentBinder(arguments, "do_\(filter)") }
      switch filter {
      case .lower: return Escaping.wrap(TextMethods.lower(text), isMarkup)
      case .upper: return Escaping.wrap(TextMethods.upper(text), isMarkup)
      case .capitalize: return Escaping.wrap(TextMethods.capitalize(text), isMarkup)
      default: return .string(Self.titled(text))
      }
    case .center:
      let binder = try ArgumentBinder(arguments, "do_center", ["width"])
      let width = try binder.integer(0, default: 80)
      try check(bytes: width)
      return Escaping.wrap(TextMethods.centered(text, width, fill: Text(" ")), isMarkup)
    case .replace: return try replace(subject, arguments)
    case .format:
      guard arguments.positional.isEmpty || arguments.keywords.isEmpty else {
        throw JinjaError(
          .filterArgument, "can't handle positional and keyword arguments at the same time")
      }
      let values: Value
      if arguments.keywords.isEmpty {
        values = .tuple(arguments.positional)
      } else {
        let box = DictBox()
        for (name, value) in arguments.keywords { try box.set(.string(name), to: value) }
        values = .dict(box)
      }
      return Escaping.wrap(
        try PercentFormat.format(text, values, isMarkup: isMarkup, &self), isMarkup)
    case .wordcount:
      _ = try ArgumentBinder(arguments, "do_wordcount")
      var count = 0
      var isInWord = false
      for scalar in text.scalars {
        let isWord = scalar == "_" || PythonUnicode.isAlphanumeric(scalar)
        if isWord, !isInWord { count += 1 }
        isInWord = isWord
      }
      return .int(count)
    case .striptags:
      _ = try ArgumentBinder(arguments, "do_striptags")
      return .string(HTMLText.stripTags(text))
    case .urlencode:
      _ = try ArgumentBinder(arguments, "do_urlencode")
      return try urlEncode(subject)
    case .xmlattr: return try attributes(subject, arguments)
    case .indent: return try indent(subject, arguments)
    case .truncate: return try truncate(subject, arguments)
    case .wordwrap: return try wrapWords(subject, arguments)
    default: return try urlize(subject, arguments)
    }
  }

  /// The filter `title`: words start after blanks, hyphens and opening brackets.
  private static func titled(_ text: Text) -> Text {
    func isBreak(_ scalar: Unicode.Scalar) -> Bool {
      "-({[<".unicodeScalars.contains(scalar) || PythonWhitespace.contains(scalar.value)
    }
    return TextMethods.mapScalars(text) { scalars, place in
      let startsWord =
        place == 0 || isBreak(scalars[place - 1]) != isBreak(scalars[place])
        || isBreak(scalars[place]) && place == 0
      return startsWord
        ? PythonUnicode.upper(scalars[place]) : PythonUnicode.lower(scalars, at: place)
    }
  }

  private mutating func replace(
    _ subject: Value, _ arguments: CallValues
  ) throws(JinjaError) -> Value {
    let binder = try ArgumentBinder(
      arguments, "do_replace", ["old", "new", "count"], required: 2)
    let limit =
      try binder[2].map { v throws(JinjaError) in
        v.isNone ? -1 : try ArgumentBinder.integer(v)
      } ?? -1
    let old = try PythonText.str(binder.required(0))
    guard autoescape else {
      return .string(
        try replaced(
          try PythonText.str(subject), old, try PythonText.str(binder.required(1)), limit))
    }
    func isMarkup(_ value: Value) -> Bool { if case .markup = value { true } else { false } }
    let new = binder.required(1)
    let escapes =
      isMarkup(binder.required(0)) || isMarkup(new) && !isMarkup(subject)
    guard escapes || isMarkup(subject) else {
      return .string(
        try replaced(try PythonText.str(subject), old, try PythonText.str(new), limit))
    }
    let text = try Escaping.escapedText(subject)
    return .markup(try replaced(text, old, try Escaping.escapedText(new), limit))
  }

  private func requiredText(_ subject: Value) throws(JinjaError) -> (text: Text, isMarkup: Bool) {
    switch subject {
    case .string(let text): return (text, false)
    case .markup(let text): return (text, true)
    case .undefined(let undefined): throw undefined.error
    default:
      throw JinjaError(
        .type, "the filter needs a string, not '\(subject.typeName)'",
        hint: "convert with the filter 'string'")
    }
  }

  private mutating func indent(
    _ subject: Value, _ arguments: CallValues
  ) throws(JinjaError) -> Value {
    let binder = try ArgumentBinder(arguments, "do_indent", ["width", "first", "blank"])
    let (text, isMarkup) = try requiredText(subject)
    var indention: Text
    if let value = binder[0]?.text {
      indention = value
      if isMarkup, case .string? = binder[0] { indention = Escaping.escape(value) }
    } else {
      let width = try binder.integer(0, default: 4)
      try check(bytes: width)
      indention = Text(Array(repeating: 0x20, count: max(0, width)))
    }
    let newline = Text("\n")
    // The newline at the end makes even an empty text one line.
    var builder = TextBuilder()
    builder.append(text)
    builder.append(newline)
    let lines = TextMethods.splitLines(builder.text)
    try check(bytes: text.byteCount + lines.count * indention.byteCount)
    var output = TextBuilder()
    if binder.isTrue(1) { output.append(indention) }
    for (place, line) in lines.enumerated() {
      if place > 0 {
        output.append(newline)
        if binder.isTrue(2) || !line.isEmpty { output.append(indention) }
      }
      output.append(line)
    }
    return Escaping.wrap(output.text, isMarkup)
  }

  private mutating func truncate(
    _ subject: Value, _ arguments: CallValues
  ) throws(JinjaError) -> Value {
    let binder = try ArgumentBinder(
      arguments, "do_truncate", ["length", "killwords", "end", "leeway"])
    let length = try binder.integer(0, default: 255)
    let end = try requiredText(binder[2] ?? .string("..."))
    let leeway =
      try binder[3].map { v throws(JinjaError) in v.isNone ? 5 : try ArgumentBinder.integer(v) }
      ?? 5
    let endCount = end.text.scalarCount
    guard length >= endCount else {
      throw JinjaError(.value, "expected length >= \(endCount), got \(length)")
    }
    guard leeway >= 0 else { throw JinjaError(.value, "expected leeway >= 0, got \(leeway)") }
    if case .undefined(let undefined) = subject {
      guard 0 <= length + leeway else { throw undefined.error }
      return subject
    }
    if subject.text == nil { if try subject.length() <= length + leeway { return subject } }
    let (text, isMarkup) = try requiredText(subject)
    if text.scalarCount <= length + leeway { return subject }
    var cut = text.slice(0, text.byteOffset(ofScalar: length - endCount))
    if !binder.isTrue(1), let place = cut.findLast(Text(" ")) { cut = cut.slice(0, place) }
    return try add(Escaping.wrap(cut, isMarkup), Escaping.wrap(end.text, end.isMarkup))
  }

  // MARK: URLs and markup

  private static let unreserved = Set("_.-~".utf8)

  private func quoted(_ text: Text, isQuery: Bool) -> Text {
    var builder = TextBuilder()
    text.forEachPiece { from, to, piece in
      var bytes: [UInt8] = []
      for byte in text.storage.bytes[from..<to] {
        if byte.isAlphanumeric || Self.unreserved.contains(byte) || byte == 0x2F && !isQuery {
          bytes.append(byte)
        } else if byte == 0x20, isQuery {
          bytes.append(0x2B)
        } else {
          let digits = String(byte, radix: 16, uppercase: true)
          bytes += "%".utf8
          bytes += (digits.utf8.count < 2 ? "0" + digits : digits).utf8
        }
      }
      builder.append(bytes, origin: piece.origin, generation: piece.generation)
    }
    return builder.text
  }

  private mutating func urlEncode(_ subject: Value) throws(JinjaError) -> Value {
    if subject.text != nil || subject.cursor == nil {
      return .string(quoted(try PythonText.str(subject), isQuery: false))
    }
    let pairs: [Value]
    if case .dict(let box) = subject {
      pairs = (0..<box.count).map { .tuple([box.key(at: $0), box.value(at: $0)]) }
    } else {
      pairs = try items(of: subject)
    }
    var builder = TextBuilder()
    for (place, pair) in pairs.enumerated() {
      let parts = try unpack(pair, count: 2)
      if place > 0 { builder.append("&".utf8, origin: .none) }
      builder.append(quoted(try PythonText.str(parts[0]), isQuery: true))
      builder.append("=".utf8, origin: .none)
      builder.append(quoted(try PythonText.str(parts[1]), isQuery: true))
    }
    return .string(builder.text)
  }

  private func attributes(
    _ subject: Value, _ arguments: CallValues
  ) throws(JinjaError) -> Value {
    let binder = try ArgumentBinder(arguments, "do_xmlattr", ["autospace"])
    guard case .dict(let box) = subject else {
      if case .undefined(let undefined) = subject { throw undefined.error }
      throw JinjaError(.attribute, "'\(subject.typeName)' object has no attribute 'items'")
    }
    var builder = TextBuilder()
    for place in 0..<box.count {
      let value = box.value(at: place)
      if value.isNone || value.isUndefined { continue }
      guard let key = box.key(at: place).text else {
        throw JinjaError(.type, "expected string or bytes-like object")
      }
      let isBad = key.bytes.contains { " \t\n\r\u{0B}\u{0C}/>=".utf8.contains($0) }
      guard !isBad else {
        throw JinjaError(.value, "Invalid character in attribute name: '\(key.string)'")
      }
      if builder.count > 0 || binder.isTrue(0, default: true) {
        builder.append(" ".utf8, origin: .none)
      }
      builder.append(try Escaping.escapedText(box.key(at: place)))
      builder.append("=\"".utf8, origin: .none)
      builder.append(try Escaping.escapedText(value))
      builder.append("\"".utf8, origin: .none)
    }
    return Escaping.wrap(builder.text, autoescape)
  }

  private mutating func wrapWords(
    _ subject: Value, _ arguments: CallValues
  ) throws(JinjaError) -> Value {
    let binder = try ArgumentBinder(
      arguments, "do_wordwrap", ["width", "break_long_words", "wrapstring", "break_on_hyphens"])
    let text = try requiredText(subject).text
    let width = try binder.integer(0, default: 79)
    let breaksWords = binder.isTrue(1, default: true)
    let breaksHyphens = binder.isTrue(3, default: true)
    let separator = try binder.text(2, "wrapstring") ?? Text("\n")
    var builder = TextBuilder()
    for (place, line) in TextMethods.splitLines(text).enumerated() {
      if place > 0 { builder.append(separator) }
      let wrapped = try WordWrap.wrap(
        line, width: width, breaksWords: breaksWords, breaksHyphens: breaksHyphens)
      for (index, part) in wrapped.enumerated() {
        if index > 0 { builder.append(separator) }
        builder.append(part)
      }
    }
    if case .markup? = binder[2] { return .markup(builder.text) }
    return .string(builder.text)
  }

  private func urlize(_ subject: Value, _ arguments: CallValues) throws(JinjaError) -> Value {
    let names = ["trim_url_limit", "nofollow", "target", "rel", "extra_schemes"]
    let binder = try ArgumentBinder(arguments, "do_urlize", names)
    let (text, isMarkup) = try Escaping.softText(subject)
    let limit =
      try binder[0].map { v throws(JinjaError) in v.isNone ? -1 : try ArgumentBinder.integer(v) }
      ?? -1
    var relations = Set(
      (try binder.text(3, "rel")?.string ?? "").split(separator: " ").map(String.init))
    if binder.isTrue(1) { relations.insert("nofollow") }
    relations.insert("noopener")
    let target = try binder.text(2, "target")?.string
    let escaped = isMarkup ? text : Escaping.escape(text)
    let output = URLLinks.link(
      escaped.string, limit: limit, relations: relations.sorted(), target: target)
    return Escaping.wrap(Text(output, origin: text.origin), autoescape)
  }
}
