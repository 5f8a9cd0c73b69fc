// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// What a template asks about the messages of a conversation, looked up once: a row for each
/// message, a column for each field that the template reads.
struct MessageTable: ~Copyable {
  /// What a field holds: the place of its member in the message, and its text.
  private struct Cell: BitwiseCopyable {
    /// The place is beyond what the cell can hold.
    static let farPlace = UInt8.max

    var text: HeldText?
    var kinds = ValueKinds.absent
    var place: UInt8 = 0
  }

  let messages: [Message]
  private let columnCount: Int
  private var cells: HeldList<Cell>
  /// The number of each message's role among those that the template names; negative for others.
  private(set) var roles: HeldList<Int32>

  /// How much memory a message takes.
  static func size(for program: RenderProgram) -> Int {
    // Its cells, and its texts that are short.
    program.tables.fields.count * (MemoryLayout<Cell>.stride + MemoryLayout<StringBytes>.stride)
  }

  init(_ messages: [Message], for program: RenderProgram, in memory: inout RenderMemory) {
    self.messages = messages
    columnCount = program.views.fieldNames.count
    cells = memory.list(of: Cell.self, capacity: messages.count * columnCount)
    roles = memory.list(of: Int32.self, capacity: messages.count)
    cells.append(repeating: Cell(), count: messages.count * columnCount)
    unsafe messages.withFields { objects in
      var reader = RowReader(fields: program.views.fieldNames, roles: program.views.roleNames)
      for index in objects.indices {
        guard let object = unsafe objects.baseAddress.map({ unsafe $0 + index }) else { return }
        let contents = unsafe JSONObject.contents(of: object)
        unsafe reader.learnKeys(of: object, contents.keys, in: &memory)
        unsafe readRow(contents.values, &reader, &memory)
      }
    }
  }

  /// What is known from one message to the next.
  private struct RowReader {
    private let fields: FlatView<StringBytes>
    private let roles: FlatView<StringBytes>
    /// The column of each key of the message, negative for none, and what its keys are known by.
    private(set) var columns: HeldList<Int32>?
    private var keys: ObjectIdentifier?
    /// The same of a message before: speakers mostly take turns.
    private var otherColumns: HeldList<Int32>?
    private var otherKeys: ObjectIdentifier?
    /// The roles of the two messages before, where they are short, and their numbers.
    private var last = (text: SIMD2<UInt64>.zero, number: Int32(-1))
    private var secondLast = (text: SIMD2<UInt64>.zero, number: Int32(-1))

    init(fields: FlatView<StringBytes>, roles: FlatView<StringBytes>) {
      self.fields = fields
      self.roles = roles
    }

    /// Finds the columns of an object's keys, which most share with a neighbour.
    @unsafe @inline(__always)
    mutating func learnKeys(
      of object: UnsafePointer<JSONObject>, _ keys: ObjectIdentifier?,
      in memory: inout RenderMemory
    ) {
      if columns != nil, keys == self.keys { return }
      unsafe findColumns(of: object, keys, in: &memory)
    }

    @unsafe @inline(never)
    private mutating func findColumns(
      of object: UnsafePointer<JSONObject>, _ keys: ObjectIdentifier?,
      in memory: inout RenderMemory
    ) {
      swap(&columns, &otherColumns)
      swap(&self.keys, &otherKeys)
      if columns != nil, keys == self.keys { return }
      let names = unsafe JSONObject.keys(of: object)
      var found = memory.list(of: Int32.self, capacity: names.count)
      for place in names.indices {
        guard let name = unsafe names.baseAddress.map({ unsafe $0 + place }) else { break }
        found.append(unsafe StringBytes(of: name).flatMap { fields.find($0) } ?? -1)
      }
      columns = found
      self.keys = keys
    }

    /// The number of a role.
    @inline(__always)
    mutating func number(of role: StringBytes) -> Int32 {
      let isShort = unsafe role.start == nil
      if isShort, role.short == secondLast.text {
        swap(&last, &secondLast)
        return last.number
      }
      let number = roles.find(role) ?? -1
      secondLast = last
      last = (isShort ? role.short : .zero, number)
      return number
    }
  }

  /// Reads a message's values, where they lie.
  @unsafe @inline(__always)
  private mutating func readRow(
    _ values: UnsafeBufferPointer<JSONValue>, _ reader: inout RowReader,
    _ memory: inout RenderMemory
  ) {
    let row = roles.count * columnCount
    var role: Int32 = -1
    guard let base = values.baseAddress, let columns = reader.columns else {
      return roles.append(role)
    }
    for place in columns.indices {
      let column = columns[place]
      guard column >= 0 else { continue }
      let value = unsafe base + place
      var cell = Cell(place: UInt8(clamping: place))
      if let bytes = unsafe StringBytes(of: value) {
        cell.kinds = bytes.count == 0 ? .string : [.string, .truthy]
        cell.text = memory.hold(bytes)
        if column == RenderCompiler.roleColumn { role = reader.number(of: bytes) }
      } else {
        cell.kinds = unsafe ValueKinds(of: value.pointee)
      }
      cells[row + Int(column)] = cell
    }
    roles.append(role)
  }

  /// What a field of a message holds.
  @inline(__always)
  func kinds(_ message: Int32, _ column: Int32) -> ValueKinds {
    cells[Int(message) * columnCount + Int(column)].kinds
  }

  /// The text of a field; nil where it is no string.
  @inline(__always)
  func text(_ message: Int32, _ column: Int32) -> HeldText? {
    cells[Int(message) * columnCount + Int(column)].text
  }

  /// A field of a message, by the names of the columns; nil where there is none.
  func value(_ message: Int32, _ column: Int32, named names: NumberedTexts) -> JSONValue? {
    let cell = cells[Int(message) * columnCount + Int(column)]
    if cell.kinds == .absent { return nil }
    if cell.place == Cell.farPlace { return messages[Int(message)].fields[names[column]] }
    return messages[Int(message)].fields.value(at: Int(cell.place))
  }
}

extension FlatView<StringBytes> {
  /// The number of a name; nil where it has none.
  ///
  /// - Complexity: O(`count`), which is small.
  @inline(__always)
  func find(_ name: StringBytes) -> Int32? {
    for index in 0..<count where self[index].areSame(as: name) { return Int32(index) }
    return nil
  }
}
