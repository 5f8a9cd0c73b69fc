// SPDX-License-Identifier: Apache-2.0

public import TextPrimitives

/// The members of a JSON object in the order of their first appearance.
///
/// As in Python's `dict`, a key that is set again keeps its place and takes the new value.
public struct JSONObject: Sendable {
  /// A key and its value.
  public typealias Element = (key: ExactString, value: JSONValue)

  /// The keys, which objects of one kind share; nil where there are none.
  private var shape: JSONShape?
  /// The values in order.
  public private(set) var values: [JSONValue] = []

  /// An object without members.
  public init() {}

  /// An object with these members; of equal keys the last value counts.
  public init(_ members: some Sequence<(ExactString, JSONValue)>) {
    for (key, value) in members { self[key] = value }
  }

  /// An object with the keys of another one, in their order, and as many values.
  package init(keysOf other: JSONObject, values: [JSONValue]) {
    precondition(values.count == other.count, "a value for each key")
    shape = other.shape
    self.values = values
  }

  /// The keys in order.
  public var keys: [ExactString] { shape?.keys ?? [] }

  /// The key at a place.
  public func key(at place: Int) -> ExactString { keys[place] }

  /// The value at a place.
  public func value(at place: Int) -> JSONValue { values[place] }

  /// The values of an object where it lies, and what its keys are known by, which is the same for
  /// objects that share them and nil where there are none: read without counting references.
  ///
  /// The buffer is good as long as the object stays as it is.
  package static func contents(
    of object: UnsafePointer<JSONObject>
  ) -> (values: UnsafeBufferPointer<JSONValue>, keys: ObjectIdentifier?) {
    let values = unsafe object.pointee.values.withUnsafeBufferPointer { unsafe $0 }
    return unsafe (values, object.pointee.shape.map { ObjectIdentifier($0) })
  }

  /// The keys of an object where it lies, in order: read without counting references, as
  /// ``contents(of:)``.
  package static func keys(
    of object: UnsafePointer<JSONObject>
  ) -> UnsafeBufferPointer<ExactString> {
    guard let shape = unsafe object.pointee.shape else { return unsafe .init(start: nil, count: 0) }
    return unsafe shape.keys.withUnsafeBufferPointer { unsafe $0 }
  }

  /// The place of the first object that has a member which is `null`, or one of some keys.
  package static func firstIndex(
    in objects: UnsafeBufferPointer<JSONObject>, withNullOrAnyOf keys: [ExactString]
  ) -> Int? {
    var known: ObjectIdentifier?
    for index in objects.indices {
      guard let object = unsafe objects.baseAddress.map({ unsafe $0 + index }) else { return nil }
      let contents = unsafe contents(of: object)
      for place in unsafe contents.values.indices {
        if case .null = unsafe contents.values[place] { return index }
      }
      if unsafe contents.keys != known {
        if unsafe has(anyOf: keys, object) { return index }
        known = unsafe contents.keys
      }
    }
    return nil
  }

  @unsafe
  private static func has(anyOf wanted: [ExactString], _ object: UnsafePointer<JSONObject>)
    -> Bool
  {
    let keys = unsafe keys(of: object)
    return unsafe wanted.withUnsafeBufferPointer { wanted in
      for place in keys.indices {
        let count = unsafe keys[place].utf8.count
        for index in wanted.indices
        where unsafe wanted[index].utf8.count == count && keys[place] == wanted[index] {
          return true
        }
      }
      return false
    }
  }

  /// Whether two objects share their keys, as objects of one array do where the keys are the same.
  package func sharesKeys(with other: JSONObject) -> Bool { shape === other.shape }

  /// Whether two objects have the same keys in the same order.
  package func hasKeys(of other: JSONObject) -> Bool {
    sharesKeys(with: other) || count == other.count && keys == other.keys
  }

  /// Takes over the keys of another object where they are the same.
  package mutating func shareKeys(with other: JSONObject) {
    if hasKeys(of: other) { shape = other.shape }
  }

  /// The value of a key; setting nil removes the member.
  public subscript(key: ExactString) -> JSONValue? {
    get { place(of: key).map { values[$0] } }
    set {
      switch (place(of: key), newValue) {
      case (let place?, let value?): values[place] = value
      case (let place?, nil): remove(at: place)
      case (nil, let value?): append(key, value)
      case (nil, nil): break
      }
    }
  }

  /// Puts a member at a place, where the key is not there yet.
  ///
  /// - Complexity: O(`count`).
  public mutating func insert(_ value: JSONValue, forKey key: ExactString, at place: Int) {
    self[key] = nil
    let place = Swift.min(place, count)
    var keys = self.keys
    keys.insert(key, at: place)
    shape = JSONShape(keys)
    values.insert(value, at: place)
  }

  private func place(of key: ExactString) -> Int? { shape?.place(of: key) }

  private mutating func append(_ key: ExactString, _ value: JSONValue) {
    if !isKnownUniquelyReferenced(&shape) { shape = JSONShape(keys) }
    shape?.append(key)
    values.append(value)
  }

  private mutating func remove(at place: Int) {
    var keys = self.keys
    keys.remove(at: place)
    shape = keys.isEmpty ? nil : JSONShape(keys)
    values.remove(at: place)
  }
}

/// The keys of objects of one kind, in order.
///
/// The messages of a conversation have the same few keys again and again. Sharing them saves their
/// memory, and what is found out about the keys of one object holds for all that share them.
private final class JSONShape: @unchecked Sendable {
  // SAFETY: it changes only while one object alone refers to it.

  /// Up to this many members a scan is faster than hashing.
  private static let scanLimit = 8

  private(set) var keys: [ExactString]
  private var places: [ExactString: Int] = [:]

  init(_ keys: [ExactString]) {
    self.keys = keys
    if keys.count > Self.scanLimit { number() }
  }

  func place(of key: ExactString) -> Int? {
    if keys.count > Self.scanLimit { return places[key] }
    for place in keys.indices where keys[place] == key { return place }
    return nil
  }

  func append(_ key: ExactString) {
    keys.append(key)
    if keys.count == Self.scanLimit + 1 {
      number()
    } else if keys.count > Self.scanLimit {
      places[key] = keys.count - 1
    }
  }

  private func number() {
    for (place, key) in keys.enumerated() { places[key] = place }
  }
}

extension JSONObject: RandomAccessCollection {
  /// The first place.
  public var startIndex: Int { 0 }
  /// One past the last place.
  public var endIndex: Int { values.count }
  /// The member at a place.
  public subscript(place: Int) -> Element { (key(at: place), values[place]) }
}

extension JSONObject: Equatable {
  /// Compares keys, values and their order.
  public static func == (left: JSONObject, right: JSONObject) -> Bool {
    left.hasKeys(of: right) && left.values == right.values
  }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
  /// An object with its keys in this order.
  public init(dictionaryLiteral elements: (ExactString, JSONValue)...) {
    self.init(elements)
  }
}
