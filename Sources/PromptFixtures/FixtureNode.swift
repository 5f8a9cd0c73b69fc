// SPDX-License-Identifier: Apache-2.0

package import OrderedJSON
package import TextPrimitives

/// A value of a fixture file with its place, from which edits keep all that they do not change.
package struct FixtureNode: Sendable {
  /// Where a value begins.
  package enum Mark: Sendable, Equatable {
    /// In bytes, from 0.
    case offset(Int)
    /// 1-based, the column in Unicode scalars.
    case line(Int, column: Int)
  }

  /// What stands at a place.
  package indirect enum Value: Sendable {
    /// Null, a boolean, a number or a string.
    case scalar(JSONValue)
    case list([FixtureNode])
    case map([Entry])
  }

  /// A key with its value.
  package struct Entry: Sendable {
    package let key: ExactString
    package let keyMark: Mark
    package let value: FixtureNode
  }

  package let value: Value
  package let mark: Mark

  /// The member of a map.
  package subscript(key: ExactString) -> FixtureNode? {
    guard case .map(let entries) = value else { return nil }
    return entries.first { $0.key == key }?.value
  }

  /// The members of a map; none of anything else.
  package var entries: [Entry] {
    if case .map(let entries) = value { entries } else { [] }
  }

  /// The value without places.
  package var json: JSONValue {
    switch value {
    case .scalar(let value): value
    case .list(let elements): .array(elements.map(\.json))
    case .map(let entries): .object(JSONObject(entries.map { ($0.key, $0.value.json) }))
    }
  }

  /// What stands there, for messages.
  package var kindName: String {
    switch value {
    case .scalar(let value): value.kindName
    case .list: "a list"
    case .map: "a map"
    }
  }
}
