// SPDX-License-Identifier: Apache-2.0

import OrderedJSON

extension Machine {
  mutating func apply(
    _ filter: BuiltinFilter, to subject: Value, _ arguments: CallValues
  ) throws(JinjaError) -> Value {
    switch filter {
    case .abs, .filesizeformat, .float, .int, .round, .sum, .max, .min:
      return try applyNumeric(filter, subject, arguments)
    case .batch, .dictsort, .first, .groupby, .items, .last, .list, .map, .random, .reject,
      .rejectattr, .reverse, .select, .selectattr, .slice, .sort, .unique:
      return try applySequence(filter, subject, arguments)
    case .trim, .lower, .upper, .title, .capitalize, .center, .indent, .replace, .truncate,
      .wordcount, .wordwrap, .format, .striptags, .urlencode, .urlize, .xmlattr:
      return try applyText(filter, subject, arguments)
    case .count, .length:
      _ = try ArgumentBinder(arguments, "len")
      return .int(try subject.length())
    case .d, .default:
      let binder = try ArgumentBinder(arguments, "do_default", ["default_value", "boolean"])
      if subject.isUndefined || binder.isTrue(1) && !subject.isTrue {
        return binder[0] ?? .string(.empty)
      }
      return subject
    case .join: return try join(subject, arguments)
    case .tojson: return try JSONDump.tojson(subject, arguments)
    case .string:
      _ = try ArgumentBinder(arguments, "soft_str")
      let (text, isMarkup) = try Escaping.softText(subject)
      return Escaping.wrap(text, isMarkup)
    case .safe:
      _ = try ArgumentBinder(arguments, "do_mark_safe")
      return try Escaping.markup(subject)
    case .e, .escape:
      _ = try ArgumentBinder(arguments, "escape")
      return try Escaping.escape(subject)
    case .forceescape:
      _ = try ArgumentBinder(arguments, "do_forceescape")
      return .markup(Escaping.escape(try PythonText.str(subject)))
    case .pprint:
      _ = try ArgumentBinder(arguments, "do_pprint")
      return .string(try PrettyPrinter.format(subject))
    case .attr:
      let binder = try ArgumentBinder(arguments, "do_attr", ["name"], required: 1)
      guard let text = binder.required(0).text else {
        throw JinjaError(.type, "attribute name must be string")
      }
      let name = ProgramName(text.string, literal: nil)
      if let value = try pythonAttribute(name, of: subject) { return value }
      return .undefined(
        UndefinedValue(.attribute(name: name.string, ofType: subject.typeWords)))
    }
  }

  private mutating func join(
    _ subject: Value, _ arguments: CallValues
  ) throws(JinjaError) -> Value {
    let binder = try ArgumentBinder(arguments, "do_join", ["d", "attribute"])
    let path = try attributePath(binder[1])
    let delimiter = binder[0] ?? .string(.empty)
    var cursor = try subject.iterate()
    var builder = TextBuilder()
    var isFirst = true
    if autoescape { return try joinEscaped(try items(of: subject), delimiter, path) }
    let separator = try PythonText.str(delimiter)
    while let item = try cursor.next(&self) {
      try spend()
      if !isFirst { builder.append(separator) }
      isFirst = false
      builder.append(try PythonText.str(try look(up: path, in: item)))
      try check(bytes: builder.count)
    }
    return .string(builder.text)
  }

  private mutating func joinEscaped(
    _ items: [Value], _ delimiter: Value, _ path: [Value]
  ) throws(JinjaError) -> Value {
    var values: [Value] = []
    for item in items { values.append(try look(up: path, in: item)) }
    func isMarkup(_ value: Value) -> Bool { if case .markup = value { true } else { false } }
    let escapes = isMarkup(delimiter) || values.contains(where: isMarkup)
    let separator =
      escapes ? try Escaping.escapedText(delimiter) : try PythonText.str(delimiter)
    var builder = TextBuilder()
    for (place, value) in values.enumerated() {
      if place > 0 { builder.append(separator) }
      builder.append(escapes ? try Escaping.escapedText(value) : try PythonText.str(value))
    }
    return Escaping.wrap(builder.text, escapes)
  }

  /// The parts of an `attribute` argument: names, and numbers where they are all digits.
  func attributePath(_ value: Value?) throws(JinjaError) -> [Value] {
    guard let value, !value.isNone else { return [] }
    guard let text = value.text else { return [value] }
    return TextMethods.split(text, by: Text(".")).map { part in
      if !part.isEmpty, part.bytes.allSatisfy(\.isASCIIDigit), let number = Int(part.string) {
        return .int(number)
      }
      return .string(part)
    }
  }
}

extension Value {
  /// Strings in lower case, for comparisons that ignore case.
  var ignoringCase: Value {
    switch self {
    case .string(let text): .string(TextMethods.lower(text))
    case .markup(let text): .markup(TextMethods.lower(text))
    default: self
    }
  }
}
