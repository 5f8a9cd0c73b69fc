// SPDX-License-Identifier: Apache-2.0

public import TextPrimitives

/// The members of a JSON object in the order of their first appearance.
///
/// As in Python's `dict`, a key that is set again keeps its place and takes the new value.
public struct JSONObject: Sendable {
  /// A key and its value.
  public typealias Element = (key: ExactString, value: JSONValue)

  /// Up to this many members a scan is faster than hashing.
  private static let scanLimit = 8

  private var elements: [Element] = []
  private var places: [ExactString: Int] = [:]

  /// An object without members.
  public init() {}

  /// An object with these members; of equal keys the last value counts.
  public init(_ members: some Sequence<(ExactString, JSONValue)>) {
    for (key, value) in members { self[key] = value }
  }

  /// The members in order, for who goes through them without counting references.
  package var members: [Element] { elements }

  /// The keys in order.
  public var keys: [ExactString] { elements.map(\.key) }

  /// The values in order.
  public var values: [JSONValue] { elements.map(\.value) }

  /// The key at a place.
  public func key(at place: Int) -> ExactString { elements[place].key }

  /// Whether two objects have the same keys in the same order.
  public func hasKeys(of other: JSONObject) -> Bool {
    guard elements.count == other.elements.count else { return false }
    for place in 0..<elements.count where elements[place].key != other.elements[place].key {
      return false
    }
    return true
  }

  /// Whether some member's value is `null`.
  public var hasNull: Bool {
    for place in elements.indices { if case .null = elements[place].value { return true } }
    return false
  }

  /// Whether there is a member of one of the keys.
  public func hasKey(among keys: [ExactString]) -> Bool {
    for place in elements.indices {
      for key in keys where elements[place].key == key { return true }
    }
    return false
  }

  /// The value at a place.
  public func value(at place: Int) -> JSONValue { elements[place].value }

  /// The value of a key; setting nil removes the member.
  public subscript(key: ExactString) -> JSONValue? {
    get { place(of: key).map { elements[$0].value } }
    set {
      switch (place(of: key), newValue) {
      case (let place?, let value?): elements[place].value = value
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
    elements.insert((key, value), at: Swift.min(place, elements.count))
    rebuildPlaces()
  }

  private func place(of key: ExactString) -> Int? {
    if elements.count > Self.scanLimit { return places[key] }
    return elements.firstIndex { $0.key == key }
  }

  private mutating func append(_ key: ExactString, _ value: JSONValue) {
    elements.append((key, value))
    if elements.count == Self.scanLimit + 1 {
      rebuildPlaces()
    } else if elements.count > Self.scanLimit {
      places[key] = elements.count - 1
    }
  }

  private mutating func remove(at place: Int) {
    elements.remove(at: place)
    rebuildPlaces()
  }

  private mutating func rebuildPlaces() {
    places.removeAll(keepingCapacity: true)
    guard elements.count > Self.scanLimit else { return }
    for (place, element) in elements.enumerated() { places[element.key] = place }
  }
}

extension JSONObject: RandomAccessCollection {
  /// The first place.
  public var startIndex: Int { 0 }
  /// One past the last place.
  public var endIndex: Int { elements.count }
  /// The member at a place.
  public subscript(place: Int) -> Element { elements[place] }
}

extension JSONObject: Equatable {
  /// Compares keys, values and their order.
  public static func == (left: JSONObject, right: JSONObject) -> Bool {
    left.count == right.count
      && zip(left, right).allSatisfy { $0.key == $1.key && $0.value == $1.value }
  }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
  /// An object with its keys in this order.
  public init(dictionaryLiteral elements: (ExactString, JSONValue)...) {
    self.init(elements)
  }
}
