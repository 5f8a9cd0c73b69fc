// SPDX-License-Identifier: Apache-2.0

import JinjaEngine
import TextPrimitives

extension JinjaPieces {
  /// The segments of the prompt, which ends at a byte offset.
  func segments(roles: [ExactString?], places: TemplatePlaces, end: Int) -> [PromptSegment] {
    var segments: [PromptSegment] = []
    segments.reserveCapacity(pieces.count)
    for piece in pieces where piece.start < piece.end && piece.start < end {
      let message = piece.message >= 0 ? Int(piece.message) : nil
      var segment = PromptSegment(
        byteRange: piece.range.clamped(to: 0..<end), content: .literal, author: .template,
        role: message.map { roles[$0] } ?? (piece.isOpening ? Role.assistant.rawValue : nil),
        message: message)
      switch piece.kind {
      case .literal:
        segment.source = piece.literal >= 0 ? places[Int(piece.literal)] : nil
      case .token: segment.content = .control
      case .field:
        segment.content = .field(fields[Int(piece.field)])
        segment.author = .caller
        if piece.part >= 0 { segment.part = Int(piece.part) }
      }
      if piece.isModel { segment.author = .model }
      segment.isTerminator = piece.isTerminator
      segments.append(segment)
    }
    return segments
  }
}
