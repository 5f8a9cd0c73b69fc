// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// Who wrote a piece of a prompt, in numbers without references, of which segments are made when
/// they are asked for.
///
/// Literals that always stand together are one note.
struct SegmentNote: BitwiseCopyable, Sendable {
  struct Traits: OptionSet, BitwiseCopyable, Sendable {
    let rawValue: UInt8

    /// Of literals that stand together, the first is one.
    static let control = Traits(rawValue: 1)
    static let field = Traits(rawValue: 2)
    static let caller = Traits(rawValue: 4)
    static let model = Traits(rawValue: 8)
    static let startsApart = Traits(rawValue: 16)
    /// It can end what the model writes, and does; of literals that stand together, the last one.
    static let stop = Traits(rawValue: 32)
    static let terminator = Traits(rawValue: 64)
    /// Literals that stand together.
    static let literals = Traits(rawValue: 128)
  }

  /// No message, no part, no role.
  static let none: Int32 = -1

  /// Where the bytes lie, as long as the render goes on.
  var address: UInt
  /// Where the piece ends in the text; it starts where the one before ends.
  var end: Int
  /// The number of the source in the tables; of literals, that of the first.
  var source: Int32
  /// The message that has the role, or a role of the template's by ``role(named:)``.
  var role: Int32
  var message: Int32
  /// Of literals, how many they are.
  var part: Int32
  var traits: Traits
  /// What the piece is encoded behind, by number.
  var lead = Self.noLead

  static let noLead = UInt8.max

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
  func segments(of notes: borrowing NoteBuffer, messages: [Message]) -> [PromptSegment] {
    var segments: [PromptSegment] = []
    segments.reserveCapacity(notes.count)
    var start = 0
    for index in 0..<notes.count {
      let note = notes[index]
      if note.traits.contains(.literals) {
        add(literals: note, from: start, messages, to: &segments)
      } else {
        segments.append(segment(note, start..<note.end, messages))
      }
      start = note.end
    }
    return segments
  }

  /// Adds a segment for each literal of a note, which can have been cut.
  private func add(
    literals note: SegmentNote, from start: Int, _ messages: [Message],
    to segments: inout [PromptSegment]
  ) {
    var start = start
    for index in 0..<Int(note.part) where start < note.end {
      let literal = literalPieces[Int(note.source) + index]
      let isLast = index == Int(note.part) - 1
      var piece = note
      piece.end = isLast ? note.end : min(start + Int(literal.count), note.end)
      piece.source = literal.source
      piece.part = SegmentNote.none
      piece.traits = literal.traits
      if index == 0 {
        piece.traits.formUnion(note.traits.intersection(.startsApart))
      } else {
        piece.lead = SegmentNote.noLead
      }
      if isLast { piece.traits.formUnion(note.traits.intersection(.terminator)) }
      segments.append(segment(piece, start..<piece.end, messages))
      start = piece.end
    }
  }

  private func segment(_ note: SegmentNote, _ range: Range<Int>, _ messages: [Message])
    -> PromptSegment
  {
    let source = sources[Int(note.source)]
    let traits = note.traits
    return PromptSegment(
      byteRange: range,
      content: traits.contains(.field)
        ? .field(source.field) : traits.contains(.control) ? .control : .literal,
      author: traits.contains(.model) ? .model : traits.contains(.caller) ? .caller : .template,
      role: role(note.role, messages),
      message: note.message == SegmentNote.none ? nil : Int(note.message),
      part: note.part == SegmentNote.none ? nil : Int(note.part), source: source.place,
      startsApart: traits.contains(.startsApart),
      lead: note.lead == SegmentNote.noLead ? nil : leads[Int(note.lead)],
      isTerminator: traits.contains(.terminator))
  }

  /// The byte ranges of the notes whose segments are trusted, joined where they touch.
  func trustedRanges(of notes: borrowing NoteBuffer, messages: [Message]) -> [Range<Int>] {
    var ranges = JoinedRanges()
    var start = 0
    for index in 0..<notes.count {
      let note = notes[index]
      if isTrusted(note, messages) { ranges.append(start..<note.end) }
      start = note.end
    }
    return ranges.ranges
  }

  /// As ``PromptSegment/isTrusted``.
  private func isTrusted(_ note: SegmentNote, _ messages: [Message]) -> Bool {
    if !note.traits.contains(.field) { return true }
    guard sources[Int(note.source)].isRole, note.part == SegmentNote.none else { return false }
    return role(note.role, messages).map { Role(rawValue: $0).isKnown } ?? false
  }

  private func role(_ number: Int32, _ messages: [Message]) -> ExactString? {
    if number == SegmentNote.none { return nil }
    if number >= 0 { return messages[Int(number)].fields["role"]?.string ?? "" }
    return roles[-2 - number]
  }
}
