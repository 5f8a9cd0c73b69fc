// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import Synchronization
import TextPrimitives

/// What a declarative render knows of its prompt, kept as notes until someone asks.
final class NotedSegments: PromptSource {
  private struct Made {
    var segments: [PromptSegment]?
    var controlTokens: [ExactString]?
  }

  private let program: RenderProgram
  private let notes: NoteBuffer
  private let messages: [Message]
  /// The tokens that stand in for the template's own; nil where none does.
  private let bos: ExactString?
  private let eos: ExactString?
  private let made = Mutex(Made())

  init(
    _ program: RenderProgram, notes: consuming NoteBuffer, messages: [Message],
    bos: ExactString?, eos: ExactString?
  ) {
    self.program = program
    self.notes = notes
    self.messages = messages
    self.bos = bos
    self.eos = eos
  }

  var segments: [PromptSegment] {
    made.withLock { made in
      if let made = made.segments { return made }
      let segments = program.tables.segments(of: notes, messages: messages)
      made.segments = segments
      return segments
    }
  }

  var trustedRanges: [Range<Int>] {
    program.tables.trustedRanges(of: notes, messages: messages)
  }

  var stopTokens: [ExactString] { program.definition.stop }

  var stopStrings: [ExactString] { program.definition.stopStrings }

  var boundary: TokenBoundary { program.definition.boundary }

  var templateText: ExactString { program.literalText }

  var controlTokens: [ExactString] {
    if bos == nil, eos == nil { return program.controlTokens }
    return made.withLock { made in
      if let made = made.controlTokens { return made }
      let tokens = program.definition.controlTokens(bos: bos, eos: eos)
      made.controlTokens = tokens
      return tokens
    }
  }
}

extension TemplateDefinition {
  /// The control tokens of a prompt, where these stand in for the template's own tokens for the
  /// beginning of a text and the end of a turn.
  func controlTokens(bos: ExactString? = nil, eos: ExactString? = nil) -> [ExactString] {
    var control = controlTokens
    for token in [bos ?? self.bos, eos ?? self.eos] {
      if let token, !control.contains(token) { control.append(token) }
    }
    return control
  }
}
