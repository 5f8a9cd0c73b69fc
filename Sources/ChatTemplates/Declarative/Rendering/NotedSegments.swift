// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import Synchronization
import TextPrimitives

/// The segments of a declarative render, which are kept as notes until someone asks for them.
final class NotedSegments: SegmentSource {
  private let program: RenderProgram
  private let notes: [SegmentNote]
  private let messages: [Message]
  private let made = Mutex<[PromptSegment]?>(nil)

  init(_ program: RenderProgram, notes: [SegmentNote], messages: [Message]) {
    self.program = program
    self.notes = notes
    self.messages = messages
  }

  var segments: [PromptSegment] {
    made.withLock { made in
      if let made { return made }
      let segments = program.tables.segments(of: notes, messages: messages)
      made = segments
      return segments
    }
  }

  var trustedRanges: [Range<Int>] {
    program.tables.trustedRanges(of: notes, messages: messages)
  }
}
