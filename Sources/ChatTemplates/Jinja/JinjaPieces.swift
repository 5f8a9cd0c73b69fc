// SPDX-License-Identifier: Apache-2.0

import JinjaEngine
import OrderedJSON
import TextPrimitives

/// Finds the turn and the author of every piece of a Jinja render.
///
/// The engine tells where every byte comes from. To which turn the template's own bytes belong,
/// and what of an assistant's turn the model writes, follows from the fields around them and from
/// the generation prompt: the model writes what comes after it.
struct JinjaPieces {
  private(set) var pieces: [JinjaPiece] = []
  /// The names of the fields that occur.
  private(set) var fields: [ExactString] = []
  private var isWritten: [Bool] = []
  /// The field that a member at a place last was, and that a variable is.
  private var fieldOfMember: [Int32] = []
  private var fieldOfVariable: [Int32] = []
  private let bytes: [UInt8]
  private let messages: [Message]
  private let roles: [ExactString?]
  private let places: TemplatePlaces
  /// The template's generation prompt; nil where it is not known.
  private let opening: [UInt8]?

  /// Fields of a message that name or point, and that no model writes.
  private static let unwritten: Set<ExactString> = ["role", "name", "tool_call_id", "id"]

  init(
    _ output: JinjaOutput, _ messages: [Message], roles: [ExactString?],
    places: TemplatePlaces, opening: [UInt8]?, hasOpening: Bool
  ) {
    bytes = output.bytes
    self.messages = messages
    self.roles = roles
    self.places = places
    self.opening = opening
    pieces.reserveCapacity(roles.count * 6 + 16)
    var next = 0
    output.forEachSource { range, source in
      append(range, source, output, &next)
    }
    if hasOpening { markOpening() }
    assignTurns(hasOpening: hasOpening)
    if output.generationSpans.isEmpty {
      markAnswers()
    } else {
      mark(output.generationSpans)
    }
  }

  /// Adds what one author wrote, cut where the engine's loop over the messages goes on.
  private mutating func append(
    _ range: Range<Int>, _ source: JinjaOutput.Source, _ output: JinjaOutput, _ next: inout Int
  ) {
    let starts = output.elementStarts
    var piece = piece(range, source, output)
    while true {
      while next < starts.count, starts[next].offset <= Int(piece.start) { next += 1 }
      piece.turn = next > 0 ? Int32(starts[next - 1].element) : -1
      piece.isInLoop = piece.turn >= 0
      if piece.isInLoop, piece.message < 0 { piece.message = piece.turn }
      guard next < starts.count, starts[next].offset < range.upperBound else { break }
      var head = piece
      head.end = Int32(starts[next].offset)
      pieces.append(head)
      if piece.kind != .field { piece.message = -1 }
      piece.start = head.end
    }
    pieces.append(piece)
  }

  private mutating func piece(
    _ range: Range<Int>, _ source: JinjaOutput.Source, _ output: JinjaOutput
  ) -> JinjaPiece {
    var piece = JinjaPiece(
      start: Int32(range.lowerBound), end: Int32(range.upperBound), kind: .literal)
    switch source {
    case .literal(let number): piece.literal = Int32(number)
    case .engine: break
    case .trusted: piece.kind = .token
    case .input(let place):
      piece.kind = .field
      if place.element >= 0, place.element < messages.count {
        piece.message = Int32(place.element)
        piece.field = field(member: place.member, of: messages[place.element].fields)
        piece.part = Int32(place.part)
      } else {
        piece.field = field(variable: place.variable, output)
      }
    }
    return piece
  }

  private mutating func field(member place: Int, of message: JSONObject) -> Int32 {
    guard place < message.count else { return field("messages") }
    let name = message.key(at: place)
    while fieldOfMember.count <= place { fieldOfMember.append(-1) }
    let recent = Int(fieldOfMember[place])
    if recent >= 0, fields[recent] == name { return Int32(recent) }
    let field = field(name)
    fieldOfMember[place] = field
    return field
  }

  private mutating func field(variable number: Int, _ output: JinjaOutput) -> Int32 {
    while fieldOfVariable.count <= number + 1 { fieldOfVariable.append(-1) }
    if fieldOfVariable[number + 1] < 0 {
      fieldOfVariable[number + 1] = field(ExactString(output.variable(number)))
    }
    return fieldOfVariable[number + 1]
  }

