// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// What a declarative render has written: bytes, and a note on each piece.
struct PromptOutput {
  private(set) var bytes: [UInt8] = []
  private(set) var notes: [SegmentNote] = []
  /// What the next pieces belong to: a role by ``SegmentNote``'s numbers, and a message.
  var role = SegmentNote.none
  var message = SegmentNote.none
  var isGenerated = false
  /// Whether the next piece is encoded apart from the last.
  private var isSplit = false

  /// An output with room for so many bytes and pieces: growing means copying.
  init(capacity: Int, pieceCount: Int) {
    bytes.reserveCapacity(capacity)
    notes.reserveCapacity(pieceCount)
  }

  /// Has the next piece encoded apart from the last.
  mutating func split() {
    isSplit = true
  }

  // MARK: Writing

  /// Text of the template's own.
  @inline(__always)
  mutating func write(
    _ text: Span<UInt8>, isControl: Bool, isStop: Bool = false, source: Int32
  ) {
    guard text.count > 0 else { return }
    append(text)
    var traits: SegmentNote.Traits = isControl ? .control : []
    if isStop { traits.insert(.stop) }
    if isGenerated { traits.insert(.model) }
    note(traits, role: role, message: message, part: SegmentNote.none, source: source)
  }

  /// A part of the template's literals.
  @inline(__always)
  mutating func write(
    _ literals: [UInt8], _ range: Range<Int>, isControl: Bool, isStop: Bool, source: Int32
  ) {
    write(
      literals.span.extracting(range), isControl: isControl, isStop: isStop, source: source)
  }

  /// What a field holds.
  @inline(__always)
  mutating func write(_ text: Span<UInt8>, from origin: FieldOrigin) {
    guard text.count > 0 else { return }
    append(text)
    noteField(origin)
  }

  /// What a field holds, written by a closure.
  mutating func write(from origin: FieldOrigin, _ body: (inout [UInt8]) -> Void) {
    let start = bytes.count
    body(&bytes)
    if bytes.count > start { noteField(origin) }
  }

  @inline(__always)
  private mutating func append(_ text: Span<UInt8>) {
    // SAFETY: the bytes are copied within the closure, while the span keeps them alive.
    unsafe text.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
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
    if isSplit {
      traits.insert(.startsApart)
      isSplit = false
    }
    notes.append(
      SegmentNote(
        end: bytes.count, source: source, role: role, message: message, part: part,
        traits: traits))
  }

  // MARK: Changing

  /// Marks a control token that was written last, and is a stop, as the end of what the model writes.
  mutating func endGenerated() {
    isGenerated = false
    guard let last = notes.indices.last, notes[last].traits.contains(.stop) else { return }
    notes[last].traits.insert(.terminator)
  }

  /// Takes white space away from both ends of what was written since an offset.
  mutating func trim(since start: Int) {
    let kept = TextScanning.trimmed(bytes.span, start..<bytes.count)
    cut(at: kept.upperBound)
    remove(start..<kept.lowerBound)
  }

  /// Drops what follows a byte offset.
  mutating func cut(at end: Int) {
    guard end < bytes.count else { return }
    bytes.removeSubrange(end...)
    while let last = notes.indices.last, notes[last].end > end {
      if last > 0, notes[last - 1].end >= end || end == 0 {
        notes.removeLast()
      } else if last == 0, end == 0 {
        notes.removeLast()
      } else {
        notes[last].end = end
        notes[last].traits.remove(.stop)
      }
    }
  }

  private mutating func remove(_ range: Range<Int>) {
    guard !range.isEmpty else { return }
    bytes.removeSubrange(range)
    var start = 0
    var kept = 0
    for index in notes.indices {
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

/// Who wrote a piece of a prompt, in numbers: 32 bytes without references, of which a segment is
/// made when it is asked for.
struct SegmentNote: Sendable {
  struct Traits: OptionSet, Sendable {
    let rawValue: UInt8

    static let control = Traits(rawValue: 1)
    static let field = Traits(rawValue: 2)
    static let caller = Traits(rawValue: 4)
    static let model = Traits(rawValue: 8)
    static let startsApart = Traits(rawValue: 16)
    /// It can end what the model writes, and does.
    static let stop = Traits(rawValue: 32)
    static let terminator = Traits(rawValue: 64)
  }

  /// No message, no part, no role.
  static let none: Int32 = -1

  /// Where the piece ends in the bytes; it starts where the one before ends.
  var end: Int
  /// The number of the source in the tables.
  var source: Int32
  /// The message that has the role, or a role of the template's by ``role(named:)``.
  var role: Int32
  var message: Int32
  var part: Int32
  var traits: Traits

  /// The number that stands for a role which the template names.
  static func role(named number: Int32) -> Int32 { -2 - number }
}

/// Where a value comes from, by number.
struct FieldOrigin {
  var source: Int32
  var message = SegmentNote.none
  var part = SegmentNote.none
  /// The message that has the role, where it is not the turn's own.
  var role = SegmentNote.none
  var isTemplate = false
}

extension RenderTables {
  /// The segments that notes stand for.
  func segments(of notes: [SegmentNote], messages: [JSONObject]) -> [PromptSegment] {
    var start = 0
    return notes.map { note in
      defer { start = note.end }
      let source = sources[Int(note.source)]
      let traits = note.traits
      return PromptSegment(
        byteRange: start..<note.end,
        content: traits.contains(.field)
          ? .field(source.field) : traits.contains(.control) ? .control : .literal,
        author: traits.contains(.model) ? .model : traits.contains(.caller) ? .caller : .template,
        role: role(note.role, messages),
        message: note.message == SegmentNote.none ? nil : Int(note.message),
        part: note.part == SegmentNote.none ? nil : Int(note.part), source: source.place,
        startsApart: traits.contains(.startsApart),
        isTerminator: traits.contains(.terminator))
    }
  }

  private func role(_ number: Int32, _ messages: [JSONObject]) -> ExactString? {
    if number == SegmentNote.none { return nil }
    if number >= 0 { return messages[Int(number)]["role"]?.string ?? "" }
    return roles[-2 - number]
  }
}
