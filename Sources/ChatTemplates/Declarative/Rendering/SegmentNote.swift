// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

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
  func segments(of notes: [SegmentNote], messages: [Message]) -> [PromptSegment] {
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
        lead: note.lead == SegmentNote.noLead ? nil : leads[Int(note.lead)],
        isTerminator: traits.contains(.terminator))
    }
  }

  /// The byte ranges of the notes whose segments are trusted, joined where they touch.
  func trustedRanges(of notes: [SegmentNote], messages: [Message]) -> [Range<Int>] {
    var ranges = JoinedRanges()
    var start = 0
    for note in notes {
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
