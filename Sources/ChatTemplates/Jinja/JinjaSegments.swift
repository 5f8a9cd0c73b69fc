// SPDX-License-Identifier: Apache-2.0

import JinjaEngine
import OrderedJSON
import TextPrimitives

/// Turns what a Jinja render knows of its output into a prompt's segments.
///
/// The engine tells the author of every byte. To which turn the template's own bytes belong, and
/// what of an assistant's turn the model writes, follows from the fields around them.
struct JinjaSegments {
  private(set) var segments: [PromptSegment] = []
  private let messages: [JSONObject]

  /// Fields of a message that name or point, and that no model writes.
  private static let unwritten: Set<ExactString> = ["role", "name", "tool_call_id", "id"]

  init(_ output: JinjaOutput, _ input: PreparedConversation, template: JinjaTemplate) {
    messages = input.messages
    var places = LinePlaces(template.normalizedSource, name: ExactString(template.name))
    for piece in output.pieces where !piece.range.isEmpty {
      append(piece, &places)
    }
    assignTurns(hasOpening: input.addGenerationPrompt)
    if output.generationSpans.isEmpty {
      markAnswers()
    } else {
      mark(output.generationSpans)
    }
  }

  private mutating func append(_ piece: JinjaOutput.Piece, _ places: inout LinePlaces) {
    var segment = PromptSegment(byteRange: piece.range, content: .literal, author: .template)
    switch piece.author {
    case .template(let range):
      segment.source = range.isEmpty ? nil : places.place(at: range.lowerBound)
    case .trusted: segment.content = .control
    case .input(let path):
      segment.author = .caller
      segment.content = .field(ExactString(path.variable))
      guard path.variable == "messages", case .index(let index)? = path.steps.first,
        messages.indices.contains(index)
      else { break }
      segment.message = index
      segment.role = messages[index]["role"]?.string
      if path.steps.count > 1, case .key(let field) = path.steps[1] {
        segment.content = .field(field)
      }
      if path.steps.count > 2, case .index(let part) = path.steps[2] { segment.part = part }
    }
    segments.append(segment)
  }

  // MARK: Turns

  /// Gives the template's segments the message whose turn they stand in.
  ///
  /// Between the fields of two messages the turn ends where the template jumps back to an earlier
  /// place of its source, which is where a loop starts again; else after the first segment.
  private mutating func assignTurns(hasOpening: Bool) {
    var last: Int?
    var start = segments.startIndex
    while start < segments.endIndex {
      if let message = segments[start].message {
        last = message
        start += 1
        continue
      }
      var end = start
      while end < segments.endIndex, segments[end].message == nil { end += 1 }
      let next = end < segments.endIndex ? segments[end].message : nil
      let split = turnEnd(start..<end, from: last, to: next)
      for index in start..<end {
        let message = index < split ? last : next
        segments[index].message = message
        segments[index].role =
          message.flatMap { messages[$0]["role"]?.string }
          ?? (next == nil && hasOpening && index >= split ? "assistant" : nil)
      }
      start = end
    }
  }

  private func turnEnd(_ range: Range<Int>, from last: Int?, to next: Int?) -> Int {
    guard let last else { return range.lowerBound }
    if last == next { return range.upperBound }
    var previous: TemplatePlace?
    for index in range {
      guard let place = segments[index].source else { continue }
      if let previous, (place.line, place.column) < (previous.line, previous.column) {
        return index
      }
      previous = place
    }
    return min(range.lowerBound + 1, range.upperBound)
  }

  // MARK: Answers

  /// Marks as the model's what stands between the first and the last field of an assistant's
  /// message, and the template's text that ends it.
  private mutating func markAnswers() {
    var index = 0
    while index < segments.count {
      guard isAnswer(segments[index]), let message = segments[index].message else {
        index += 1
        continue
      }
      var last = index
      var next = index
      while next < segments.count, segments[next].message == message {
        if isAnswer(segments[next]) { last = next }
        next += 1
      }
      for place in index...last { segments[place].author = .model }
      // The terminator is in the mask: without it a model never learns to stop.
      if last + 1 < next { segments[last + 1].author = .model }
      index = max(last + 1, next)
    }
  }

  private func isAnswer(_ segment: PromptSegment) -> Bool {
    guard case .field(let field) = segment.content, segment.role == Role.assistant.rawValue
    else { return false }
    return !Self.unwritten.contains(field)
  }

  /// Marks the bytes inside `{% generation %}` as the model's, and no others.
  private mutating func mark(_ spans: [Range<Int>]) {
    var result: [PromptSegment] = []
    for segment in segments {
      var start = segment.byteRange.lowerBound
      let end = segment.byteRange.upperBound
      let inside = spans.filter { $0.overlaps(segment.byteRange) }
        .sorted { $0.lowerBound < $1.lowerBound }
      for span in inside {
        let lower = max(start, span.lowerBound)
        let upper = min(end, span.upperBound)
        guard lower < upper else { continue }
        if start < lower { result.append(segment.part(start..<lower, isModel: false)) }
        result.append(segment.part(lower..<upper, isModel: true))
        start = upper
      }
      if start < end { result.append(segment.part(start..<end, isModel: false)) }
    }
    segments = result
  }
}

extension PromptSegment {
  fileprivate func part(_ range: Range<Int>, isModel: Bool) -> PromptSegment {
    var part = self
    part.byteRange = range
    if isModel { part.author = .model }
    return part
  }
}

/// Finds line and column of many places of one source.
private struct LinePlaces {
  private let source: [UInt8]
  private let name: ExactString
  private var starts: [Int]
  private var known: [Int: TemplatePlace] = [:]

  init(_ source: [UInt8], name: ExactString) {
    self.source = source
    self.name = name
    starts = [0]
    for (index, byte) in source.enumerated() where byte == 0x0A { starts.append(index + 1) }
  }

  mutating func place(at offset: Int) -> TemplatePlace {
    if let place = known[offset] { return place }
    let line = lineIndex(of: offset)
    let column = source[starts[line]..<min(offset, source.count)].count { $0 & 0xC0 != 0x80 }
    let place = TemplatePlace(name: name, line: line + 1, column: column + 1)
    known[offset] = place
    return place
  }

  private func lineIndex(of offset: Int) -> Int {
    var low = 0
    var high = starts.count
    while low < high {
      let middle = (low + high) / 2
      if starts[middle] <= offset { low = middle + 1 } else { high = middle }
    }
    return low - 1
  }
}
