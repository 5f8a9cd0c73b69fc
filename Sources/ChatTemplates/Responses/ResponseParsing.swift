// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
public import TextPrimitives

/// What a model answered, taken apart.
public struct ParsedResponse: Sendable, Equatable {
  /// The assistant's message: `content`, and `reasoning_content` and `tool_calls` where there are.
  public var message: Message
  /// The text that does not follow the template's form; nothing but marks and the white space
  /// around them is ever dropped.
  public var unparsed: ExactString?
  /// The token that ended the answer, where it is part of it.
  public var stop: ExactString?
  /// Whether something was left open, such as reasoning or a call: the answer was cut short.
  ///
  /// The arguments of a last call are then what had been written of them.
  public var isTruncated = false

  /// The text of the answer.
  public var content: String { message.text }
}

extension ChatTemplate {
  /// The control tokens that answers may hold.
  package var responseControlTokens: [ExactString] {
    definition.map { ResponseGrammar($0).controls } ?? []
  }

  /// How many bytes of a whole answer are read at once.
  private static let pieceSize = 1 << 16

  /// Takes a model's answer apart, by the same description that renders it.
  ///
  /// The answer may end early and need not hold the terminator. White space around marks may differ
  /// from the template's. A Jinja template has no such description: the answer is all content.
  ///
  /// ```swift
  /// let parsed = template.parse(response: "<think>\nHm.\n</think>\n\nHello!", prompt: prompt)
  /// parsed.message.reasoning  // Hm.
  /// ```
  ///
  /// - Parameters:
  ///   - response: What the model wrote.
  ///   - prompt: The prompt it was given: its opening may hold the start of the turn.
  ///   - tools: The tools, whose schemas tell numbers from text where the format does not.
  /// - Returns: The message. Nothing is thrown, whatever the model wrote.
  /// - Complexity: Linear in the response.
  public func parse(response: String, prompt: Prompt? = nil, tools: [Tool] = [])
    -> ParsedResponse
  {
    var stream = makeResponseStream(prompt: prompt, tools: tools)
    // Piece by piece, so that only what is uncertain is kept beside the message.
    var rest = Substring(response).utf8
    while !rest.isEmpty {
      _ = stream.feed(bytes: Array(rest.prefix(Self.pieceSize)))
      rest = rest.dropFirst(Self.pieceSize)
    }
    _ = stream.finish()
    return stream.response
  }
}

extension Prompt {
  /// The segments of the assistant's turn that the prompt leaves open, its header included.
  var openTurn: ArraySlice<PromptSegment> {
    guard let last = segments.last, last.role == Role.assistant.rawValue else { return [] }
    var start = segments.count - 1
    while start > 0, segments[start - 1].role == last.role,
      segments[start - 1].message == last.message
    {
      start -= 1
    }
    let turn = segments[start...]
    let isClosed = last.message != nil && turn.contains(where: \.isTerminator)
    return isClosed ? [] : turn
  }
}

extension TemplateDefinition {
  /// The opening as far as it does not depend on the conversation.
  var plainOpening: [Segment.Literal] {
    var literals: [Segment.Literal] = []
    for segment in opening {
      guard case .literal(let literal) = segment else { break }
      literals.append(literal)
    }
    return literals
  }
}
