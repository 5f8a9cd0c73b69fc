// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// What a declarative render has written: bytes, and a note on each piece.
struct PromptOutput: ~Copyable {
  private(set) var bytes: ByteBuffer
  private(set) var notes: [SegmentNote] = []
  /// What the next pieces belong to: a role by ``SegmentNote``'s numbers, and a message.
  var role = SegmentNote.none
  var message = SegmentNote.none
  var isGenerated = false
  /// Whether the next piece is encoded apart from the last, and what it is encoded behind.
  private var isSplit = false
  private var lead = SegmentNote.noLead

  /// An output with room for so many bytes and pieces: growing means copying.
  init(capacity: Int, pieceCount: Int) {
    bytes = ByteBuffer(capacity: capacity)
    notes.reserveCapacity(pieceCount)
  }

  /// Has the next piece encoded apart from the last, behind a lead by its number.
  mutating func split(behind number: Int32) {
    isSplit = true
    lead = UInt8(exactly: number) ?? SegmentNote.noLead
  }

  // MARK: Writing

  /// A part of the template's literals.
  @inline(__always)
  mutating func write(_ literals: FlatView<UInt8>, _ step: RenderStep) {
    let start = Int(step.first)
    guard step.second > 0 else { return }
    bytes.append(literals, start..<start + Int(step.second))
    noteOwn(isControl: step.isControl, isStop: step.isStop, source: step.source)
  }

  /// Other text of the template's own.
  mutating func write(
    _ text: Span<UInt8>, isControl: Bool, isStop: Bool = false, source: Int32
  ) {
    guard text.count > 0 else { return }
    bytes.append(text)
    noteOwn(isControl: isControl, isStop: isStop, source: source)
  }

  /// A part of the conversation's texts.
  @inline(__always)
  mutating func write(
    _ texts: borrowing ByteBuffer, _ range: Range<Int>, from origin: FieldOrigin
  ) {
    guard !range.isEmpty else { return }
    bytes.append(texts, range)
    noteField(origin)
  }

  /// What a field holds.
  mutating func write(_ text: Span<UInt8>, from origin: FieldOrigin) {
    guard text.count > 0 else { return }
    bytes.append(text)
    noteField(origin)
  }

  @inline(__always)
  private mutating func noteOwn(isControl: Bool, isStop: Bool, source: Int32) {
    var traits: SegmentNote.Traits = isControl ? .control : []
    if isStop { traits.insert(.stop) }
    if isGenerated { traits.insert(.model) }
    note(traits, role: role, message: message, part: SegmentNote.none, source: source)
  }

  @inline(__always)
  private mutating func noteField(_ origin: FieldOrigin) {
    var traits: SegmentNote.Traits = origin.isTemplate ? [] : .field
    if isGenerated {
      traits.insert(.model)
    } else if !origin.isTemplate {
      traits.insert(.caller)
    }
    let isOther = origin.message != message && origin.role != SegmentNote.none
    note(
      traits, role: isOther ? origin.role : role,
      message: origin.message == SegmentNote.none ? message : origin.message,
      part: origin.part, source: origin.source)
  }

  @inline(__always)
  private mutating func note(
    _ traits: SegmentNote.Traits, role: Int32, message: Int32, part: Int32, source: Int32
  ) {
    var traits = traits
    var behind = SegmentNote.noLead
    if isSplit {
      traits.insert(.startsApart)
      if !traits.contains(.control) { behind = lead }
      isSplit = false
    }
    notes.append(
      SegmentNote(
        end: bytes.count, source: source, role: role, message: message, part: part,
        traits: traits, lead: behind))
  }

  // MARK: Changing

  /// Marks a control token that was written last, and is a stop, as the end of what the model
  /// writes.
  mutating func endGenerated() {
    isGenerated = false
    guard let last = notes.indices.last, notes[last].traits.contains(.stop) else { return }
    notes[last].traits.insert(.terminator)
  }

  /// Takes white space away from both ends of what was written since an offset.
  mutating func trim(since start: Int) {
    let kept = bytes.withSpan { TextScanning.trimmed($0, start..<$0.count) }
    cut(at: kept.upperBound)
    remove(start..<kept.lowerBound)
  }

  /// Drops what follows a byte offset.
  mutating func cut(at end: Int) {
    guard end < bytes.count else { return }
    bytes.cut(at: end)
    while let last = notes.indices.last, notes[last].end > end {
      let start = last > 0 ? notes[last - 1].end : 0
      if start >= end {
        notes.removeLast()
      } else {
        notes[last].end = end
        notes[last].traits.remove(.stop)
      }
    }
  }

  private mutating func remove(_ range: Range<Int>) {
    guard !range.isEmpty else { return }
    bytes.remove(range)
    var kept = notes.count
    while kept > 0, notes[kept - 1].end > range.lowerBound { kept -= 1 }
    var start = kept > 0 ? notes[kept - 1].end : 0
    for index in kept..<notes.count {
      var note = notes[index]
      // What of the removed range lies below an end is what that end moves by.
      note.end -= max(0, min(range.upperBound, note.end) - range.lowerBound)
      guard note.end > start else { continue }
      notes[kept] = note
      start = note.end
      kept += 1
    }
    notes.removeSubrange(kept...)
  }
}
