// SPDX-License-Identifier: Apache-2.0

import OrderedJSON

/// The tables of a program's inner loop.
final class FlatTables: Sendable {
  fileprivate let steps: FlatTable<RenderStep>
  fileprivate let tests: FlatTable<RenderTest>
  fileprivate let operands: FlatTable<RenderOperand>
  fileprivate let edits: FlatTable<TextEdit>
  fileprivate let lists: FlatTable<Int32>
  fileprivate let literals: FlatTable<UInt8>
  fileprivate let fieldNames: FlatTable<StringBytes>
  fileprivate let roleNames: FlatTable<StringBytes>
  fileprivate let textBytes: FlatTable<UInt8>
  fileprivate let texts: FlatTable<StepRange>
  /// Whose strings the names are.
  private let tables: RenderTables

  init(_ tables: RenderTables) {
    self.tables = tables
    steps = FlatTable(tables.steps)
    tests = FlatTable(tables.tests)
    operands = FlatTable(tables.operands)
    edits = FlatTable(tables.edits)
    lists = FlatTable(tables.lists)
    literals = FlatTable(tables.literals)
    fieldNames = FlatTable(tables.fields.bytes)
    roleNames = FlatTable(tables.roles.bytes)
    let texts = tables.texts.joined
    textBytes = FlatTable(texts.bytes)
    self.texts = FlatTable(texts.places)
  }
}

/// Views of the tables, for someone who holds them.
struct RenderViews: Sendable {
  let steps: FlatView<RenderStep>
  let tests: FlatView<RenderTest>
  let operands: FlatView<RenderOperand>
  let edits: FlatView<TextEdit>
  let lists: FlatView<Int32>
  let literals: FlatView<UInt8>
  let fieldNames: FlatView<StringBytes>
  let roleNames: FlatView<StringBytes>
  private let textBytes: FlatView<UInt8>
  private let texts: FlatView<StepRange>

  init(_ tables: FlatTables) {
    steps = tables.steps.view
    tests = tables.tests.view
    operands = tables.operands.view
    edits = tables.edits.view
    lists = tables.lists.view
    literals = tables.literals.view
    fieldNames = tables.fieldNames.view
    roleNames = tables.roleNames.view
    textBytes = tables.textBytes.view
    texts = tables.texts.view
  }

  /// One of the texts, by its number.
  func text(_ number: Int32) -> HeldText {
    let place = texts[Int(number)]
    return textBytes.text(place.start, count: place.end - place.start)
  }
}
