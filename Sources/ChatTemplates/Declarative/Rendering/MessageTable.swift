// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// What a template asks about the messages of a conversation, looked up once: a row for each
/// message, a column for each field that the template reads.
struct MessageTable: ~Copyable {
  /// What a field holds: the place of its member in the message, and its text.
  private struct Cell {
    /// The place, or the text, is beyond what the cell can hold.
    static let farPlace = UInt8.max
    static let farText = UInt32.max

    var kinds = ValueKinds.absent
    var place: UInt8 = 0
    var textStart = farText
    var textCount: UInt32 = 0
  }

  let messages: [Message]
  private let fields: NumberedTexts
  private let columnCount: Int
  private var cells: [Cell]
  /// The number of each message's role among those that the template names; negative for others.
  private(set) var roles: [Int32] = []
  /// The texts of all fields, one after the other: those that are strings.
  private(set) var texts: ByteBuffer

  init(_ messages: [Message], for program: RenderProgram) {
    self.messages = messages
    fields = program.tables.fields
    columnCount = fields.count
    cells = Array(repeating: Cell(), count: messages.count * columnCount)
    roles.reserveCapacity(messages.count)
    texts = ByteBuffer(capacity: 256 * messages.count)
    let roleNames = program.tables.roles
    unsafe messages.withFields { objects in
      var columns: [Int32] = []
      var keys: ObjectIdentifier?
      for index in objects.indices {
        guard let object = unsafe objects.baseAddress.map({ unsafe $0 + index }) else { return }
        let contents = unsafe JSONObject.contents(of: object)
        // Most messages share their keys with their neighbour.
        if unsafe index == 0 || contents.keys != keys {
          columns = unsafe object.pointee.keys.map { fields.find($0) ?? -1 }
          keys = unsafe contents.keys
        }
        unsafe readRow(index, contents.values, roleNames, columns.span)
      }
    }
  }

  /// Reads a message's values, where they lie.
  private mutating func readRow(
    _ index: Int, _ values: UnsafeBufferPointer<JSONValue>, _ roleNames: NumberedTexts,
    _ columns: Span<Int32>
  ) {
    roles.append(-1)
    for place in values.indices {
      let column = columns[place]
      guard column >= 0 else { continue }
      var cell = Cell(place: UInt8(clamping: place))
      if case .string(let text) = unsafe values[place] {
        cell.kinds = text.isEmpty ? .string : [.string, .truthy]
        if column == RenderCompiler.roleColumn { readRole(text, index, roleNames) }
        if texts.count + text.utf8.count < Int(Cell.farText) {
          cell.textStart = UInt32(texts.count)
          texts.append(text.string.utf8Span.span)
          cell.textCount = UInt32(texts.count) - cell.textStart
        }
      } else {
        cell.kinds = unsafe ValueKinds(of: values[place])
      }
      cells[index * columnCount + Int(column)] = cell
    }
  }

  private mutating func readRole(_ text: ExactString, _ index: Int, _ names: NumberedTexts) {
    // Speakers mostly take turns.
    let likely = index > 1 ? roles[index - 2] : -1
    let isLikely = likely >= 0 && names[likely] == text
    roles[index] = isLikely ? likely : names.find(text) ?? -1
  }

  /// What a field of a message holds.
  @inline(__always)
  func kinds(_ message: Int32, _ column: Int32) -> ValueKinds {
    cells[Int(message) * columnCount + Int(column)].kinds
  }

  /// Where the text of a field stands among ``texts``; nil where it is no string.
  @inline(__always)
  func text(_ message: Int32, _ column: Int32) -> Range<Int>? {
    let cell = cells[Int(message) * columnCount + Int(column)]
    guard cell.textStart != Cell.farText else { return nil }
    return Int(cell.textStart)..<Int(cell.textStart) + Int(cell.textCount)
  }

  /// Whether a text, which is not empty, starts and ends with ASCII that can be seen.
  @inline(__always)
  func isInked(_ text: Range<Int>) -> Bool {
    0x21...0x7E ~= texts[text.lowerBound] && 0x21...0x7E ~= texts[text.upperBound - 1]
  }

  /// Adds a text to the others; where it stands.
  mutating func add(_ text: String) -> Range<Int> {
    let start = texts.count
    texts.append(text.utf8Span.span)
    return start..<texts.count
  }

  /// A field of a message.
  func value(_ message: Int32, _ column: Int32) -> JSONValue? {
    let cell = cells[Int(message) * columnCount + Int(column)]
    if cell.kinds == .absent { return nil }
    if cell.place == Cell.farPlace { return messages[Int(message)].fields[fields[column]] }
    return messages[Int(message)].fields.value(at: Int(cell.place))
  }
}
