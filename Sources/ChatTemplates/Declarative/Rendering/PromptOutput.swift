// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// What a declarative render has written: a note on each piece, which tells where its bytes lie.
///
/// They are copied once, when all is written and the length of the text is known.
struct PromptOutput: ~Copyable {
  private(set) var notes: NoteBuffer
  /// The length of the text so far.
  private(set) var count = 0
  /// What the next pieces belong to: a role by ``SegmentNote``'s numbers, and a message.
  var role = SegmentNote.none
  var message = SegmentNote.none
  /// Whether the next piece is encoded apart from the last, and what it is encoded behind.
  private var isSplit = false
  private var lead = SegmentNote.noLead

  /// An output with room for so many pieces.
  init(pieceCount: Int) {
    notes = NoteBuffer(capacity: pieceCount)
  }

  /// Has the next piece encoded apart from the last, behind a lead by its number.
  mutating func split(behind number: Int32) {
    isSplit = true
    lead = UInt8(exactly: number) ?? SegmentNote.noLead
  }

  // MARK: Writing

  /// The literals of a step.
  @inline(__always)
  mutating func write(_ literals: FlatView<UInt8>, _ step: RenderStep) {
    let text = literals.text(step.first, count: step.second)
    note(
      text, step.traits, role: role, message: message, part: Int32(step.detail),
      source: step.source)
  }

  /// A field of the message that the next pieces belong to.
  @inline(__always)
  mutating func write(field text: HeldText, _ step: RenderStep) {
    if text.isEmpty { return }
    note(
      text, step.traits, role: role, message: message, part: SegmentNote.none,
      source: step.source)
  }

  /// Other text of the template's own.
  mutating func write(own text: HeldText, _ traits: SegmentNote.Traits, source: Int32) {
    if text.isEmpty { return }
    note(text, traits, role: role, message: message, part: SegmentNote.none, source: source)
  }

  /// A value that comes from somewhere, and that the model writes or not.
  mutating func write(_ text: HeldText, from origin: FieldOrigin, isGenerated: Bool) {
    if text.isEmpty { return }
    var traits: SegmentNote.Traits = origin.isTemplate ? [] : .field
    if isGenerated {
      traits.insert(.model)
    } else if !origin.isTemplate {
      traits.insert(.caller)
    }
    let isOther = origin.message != message && origin.role != SegmentNote.none
    note(
      text, traits, role: isOther ? origin.role : role,
      message: origin.message == SegmentNote.none ? message : origin.message,
      part: origin.part, source: origin.source)
  }

  @inline(__always)
  private mutating func note(
    _ text: HeldText, _ traits: SegmentNote.Traits, role: Int32, message: Int32, part: Int32,
    source: Int32
  ) {
    count &+= text.count
    var note = SegmentNote(
      address: text.address, end: count, source: source, role: role, message: message,
      part: part, traits: traits)
    if isSplit {
      note.traits.insert(.startsApart)
      if !traits.contains(.control) { note.lead = lead }
      isSplit = false
    }
    notes.append(note)
  }

  /// The notes, when all is written.
  consuming func finish() -> NoteBuffer { notes }

  // MARK: Changing

  /// Marks a control token that was written last, and is a stop, as the end of what the model
  /// writes.
  mutating func endGenerated() {
    let last = notes.count - 1
    guard last >= 0, notes[last].traits.contains(.stop) else { return }
    notes[last].traits.insert(.terminator)
  }

  /// Takes white space away from both ends of what was written since a note.
  mutating func trim(since first: Int) {
    cut(at: inkEnd(since: first))
    var (start, removed, kept) = (notes.start(of: first), 0, first)
    var isBlank = true
    for index in first..<notes.count {
      var note = notes[index]
      let text = notes.text(of: note, from: start)
      start = note.end
      if isBlank {
        let ink = text.withSpan { TextScanning.trimmed($0, 0..<$0.count, end: false) }
        removed += ink.lowerBound
        if ink.isEmpty { continue }
        note.address += UInt(ink.lowerBound)
        isBlank = false
      }
      note.end -= removed
      notes[kept] = note
      kept += 1
    }
    notes.remove(from: kept)
    count -= removed
  }

  /// Where the white space begins that ends what was written since a note.
  private func inkEnd(since first: Int) -> Int {
    for index in (first..<notes.count).reversed() {
      let start = notes.start(of: index)
      let text = notes.text(of: notes[index], from: start)
      let ink = text.withSpan { TextScanning.trimmed($0, 0..<$0.count, start: false) }
      if !ink.isEmpty { return start + ink.upperBound }
    }
    return notes.start(of: first)
  }

  /// Drops what follows a byte offset.
  mutating func cut(at end: Int) {
    guard end < count else { return }
    count = end
    while notes.count > 0, notes[notes.count - 1].end > end {
      let last = notes.count - 1
      if notes.start(of: last) >= end {
        notes.remove(from: last)
      } else {
        notes[last].end = end
        notes[last].traits.remove(.stop)
      }
    }
  }
}
