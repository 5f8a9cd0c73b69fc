// SPDX-License-Identifier: Apache-2.0

/// A value of the language.
///
/// Scalars carry their origin beside them, so that a number from the caller stays the caller's
/// when it is printed. All else lies in the ``Arena`` of the render, and a value is plain bytes.
enum Value: BitwiseCopyable {
  /// A variable that was not set; never seen by an expression.
  case missing
  case undefined(UndefinedValue)
  case none(Origin)
  case bool(Bool, Origin)
  case int(Int, Origin)
  case double(Double, Origin)
  case bigInteger(BigIntegerBox)
  case string(Text)
  /// `markupsafe.Markup`: a string that escapes what is added to it.
  case markup(Text)
  case list(ListBox)
  case tuple(ListBox)
  case dict(DictBox)
  case object(ObjectReference)
}

/// A read that found nothing.
///
/// Printing it is fine, most else is an error that says why.
@safe struct UndefinedValue: BitwiseCopyable, @unchecked Sendable {
  enum Reason: Sendable {
    case variable(String)
    case attribute(name: String, ofType: String)
    case element(key: String, ofType: String)
    case hint(String)
    /// The sandbox hides it: touching it is a `SecurityError`.
    case unsafe(String)
  }

  private final class Storage: Sendable {
    let reason: Reason

    init(_ reason: Reason) { self.reason = reason }
  }

  // SAFETY: the arena of the render or template keeps it.
  private let storage: Unmanaged<Storage>

  init(_ reason: Reason) {
    let storage = Storage(reason)
    Arena.keep(storage)
    unsafe self.storage = Unmanaged.passUnretained(storage)
  }

  private var reason: Reason { unsafe storage.takeUnretainedValue().reason }

  static func === (left: UndefinedValue, right: UndefinedValue) -> Bool {
    unsafe left.storage.toOpaque() == right.storage.toOpaque()
  }

  var message: String {
    switch reason {
    case .variable(let name): "'\(name)' is undefined"
    case .attribute(let name, let type): "'\(type)' has no attribute '\(name)'"
    case .element(let key, let type): "\(type) has no element \(key)"
    case .hint(let text): text
    case .unsafe(let text): text
    }
  }

  var error: JinjaError {
    if case .unsafe = reason { return JinjaError(.security, message) }
    return JinjaError(.undefined, message)
  }
}

@safe struct BigIntegerBox: BitwiseCopyable {
  private final class Storage {
    let value: BigInteger

    init(_ value: BigInteger) { self.value = value }
  }

  // SAFETY: the arena of the render keeps it.
  private let storage: Unmanaged<Storage>
  let origin: Origin

  init(_ value: BigInteger, _ origin: Origin) {
    let storage = Storage(value)
    Arena.keep(storage)
    unsafe self.storage = Unmanaged.passUnretained(storage)
    self.origin = origin
  }

  var value: BigInteger { unsafe storage.takeUnretainedValue().value }
}

extension Value {
  static func int(_ value: Int) -> Value { .int(value, .none) }
  static func bool(_ value: Bool) -> Value { .bool(value, .none) }
  static var none: Value { .none(.none) }

  static func integer(_ value: BigInteger, _ origin: Origin = .none) -> Value {
    value.int.map { .int($0, origin) } ?? .bigInteger(BigIntegerBox(value, origin))
  }

  static func string(_ text: String, origin: Origin = .none) -> Value {
    .string(Text(text, origin: origin))
  }

  static func list(_ items: [Value]) -> Value { .list(ListBox(items)) }

  static func tuple(_ items: [Value]) -> Value { .tuple(ListBox(items)) }

  static func object(_ object: JinjaObject) -> Value { .object(ObjectReference(object)) }

  static func undefined(hint: String) -> Value { .undefined(UndefinedValue(.hint(hint))) }

  var isUndefined: Bool {
    if case .undefined = self { true } else { false }
  }

  var isNone: Bool {
    if case .none = self { true } else { false }
  }

  /// The text of a string, `Markup` or not.
  var text: Text? {
    switch self {
    case .string(let text), .markup(let text): text
    default: nil
    }
  }

  /// The name of the type, as Python's `type(x).__name__`.
  var typeName: String {
    switch self {
    case .missing, .undefined: "Undefined"
    case .none: "NoneType"
    case .bool: "bool"
    case .int, .bigInteger: "int"
    case .double: "float"
    case .string: "str"
    case .markup: "Markup"
    case .list: "list"
    case .tuple: "tuple"
    case .dict: "dict"
    case .object(let object): object.typeName
    }
  }

  /// As Jinja's messages call it, such as `dict object`.
  var typeWords: String {
    switch self {
    case .none: "None"
    case .object(let object): object.typeWords
    default: "\(typeName) object"
    }
  }

  /// Python's truth.
  var isTrue: Bool {
    switch self {
    case .missing, .undefined, .none: false
    case .bool(let value, _): value
    case .int(let value, _): value != 0
    case .double(let value, _): value != 0
    case .bigInteger: true
    case .string(let text), .markup(let text): !text.isEmpty
    case .list(let box), .tuple(let box): box.count != 0
    case .dict(let box): box.count != 0
    case .object(let object): object.isTrue
    }
  }

  /// The caller's value that this came from, where it is one.
  var origin: Origin {
    switch self {
    case .missing, .undefined: .none
    case .none(let origin), .bool(_, let origin), .int(_, let origin), .double(_, let origin):
      origin
    case .bigInteger(let box): box.origin
    case .string(let text), .markup(let text): text.origin
    case .list(let box), .tuple(let box): box.origin
    case .dict(let box): box.origin
    case .object: .none
    }
  }

  /// True for the same object or the same singleton, as far as Python's `is` is defined.
  func isSame(as other: Value) -> Bool {
    switch (self, other) {
    case (.none, .none): true
    case (.bool(let left, _), .bool(let right, _)): left == right
    case (.int(let left, _), .int(let right, _)): left == right
    case (.double(let left, _), .double(let right, _)): left == right
    case (.string(let left), .string(let right)): left == right
    case (.undefined(let left), .undefined(let right)): left === right
    case (.markup(let left), .markup(let right)):
      left.storage === right.storage && left.start == right.start && left.end == right.end
    case (.list(let left), .list(let right)): left === right
    case (.tuple(let left), .tuple(let right)): left === right
    case (.dict(let left), .dict(let right)): left === right
    case (.object(let left), .object(let right)): left.target === right.target
    default: false
    }
  }
}
