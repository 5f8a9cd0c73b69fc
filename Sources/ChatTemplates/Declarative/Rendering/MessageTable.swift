// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// What a template asks about the messages of a conversation, looked up once: a row for each
/// message, a column for each field that the template reads.
struct MessageTable {
  /// The column of the role.
  static let role: Int32 = 0

  /// What a field holds, and the place of its member in the message.
  private struct Cell {
    /// The place is beyond what the cell can hold.
    static let far = UInt8.max

    var kinds: ValueKinds
    var place: UInt8
  }

  let messages: [JSONObject]
  private let fields: NumberedTexts
  private let columnCount: Int
  private var cells: [Cell]
  /// The number of each message's role among those that the template names; negative for others.
  private(set) var roles: [Int32] = []
  /// About how many bytes the fields' texts have.
  private(set) var textSize = 0

  init(_ messages: [JSONObject], _ tables: RenderTables) {
    self.messages = messages
    fields = tables.fields
    columnCount = fields.count
    cells = Array(
      repeating: Cell(kinds: .absent, place: 0), count: messages.count * columnCount)
    roles.reserveCapacity(messages.count)
    // Messages of a conversation mostly have the same keys in the same order.
    var columns: [Int32] = []
    for index in messages.indices { readRow(index, tables.roles, &columns) }
  }

  private mutating func readRow(
    _ index: Int, _ roleNames: NumberedTexts, _ columns: inout [Int32]
  ) {
    let message = messages[index]
    var role: Int32 = -1
    for place in 0..<message.count {
      if place == columns.count { columns.append(-1) }
      let column = column(of: message.key(at: place), likely: columns[place])
      columns[place] = column
      guard column >= 0 else { continue }
      let value = message.value(at: place)
      cells[index * columnCount + Int(column)] = Cell(
        kinds: ValueKinds(of: value), place: UInt8(clamping: place))
      switch value {
      case .string(let text):
        textSize += text.utf8.count
        if column == Self.role {
          // Speakers mostly take turns.
          let likely = index > 1 ? roles[index - 2] : -1
          role = likely >= 0 && roleNames[likely] == text ? likely : roleNames.find(text) ?? -1
        }
      case .array, .object: textSize += 256
      default: break
      }
    }
    roles.append(role)
  }

  private func column(of key: ExactString, likely: Int32) -> Int32 {
    if likely >= 0, fields[likely] == key { return likely }
    return fields.find(key) ?? -1
  }

  /// What a field of a message holds.
  @inline(__always)
  func kinds(_ message: Int32, _ column: Int32) -> ValueKinds {
    cells[Int(message) * columnCount + Int(column)].kinds
  }

  /// A field of a message.
  func value(_ message: Int32, _ column: Int32) -> JSONValue? {
    let cell = cells[Int(message) * columnCount + Int(column)]
    if cell.kinds == .absent { return nil }
    if cell.place == Cell.far { return messages[Int(message)][fields[column]] }
    return messages[Int(message)].value(at: Int(cell.place))
  }
}

/// A value that holds for the whole conversation: the tools, the documents, or a parameter.
struct GlobalValues {
  static let tools: Int32 = 0
  static let documents: Int32 = 1
  static let firstParameter: Int32 = 2

  struct Entry {
    var value: JSONValue?
    var kinds: ValueKinds
    /// Whether it is the template's own, because the caller gave none.
    var isTemplate = false

    init(_ value: JSONValue?, isTemplate: Bool = false) {
      self.value = value
      kinds = ValueKinds(of: value)
      self.isTemplate = isTemplate
    }
  }

  private var entries: [Entry] = []

  init(_ definition: TemplateDefinition, _ input: PreparedConversation) {
    entries.reserveCapacity(2 + definition.parameters.count)
    entries.append(Entry(Self.tools(of: input, definition)))
    entries.append(Entry(input.documents))
    for parameter in definition.parameters {
      if let given = input.arguments[parameter.name] {
        entries.append(Entry(given))
        continue
      }
      switch parameter.fallback {
      case nil: entries.append(Entry(nil, isTemplate: true))
      case .value(let value): entries.append(Entry(value, isTemplate: true))
      case .date(let format):
        let date = ExactString(input.now.formatted(format))
        entries.append(Entry(.string(date), isTemplate: true))
      }
    }
  }

  @inline(__always)
  subscript(number: Int32) -> Entry { entries[Int(number)] }

  @inline(__always)
  func kinds(_ number: Int32) -> ValueKinds { entries[Int(number)].kinds }

  private static func tools(of input: PreparedConversation, _ definition: TemplateDefinition)
    -> JSONValue?
  {
    guard let (name, mustBeTrue) = definition.toolsParameter,
      let given = input.arguments[name], !mustBeTrue || PythonText.isTrue(given)
    else { return input.tools }
    return given.isNull ? nil : given
  }
}
