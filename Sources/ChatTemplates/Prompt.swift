// SPDX-License-Identifier: Apache-2.0

public import TextPrimitives

/// A rendered conversation that knows of every byte who wrote it.
///
/// The segments lie end to end and cover the text.
public struct Prompt: Sendable {
  /// The whole text.
  public let text: String
  /// Who wrote what, in order, without gaps.
  ///
  /// The first call works them out of what the render noted; keep the array in loops.
  public var segments: [PromptSegment] { source.segments }
  /// The control tokens at which generation should stop.
  public var stopTokens: [ExactString] { source.stopTokens }
  /// The plain texts at which generation should stop, where what the model writes is ended by text;
  /// empty of Jinja templates, which do not tell.
  public var stopStrings: [ExactString] { source.stopStrings }
  /// How the text becomes tokens.
  public var boundary: TokenBoundary { source.boundary }
  /// Tokens that the template writes as such, which must be single tokens of the vocabulary.
  public var controlTokens: [ExactString] { source.controlTokens }
  /// What the template could write: its literals, or the source of a Jinja template.
  package var templateText: ExactString { source.templateText }
  private let source: any PromptSource

  /// What the template was given or asked for in vain; empty unless
  /// ``RenderOptions/reportsUnknown`` is set.
  public internal(set) var warnings: [String] = []

  /// How many bytes at the front stay as they are, whatever turns follow; nil of Jinja templates.
  ///
  /// It is decided while rendering, from the conditions that were asked. What stays may be more:
  /// ``ChatTemplate/prefixStability(of:adding:options:)`` tells it for given turns.
  public internal(set) var stableByteCount: Int?

  /// A prompt from its parts; the segments cover the text.
  package init(
    text: String, segments: [PromptSegment], stopTokens: [ExactString],
    boundary: TokenBoundary, controlTokens: [ExactString], templateText: ExactString = ""
  ) {
    self.init(
      text: text,
      source: LazySegments(
        LazyValue(segments), stopTokens: stopTokens, boundary: boundary,
        controlTokens: controlTokens, templateText: templateText))
  }

  /// A prompt of which the rest is worked out when it is asked for.
  init(text: String, source: any PromptSource) {
    self.text = text
    self.source = source
  }

  /// The text of one of the segments.
  public func text(of segment: PromptSegment) -> String {
    let start = text.utf8.index(text.startIndex, offsetBy: segment.byteRange.lowerBound)
    let end = text.utf8.index(text.startIndex, offsetBy: segment.byteRange.upperBound)
    return String(text[start..<end])
  }
}

extension Prompt {
  /// The byte ranges in which control tokens may be found, ascending, joined where they touch.
  package var trustedRanges: [Range<Int>] { source.trustedRanges }

  /// Whether the template itself writes a text somewhere.
  package func templateWrites(_ text: ExactString) -> Bool {
    controlTokens.contains(text) || TextScanning.contains(templateText.string, text.string)
  }
}

/// Whether a token may reach across the end of a segment.
public enum TokenBoundary: String, Sendable {
  /// The text is encoded as one, as transformers does.
  case fuse
  /// The text between control tokens is encoded by itself, and apart where the template says so,
  /// as mistral-common, llama-models and openai-harmony do.
  case cut
}

/// A text in front of a piece, which is encoded as what follows it.
///
/// SentencePiece puts a space before a text. Where a piece is the middle of one, as what follows a gap
/// that the model fills, references encode it behind a text whose tokens they then drop.
public struct EncodingLead: Sendable, Equatable {
  /// The text.
  public var text: ExactString
  /// How many tokens are dropped from the front.
  public var droppedCount: Int

  /// A text and the number of its tokens.
  public init(text: ExactString, droppedCount: Int) {
    self.text = text
    self.droppedCount = droppedCount
  }
}

/// Who wrote a piece of a prompt.
public enum PromptAuthor: String, Sendable {
  /// The template: control tokens and scaffold.
  case template
  /// The one who sent the conversation.
  case caller
  /// The model: what an assistant's turn holds and the model must learn to produce.
  case model
}

/// A run of a prompt's bytes with one origin.
public struct PromptSegment: Sendable, Equatable {
  /// What the bytes are.
  public enum Content: Sendable, Equatable {
    /// A control token that the template writes.
    case control
    /// Other text of the template's own.
    case literal
    /// Text from a field of the conversation: never scanned for control tokens.
    case field(ExactString)
  }

  /// Where in the prompt's UTF-8.
  public var byteRange: Range<Int>
  /// What the bytes are.
  public var content: Content
  /// Who wrote them.
  public var author: PromptAuthor
  /// The role of the turn that they belong to; nil between turns.
  public var role: ExactString?
  /// The index of the message that they belong to, from 0; nil where they belong to none.
  public var message: Int?
  /// The index within the field (content part, tool call, tool, document), from 0.
  public var part: Int?
  /// Where the template writes them.
  public var source: TemplatePlace?
  /// Whether they are encoded apart from what stands before them, where the boundary is ``TokenBoundary/cut``.
  public var startsApart: Bool
  /// What they are encoded behind, where they are encoded as the middle of a text.
  public var lead: EncodingLead?
  /// Whether they end what the model writes, such as `<|im_end|>`.
  public var isTerminator: Bool

  /// A segment.
  public init(
    byteRange: Range<Int>, content: Content, author: PromptAuthor, role: ExactString? = nil,
    message: Int? = nil, part: Int? = nil, source: TemplatePlace? = nil,
    startsApart: Bool = false, lead: EncodingLead? = nil, isTerminator: Bool = false
  ) {
    self.byteRange = byteRange
    self.content = content
    self.author = author
    self.role = role
    self.message = message
    self.part = part
    self.source = source
    self.startsApart = startsApart
    self.lead = lead
    self.isTerminator = isTerminator
  }

  /// True where control tokens may be found in the bytes: where the template wrote them, and where
  /// they are the name of a role that some API defines, of which templates build `<|user|>`.
  public var isTrusted: Bool {
    guard case .field(let field) = content else { return true }
    return field == "role" && part == nil && role.map { Role(rawValue: $0).isKnown } ?? false
  }
}

/// A place in a template's source.
public struct TemplatePlace: Sendable, Hashable {
  /// The template's name.
  public let name: ExactString
  /// 1-based.
  public let line: Int
  /// 1-based, in Unicode scalars.
  public let column: Int

  /// A place.
  public init(name: ExactString, line: Int, column: Int) {
    self.name = name
    self.line = line
    self.column = column
  }
}