  private mutating func field(_ name: ExactString) -> Int32 {
    if let known = fields.firstIndex(of: name) { return Int32(known) }
    fields.append(name)
    isWritten.append(!Self.unwritten.contains(name))
    return Int32(fields.count - 1)
  }

  // MARK: Turns

  /// Sets the generation prompt apart, where the prompt ends with the one that is known.
  private mutating func markOpening() {
    guard let opening, !opening.isEmpty else { return }
    let start = bytes.count - opening.count
    guard start >= 0, bytes[start...].elementsEqual(opening) else { return }
    let first = index(of: start)
    guard first < pieces.count else { return }
    if pieces[first].start < start {
      var head = pieces[first]
      head.end = Int32(start)
      pieces[first].start = Int32(start)
      pieces.insert(head, at: first)
    }
    for index in pieces.indices where pieces[index].start >= start {
      pieces[index].isOpening = pieces[index].kind != .field
    }
  }

  /// The index of the piece that holds a byte.
  private func index(of offset: Int) -> Int {
    var low = 0
    var high = pieces.count
    while low < high {
      let middle = (low + high) / 2
      if Int(pieces[middle].end) <= offset { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Gives the template's pieces outside of the loop over the messages the message whose turn they
  /// stand in, by the fields around them.
  private mutating func assignTurns(hasOpening: Bool) {
    var last: Int32 = -1
    var start = 0
    while start < pieces.count, !pieces[start].isOpening {
      if pieces[start].message >= 0 {
        last = pieces[start].message
        if pieces[start].turn < 0 { pieces[start].turn = last }
        start += 1
        continue
      }
      var end = start
      while end < pieces.count, pieces[end].message < 0, !pieces[end].isOpening { end += 1 }
      let next = end < pieces.count && !pieces[end].isOpening ? pieces[end].message : -1
      // Where no message and no known opening follows, what was asked for as an opening does.
      let opens = hasOpening && end == pieces.count
      let split = turnEnd(start..<end, from: last, to: next, opens: opens)
      for index in start..<end {
        pieces[index].message = index < split ? last : next
        pieces[index].turn = pieces[index].message
        pieces[index].isOpening = opens && index >= split
      }
      start = end
    }
  }

  /// Between the fields of two messages the turn ends where the template jumps back to an earlier
  /// place of its source, which is where a loop starts again; else with the first piece.
  private func turnEnd(
    _ range: Range<Int>, from last: Int32, to next: Int32, opens: Bool
  ) -> Int {
    if last < 0 { return range.lowerBound }
    // What follows the loop is no part of its last turn.
    if pieces[range.lowerBound - 1].isInLoop { return range.lowerBound }
    if last == next || next < 0 && !opens { return range.upperBound }
    var previous = -1
    for index in range where pieces[index].literal >= 0 {
      let place = places.offset(of: Int(pieces[index].literal))
      if place < previous { return index }
      previous = place
    }
    return min(range.lowerBound + 1, range.upperBound)
  }

  // MARK: Answers

  /// Marks what the model writes of each assistant's turn.
  private mutating func markAnswers() {
    var answered: Int32 = -1
    var marks: [Mark] = []
    var index = 0
    while index < pieces.count {
      let turn = pieces[index].turn
      let start = index
      while index < pieces.count, pieces[index].turn == turn { index += 1 }
      guard turn > answered, roles[Int(turn)] == Role.assistant.rawValue else { continue }
      if findAnswers(in: start..<index, &marks) { answered = turn }
    }
    apply(marks)
  }

  /// Finds what the model writes in the pieces of one turn: one run after every opening.
  ///
  /// - Returns: False where the model writes nothing in them.
  private func findAnswers(in turn: Range<Int>, _ marks: inout [Mark]) -> Bool {
    let openings = openings(in: turn)
    for (place, opening) in openings.enumerated() {
      let end =
        place + 1 < openings.count
        ? openings[place + 1].lowerBound : Int(pieces[turn.upperBound - 1].end)
      markAnswer(in: opening.upperBound..<end, of: turn, &marks)
    }
    return !openings.isEmpty
  }

  /// The generation prompts in a turn; an empty range before the first field that the model writes
  /// where there is none.
  private func openings(in turn: Range<Int>) -> [Range<Int>] {
    let first = turn.first { isAnswer(pieces[$0]) }
    let field = first.map { Int(pieces[$0].start) }
    if opening?.isEmpty == true {
      // All of the turn is the model's, but for the token that begins a text.
      let token = first.flatMap { first in
        (turn.lowerBound..<first).last { pieces[$0].kind == .token }
      }
      let start = token.map { Int(pieces[$0].end) } ?? Int(pieces[turn.lowerBound].start)
      return [start..<start]
    }
    var found: [Range<Int>] = []
    for index in turn where pieces[index].kind == .literal {
      guard let opening else { break }
      let piece = pieces[index]
      let limit = min(Int(piece.end) + opening.count - 1, Int(pieces[turn.upperBound - 1].end))
      let from = max(Int(piece.start), found.last?.upperBound ?? 0)
      guard from < limit,
        let place = TextScanning.find(opening.span, in: bytes.span, from..<limit)
      else { continue }
      found.append(place..<place + opening.count)
    }
    if let field, found.first.map({ $0.lowerBound > field }) ?? true { return [field..<field] }
    return found
  }

  /// Marks the fields of a run, what stands between them and what ends it.
  private func markAnswer(in run: Range<Int>, of turn: Range<Int>, _ marks: inout [Mark]) {
    var fieldsEnd = run.lowerBound
    var token: Range<Int>?
    for index in turn where pieces[index].range.overlaps(run) {
      if isAnswer(pieces[index]) {
        fieldsEnd = Int(pieces[index].end)
        token = nil
      } else if pieces[index].kind == .token {
        token = pieces[index].range
      }
    }
    let found = token ?? TurnTerminator.last(in: bytes, fieldsEnd..<max(fieldsEnd, run.upperBound))
    guard let found else { return marks.append(Mark(range: run.lowerBound..<fieldsEnd)) }
    let isTerminator = token != nil || !TurnTerminator.isClosing(bytes[found])
    marks.append(Mark(range: run.lowerBound..<found.lowerBound))
    marks.append(Mark(range: found, isTerminator: isTerminator))
  }

  private func isAnswer(_ piece: JinjaPiece) -> Bool {
    piece.kind == .field && isWritten[Int(piece.field)]
  }

  // MARK: Marks

  private struct Mark {
    var range: Range<Int>
    var isTerminator = false
  }

  /// Marks the bytes inside `{% generation %}` as the model's, and no others.
  private mutating func mark(_ spans: [Range<Int>]) {
    var marks: [Mark] = []
    for span in spans.sorted(by: { $0.lowerBound < $1.lowerBound }) where !span.isEmpty {
      let start = max(span.lowerBound, marks.last?.range.upperBound ?? 0)
      guard start < span.upperBound else { continue }
      let last = pieces[index(of: span.upperBound - 1)]
      let range = last.range.clamped(to: start..<span.upperBound)
      let terminator: Range<Int>? =
        switch last.kind {
        case .token: range
        case .literal:
          TurnTerminator.last(in: bytes, range)
            .flatMap { TurnTerminator.isClosing(bytes[$0]) ? nil : $0 }
        case .field: nil
        }
      marks.append(Mark(range: start..<(terminator?.lowerBound ?? span.upperBound)))
      if let terminator {
        marks.append(Mark(range: terminator, isTerminator: true))
        marks.append(Mark(range: terminator.upperBound..<span.upperBound))
      }
    }
    apply(marks)
  }

  /// Marks bytes as the model's; the marks are in order and do not overlap.
  private mutating func apply(_ marks: [Mark]) {
    var result: [JinjaPiece] = []
    result.reserveCapacity(pieces.count + marks.count)
    var next = 0
    for piece in pieces {
      var rest = piece
      while next < marks.count, marks[next].range.upperBound <= Int(rest.start) { next += 1 }
      var place = next
      while place < marks.count, marks[place].range.lowerBound < Int(rest.end) {
        let mark = marks[place]
        place += 1
        let range = mark.range.clamped(to: rest.range)
        if range.isEmpty { continue }
        if Int(rest.start) < range.lowerBound {
          var head = rest
          head.end = Int32(range.lowerBound)
          result.append(head)
        }
        var middle = rest
        middle.start = Int32(range.lowerBound)
        middle.end = Int32(range.upperBound)
        middle.isModel = true
        middle.isTerminator = mark.isTerminator
        result.append(middle)
        rest.start = Int32(range.upperBound)
      }
      if rest.start < rest.end { result.append(rest) }
    }
    pieces = result
  }
}
