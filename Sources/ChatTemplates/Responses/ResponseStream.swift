// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// Takes a model's answer apart while it arrives.
///
/// ```swift
/// var stream = template.makeResponseStream(prompt: prompt)
/// for piece in pieces { for event in stream.feed(piece) { show(event) } }
/// let result = stream.finish()
/// ```
///
/// However the answer is cut into pieces, the result is that of
/// ``ChatTemplate/parse(response:prompt:tools:)`` on the whole.
/// - Complexity: Each piece is read together with what came before it.
public struct ResponseStream: Sendable {
  /// Something that is certain.
  public enum Event: Sendable, Equatable {
    /// More of the reasoning.
    case reasoning(String)
    /// More of the answer.
    case content(String)
    /// The name of a call, whose arguments are being written.
    case callStarted(name: String)
  }

  private let template: ChatTemplate
  private let prompt: Prompt?
  private let tools: [Tool]
  private let grammar: ResponseGrammar?
  private let opening: [UInt8]
  private var response = ""
  private var reasoning: [UInt8] = []
  private var content: [UInt8] = []
  private var callCount = 0

  init(_ template: ChatTemplate, prompt: Prompt?, tools: [Tool]) {
    self.template = template
    self.prompt = prompt
    self.tools = tools
    grammar = template.definition.map(ResponseGrammar.init)
    opening = Array((prompt?.openTurn ?? template.definition?.plainOpening ?? "").utf8)
  }

  /// Takes the next piece of the answer.
  ///
  /// - Returns: What has become certain by it.
  public mutating func feed(_ piece: String) -> [Event] {
    response += piece
    guard let grammar else {
      content += Array(piece.utf8)
      return piece.isEmpty ? [] : [.content(piece)]
    }
    guard let capture = grammar.matchStart(opening + Array(response.utf8)) else { return [] }
    var events: [Event] = []
    if let more = Self.extend(&reasoning, to: capture.reasoning) { events.append(.reasoning(more)) }
    if let more = Self.extend(&content, to: capture.content) { events.append(.content(more)) }
    // The name of the last call may still grow; that of an earlier one, or one with arguments, not.
    for (index, call) in capture.calls.enumerated() where index >= callCount {
      guard !call.name.isEmpty, index + 1 < capture.calls.count || call.arguments != nil else {
        break
      }
      events.append(.callStarted(name: call.name.string))
      callCount = index + 1
    }
    return events
  }

  /// The whole answer, taken apart.
  public func finish() -> ParsedResponse {
    template.parse(response: response, prompt: prompt, tools: tools)
  }

  /// What a text has more than before; white space at its end may yet turn out to be a mark's.
  private static func extend(_ known: inout [UInt8], to text: [UInt8]) -> String? {
    let kept = TextScanning.trimmed(text.span, 0..<text.count, start: false).upperBound
    guard kept > known.count, text.starts(with: known) else { return nil }
    let more = text[known.count..<kept]
    known = Array(text[..<kept])
    return String(decoding: more, as: UTF8.self)
  }
}

extension ChatTemplate {
  /// A reader of an answer that arrives in pieces.
  ///
  /// - Parameters:
  ///   - prompt: The prompt that the model was given.
  ///   - tools: The tools, whose schemas type arguments.
  /// - Returns: A stream that has read nothing yet.
  public func makeResponseStream(prompt: Prompt? = nil, tools: [Tool] = []) -> ResponseStream {
    ResponseStream(self, prompt: prompt, tools: tools)
  }
}
