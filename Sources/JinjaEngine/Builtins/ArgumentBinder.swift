// SPDX-License-Identifier: Apache-2.0

/// Gives the values of a call to the parameters of a built-in, by Python's rules.
struct ArgumentBinder {
  private var values: [Value?]
  private let names: [String]

  /// Binds the values of a call.
  ///
  /// `names` are the parameters in order, the first `required` of which have no default. Methods
  /// of Python's own types are `positionalOnly`: they take no keywords.
  init(
    _ arguments: CallValues, _ function: String, _ names: [String] = [], required: Int = 0,
    positionalOnly: Bool = false
  ) throws(JinjaError) {
    self.names = names
    values = Array(repeating: nil, count: names.count)
    guard arguments.positional.count <= names.count else {
      throw JinjaError(
        .type,
        "\(function)() takes at most \(names.count) arguments (\(arguments.positional.count) given)"
      )
    }
    for (place, value) in arguments.positional.enumerated() { values[place] = value }
    for (name, value) in arguments.keywords {
      guard !positionalOnly else {
        throw JinjaError(.type, "\(function)() takes no keyword arguments")
      }
      guard let place = names.firstIndex(where: { Parser.same($0, name) }) else {
        throw JinjaError(
          .type, "\(function)() got an unexpected keyword argument '\(name)'",
          hint: Suggestion.nearest(to: name, among: names))
      }
      guard values[place] == nil else {
        throw JinjaError(.type, "\(function)() got multiple values for argument '\(name)'")
      }
      values[place] = value
    }
    for place in 0..<required where values[place] == nil {
      throw JinjaError(
        .type, "\(function)() missing 1 required positional argument: '\(names[place])'")
    }
  }

  subscript(place: Int) -> Value? { values[place] }

  /// A value that must be there, since it is required.
  func required(_ place: Int) -> Value { values[place] ?? .none }

  func isTrue(_ place: Int, default fallback: Bool = false) -> Bool {
    values[place]?.isTrue ?? fallback
  }

  /// An integer, or the default where none was given.
  func integer(_ place: Int, default fallback: Int) throws(JinjaError) -> Int {
    guard let value = values[place] else { return fallback }
    return try Self.integer(value)
  }

  static func integer(_ value: Value) throws(JinjaError) -> Int {
    if case .undefined(let undefined) = value { throw undefined.error }
    guard let integer = value.index else {
      throw JinjaError(
        .type, "'\(value.typeName)' object cannot be interpreted as an integer")
    }
    return integer
  }

  /// A string, or nil where none or `None` was given.
  func text(_ place: Int, _ function: String) throws(JinjaError) -> Text? {
    guard let value = values[place], !value.isNone else { return nil }
    guard let text = value.text else {
      throw JinjaError(
        .type, "\(function) arg must be None or str, not \(value.typeName)")
    }
    return text
  }
}
