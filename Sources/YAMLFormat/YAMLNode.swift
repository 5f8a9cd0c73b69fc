// SPDX-License-Identifier: Apache-2.0

/// A value of a YAML document, with its place; what it means is the caller's to say.
///
/// ```swift
/// let node = try YAMLNode.parse(Array("name: \"Ada\"".utf8))
/// ```
public struct YAMLNode: Sendable {
  /// How deep a document may be nested.
  public static let depthLimit = 200

  /// What stands there.
  public indirect enum Value: Sendable {
    /// A text, without its quotes and escapes.
    case scalar(String, ScalarStyle)
    case sequence([YAMLNode])
    /// Keys and values in their order; a key may stand twice.
    case mapping([(key: YAMLNode, value: YAMLNode)])
    /// The name of another value.
    case alias
  }

  /// How a text is written.
  public enum ScalarStyle: Sendable {
    case plain, doubleQuoted
    /// In single quotes, or as a block.
    case other
  }

  /// Where something begins, from 1; the column in Unicode scalars.
  public struct Place: Hashable, Sendable {
    /// The line.
    public var line: Int
    /// The scalar of the line.
    public var column: Int
  }

  /// What stands there.
  public let value: Value
  /// Where it begins.
  public let place: Place
  /// Whether the value has a name, by which an alias can stand for it.
  public let isAnchored: Bool
}

/// What is no YAML, and where.
public struct YAMLError: Error, Hashable, Sendable {
  /// What is wrong, in libyaml's words or ours.
  public let message: String
  /// Where reading stopped.
  public let place: YAMLNode.Place
}

extension YAMLNode {
  /// Reads the only document of a text.
  ///
  /// - Parameter bytes: The text, UTF-8.
  /// - Returns: nil where there is no document.
  /// - Throws: ``YAMLError`` with the place.
  public static func parse(_ bytes: [UInt8]) throws(YAMLError) -> YAMLNode? {
    let events = YAMLEvents(bytes)
    guard case .documentStart = try events.next(after: .streamStart).kind else { return nil }
    let root = try node(try events.next(), events, depth: 0)
    let end = try events.next(after: .documentEnd)
    guard case .streamEnd = end.kind else {
      throw YAMLError(message: "a second document begins; there must be one", place: end.place)
    }
    return root
  }

  private static func node(_ event: YAMLEvent, _ events: YAMLEvents, depth: Int)
    throws(YAMLError) -> YAMLNode
  {
    guard depth < depthLimit else {
      throw YAMLError(message: "nested deeper than \(depthLimit) levels", place: event.place)
    }
    let value: Value
    switch event.kind {
    case .scalar(let text, let style): value = .scalar(text, style)
    case .sequenceStart:
      var elements: [YAMLNode] = []
      while case let next = try events.next(), next.kind != .end {
        elements.append(try node(next, events, depth: depth + 1))
      }
      value = .sequence(elements)
    case .mappingStart:
      var entries: [(key: YAMLNode, value: YAMLNode)] = []
      while case let next = try events.next(), next.kind != .end {
        let key = try node(next, events, depth: depth + 1)
        entries.append((key, try node(try events.next(), events, depth: depth + 1)))
      }
      value = .mapping(entries)
    case .alias: value = .alias
    case .streamStart, .streamEnd, .documentStart, .documentEnd, .end:
      throw YAMLError(message: "a value is missing", place: event.place)
    }
    return YAMLNode(value: value, place: event.place, isAnchored: event.isAnchored)
  }
}
