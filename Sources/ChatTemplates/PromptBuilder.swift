// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// Collects a prompt's bytes and who wrote them.
struct PromptBuilder {
  private(set) var bytes: [UInt8] = []
  private(set) var segments: [PromptSegment] = []
  /// What the next segments belong to.
  var role: ExactString?
  var message: Int?
  var isGenerated = false
  /// Whether the next segment is encoded apart from the last.
  private var isSplit = false

  /// A builder with room for so many bytes and segments: growing means copying.
  init(capacity: Int, segmentCount: Int) {
    bytes.reserveCapacity(capacity)
    segments.reserveCapacity(segmentCount)
  }

  /// What another engine has rendered already.
  init(bytes: [UInt8], segments: [PromptSegment]) {
    self.bytes = bytes
    self.segments = segments
  }

  /// Has the next segment encoded apart from the last.
  mutating func split() {
    isSplit = true
  }

  private mutating func takeSplit() -> Bool {
    defer { isSplit = false }
    return isSplit
  }

  /// What the template writes.
  mutating func write(_ text: [UInt8], isControl: Bool, at place: TemplatePlace) {
    guard !text.isEmpty else { return }
    let start = bytes.count
    bytes.append(contentsOf: text)
    segments.append(
      PromptSegment(
        byteRange: start..<bytes.count, content: isControl ? .control : .literal,
        author: isGenerated ? .model : .template, role: role, message: message, source: place,
        startsApart: takeSplit()))
  }

  /// What a field holds: a part of a string's UTF-8.
  mutating func write(_ text: String, _ range: Range<Int>, from origin: FieldOrigin) {
    let start = bytes.count
    let part = text.utf8Span.span.extracting(range)
    // SAFETY: the bytes are copied within the closure, while the span keeps them alive.
    unsafe part.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
    close(field: start, from: origin)
  }

  /// What a field holds, written by a closure.
  mutating func write(from origin: FieldOrigin, _ body: (inout [UInt8]) -> Void) {
    let start = bytes.count
    body(&bytes)
    close(field: start, from: origin)
  }

  private mutating func close(field start: Int, from origin: FieldOrigin) {
    guard bytes.count > start else { return }
    let belongs = origin.message == message
    segments.append(
      PromptSegment(
        byteRange: start..<bytes.count,
        content: origin.isTemplate ? .literal : .field(origin.field),
        author: isGenerated ? .model : origin.isTemplate ? .template : .caller,
        role: belongs ? role : origin.role ?? role, message: origin.message ?? message,
        part: origin.part, source: origin.place, startsApart: takeSplit()))
  }

  /// Marks a control token that was written last as the end of what the model writes.
  mutating func endGenerated(stops: [ExactString]) {
    guard let last = segments.indices.last, segments[last].content == .control,
      stops.contains(where: { bytes[segments[last].byteRange].elementsEqual($0.utf8) })
    else { return }
    segments[last].isTerminator = true
  }

  /// Takes white space away from both ends of what was written since a mark.
  mutating func trim(since start: Int) {
    let kept = TextScanning.trimmed(bytes.span, start..<bytes.count)
    cut(at: kept.upperBound)
    remove(start..<kept.lowerBound)
  }

  /// Drops what follows a byte offset.
  mutating func cut(at end: Int) {
    guard end < bytes.count else { return }
    bytes.removeSubrange(end...)
    while let last = segments.last, last.byteRange.upperBound > end {
      if last.byteRange.lowerBound >= end {
        segments.removeLast()
      } else {
        segments[segments.count - 1].byteRange = last.byteRange.lowerBound..<end
      }
    }
  }

  private mutating func remove(_ range: Range<Int>) {
    guard !range.isEmpty else { return }
    bytes.removeSubrange(range)
    for index in segments.indices.reversed() {
      let old = segments[index].byteRange
      guard old.upperBound > range.lowerBound else { break }
      let lower = old.lowerBound - overlap(range, below: old.lowerBound)
      let upper = old.upperBound - overlap(range, below: old.upperBound)
      segments[index].byteRange = lower..<upper
    }
    segments.removeAll { $0.byteRange.isEmpty }
  }

  /// How many bytes of a removed range lie below an offset.
  private func overlap(_ range: Range<Int>, below offset: Int) -> Int {
    max(0, min(range.upperBound, offset) - range.lowerBound)
  }
}

/// Where a value comes from.
struct FieldOrigin {
  var field: ExactString
  var message: Int?
  var part: Int?
  /// The role of the message, where it is not the turn's own.
  var role: ExactString?
  var isTemplate = false
  var place: TemplatePlace
}
