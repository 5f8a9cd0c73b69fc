// SPDX-License-Identifier: Apache-2.0

/// Values that are neither data nor text: functions, namespaces, loops, iterators.
///
/// The arena of the render keeps them.
class JinjaObject {
  init() { Arena.keep(self) }

  var typeName: String { "object" }
  var typeWords: String { "\(typeName) object" }
  var isTrue: Bool { (length ?? 1) != 0 }
  var isHashable: Bool { true }
  var isCallable: Bool { false }
  var isMapping: Bool { false }
  /// `len(x)`, where the type has one.
  var length: Int? { nil }

  /// A Python attribute, not an item.
  func attribute(_ name: ProgramName, _ machine: inout Machine) throws(JinjaError) -> Value? { nil }

  /// `x[key]`; nil where there is no such item.
  func item(_ key: Value) throws(JinjaError) -> Value? { nil }

  func call(_ arguments: CallValues, _ machine: inout Machine) throws(JinjaError) -> Value {
    throw JinjaError(.type, "'\(typeName)' object is not callable")
  }

  /// An iterator; nil where the type has none.
  func cursor() -> Cursor? { nil }

  func contains(_ value: Value, _ machine: inout Machine) throws(JinjaError) -> Bool {
    guard var cursor = cursor() else {
      throw JinjaError(.type, "argument of type '\(typeName)' is not iterable")
    }
    while let item = try cursor.next(&machine) {
      if try item.isEqual(to: value) { return true }
    }
    return false
  }

  func isEqual(to other: JinjaObject, _ level: Int) throws(JinjaError) -> Bool { self === other }

  func writeDescription(to output: inout [UInt8], level: Int) throws(JinjaError) -> Origin {
    output += "<\(typeName) object>".utf8
    return .none
  }
}

/// A ``JinjaObject`` as a value holds it.
@safe @dynamicMemberLookup struct ObjectReference: BitwiseCopyable {
  // SAFETY: the arena of the render keeps the object.
  private let reference: Unmanaged<JinjaObject>

  init(_ object: JinjaObject) { unsafe reference = Unmanaged.passUnretained(object) }

  var target: JinjaObject { unsafe reference.takeUnretainedValue() }

  subscript<Member>(dynamicMember path: KeyPath<JinjaObject, Member>) -> Member {
    target[keyPath: path]
  }
}

/// The values of a call.
struct CallValues {
  var positional: [Value] = []
  var keywords: [(name: String, value: Value)] = []

  var isEmpty: Bool { positional.isEmpty && keywords.isEmpty }

  mutating func takeKeyword(_ name: String) -> Value? {
    guard let place = keywords.firstIndex(where: { Parser.same($0.name, name) }) else { return nil }
    return keywords.remove(at: place).value
  }
}

/// Steps through what can be iterated.
enum Cursor {
  case empty
  case list(ListBox, Int)
  case keys(DictBox, Int)
  case text(Text, Int)
  case range(next: Int, step: Int, remaining: Int)
  case generator(GeneratorObject)
  case values(DictBox, Int)
  case pairs(DictBox, Int)

  mutating func next(_ machine: inout Machine) throws(JinjaError) -> Value? {
    switch self {
    case .empty: return nil
    case .list(let box, let index):
      guard index < box.count else { return nil }
      self = .list(box, index + 1)
      return box[index]
    case .keys(let box, let index):
      guard index < box.count else { return nil }
      self = .keys(box, index + 1)
      return box.key(at: index)
    case .values(let box, let index):
      guard index < box.count else { return nil }
      self = .values(box, index + 1)
      return box.value(at: index)
    case .pairs(let box, let index):
      guard index < box.count else { return nil }
      self = .pairs(box, index + 1)
      return .tuple([box.key(at: index), box.value(at: index)])
    case .text(let text, let offset):
      guard offset < text.byteCount else { return nil }
      let length = UTF8Scalars.length(text.storage.bytes[Int(text.start) + offset])
      let end = min(offset + length, text.byteCount)
      self = .text(text, end)
      return .string(text.slice(offset, end))
    case .range(let next, let step, let remaining):
      guard remaining > 0 else { return nil }
      self = .range(next: next &+ step, step: step, remaining: remaining - 1)
      return .int(next, .none)
    case .generator(let generator): return try generator.next(&machine)
    }
  }
}

extension Value {
  /// An iterator over the value; nil where it cannot be iterated.
  var cursor: Cursor? {
    switch self {
    case .list(let box), .tuple(let box): .list(box, 0)
    case .dict(let box): .keys(box, 0)
    case .string(let text), .markup(let text): .text(text, 0)
    case .undefined: .empty
    case .object(let object): object.target.cursor()
    default: nil
    }
  }

  func iterate() throws(JinjaError) -> Cursor {
    guard let cursor else { throw JinjaError(.type, "'\(typeName)' object is not iterable") }
    return cursor
  }

  /// `len(x)`.
  func length() throws(JinjaError) -> Int {
    switch self {
    case .undefined: return 0
    case .string(let text), .markup(let text): return text.scalarCount
    case .list(let box), .tuple(let box): return box.count
    case .dict(let box): return box.count
    case .object(let object):
      if let length = object.length { return length }
    default: break
    }
    throw JinjaError(.type, "object of type '\(typeName)' has no len()")
  }
}
