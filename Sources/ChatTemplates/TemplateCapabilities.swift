// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// What a template can render, found by rendering small conversations.
///
/// A capability is there where a text that is put into the conversation comes out in the prompt.
///
/// ```swift
/// TemplateCapabilities(of: try ChatTemplate(family: "qwen3")).supportsTools  // true
/// ```
public struct TemplateCapabilities: Sendable, Equatable {
  /// A system message is rendered.
  public let supportsSystem: Bool
  /// Tool definitions are rendered.
  public let supportsTools: Bool
  /// A message's tool calls are rendered.
  public let supportsToolCalls: Bool
  /// Two tool calls in one message are rendered.
  public let supportsParallelToolCalls: Bool
  /// Tool results are rendered.
  public let supportsToolResults: Bool
  /// The reasoning of the last answer is rendered.
  public let supportsReasoning: Bool
  /// The reasoning of an answer before the last question is rendered.
  public let keepsEarlierReasoning: Bool
  /// Documents are rendered.
  public let supportsDocuments: Bool
  /// Content may be a list of parts, whose text is rendered.
  public let supportsContentParts: Bool
  /// A part that is an image leaves something in the prompt.
  public let supportsImages: Bool
  /// Two questions in a row are refused.
  public let requiresAlternation: Bool
  /// Asking for a generation prompt changes the prompt.
  public let hasGenerationPrompt: Bool

  /// Probes a template.
  public init(of template: ChatTemplate) {
    let probe = Probe(template: template)
    let call = Probe.call("needle_one", id: "call00001")
    let second = Probe.call("needle_two", id: "call00002")
    let tools: JSONValue = [Probe.tool]
    supportsSystem = probe.finds(
      "needle", in: [["role": "system", "content": "needle"], Probe.question])
    supportsTools = probe.finds("needle_tool", in: [Probe.question], ["tools": tools])
    let called: JSONValue = ["role": "assistant", "content": "", "tool_calls": [call]]
    let result: JSONValue = [
      "role": "tool", "tool_call_id": "call00001", "name": "needle_one", "content": "needle_result",
    ]
    let conversation = [Probe.question, called, result, Probe.answer]
    supportsToolCalls = probe.finds("needle_one", in: conversation, ["tools": tools])
    supportsToolResults = probe.finds("needle_result", in: conversation, ["tools": tools])
    let both: JSONValue = ["role": "assistant", "content": "", "tool_calls": [call, second]]
    supportsParallelToolCalls = probe.finds(
      "needle_two",
      in: [
        Probe.question, both, result,
        ["role": "tool", "tool_call_id": "call00002", "name": "needle_two", "content": "y"],
        Probe.answer,
      ], ["tools": tools])
    let thought: JSONValue = [
      "role": "assistant", "reasoning_content": "needle", "content": "answer",
    ]
    supportsReasoning = probe.finds("needle", in: [Probe.question, thought])
    keepsEarlierReasoning = probe.finds("needle", in: [Probe.question, thought, Probe.question])
    supportsDocuments = probe.finds(
      "needle", in: [Probe.question], ["documents": [["title": "t", "text": "needle"]]])
    let text: JSONValue = ["type": "text", "text": "needle"]
    supportsContentParts = probe.finds("needle", in: [["role": "user", "content": [text]]])
    let plain = probe.render([["role": "user", "content": [text]]])
    let image: JSONValue = ["type": "image", "image": "i"]
    let pictured = probe.render([["role": "user", "content": [text, image]]])
    supportsImages = plain != nil && pictured != nil && plain != pictured
    requiresAlternation =
      probe.render([Probe.question]) != nil
      && probe.render([Probe.question, Probe.question]) == nil
    let opened = probe.render([Probe.question], ["add_generation_prompt": true])
    hasGenerationPrompt = opened != nil && opened != probe.render([Probe.question])
  }
}

/// Renders small conversations.
private struct Probe {
  static let question: JSONValue = ["role": "user", "content": "question"]
  static let answer: JSONValue = ["role": "assistant", "content": "answer"]
  static let tool: JSONValue = [
    "type": "function",
    "function": [
      "name": "needle_tool", "description": "d",
      "parameters": [
        "type": "object", "properties": ["a": ["type": "string", "description": "d"]],
      ],
    ],
  ]

  static func call(_ name: ExactString, id: ExactString) -> JSONValue {
    [
      "id": .string(id), "type": "function",
      "function": ["name": .string(name), "arguments": ["a": "b"]],
    ]
  }

  let template: ChatTemplate

  /// The prompt's bytes, or nil where the template refuses.
  func render(_ messages: [JSONValue], _ members: JSONObject = [:]) -> [UInt8]? {
    // Many templates add the tokens to texts, which fails where they are missing.
    var request: JSONObject = [
      "messages": .array(messages), "now": "2026-01-15", "bos_token": "<s>", "eos_token": "</s>",
    ]
    for (name, value) in members { request[name] = value }
    guard let (conversation, options) = try? ChatRequest.read(request),
      let prompt = try? template.render(conversation, options: options)
    else { return nil }
    return Array(prompt.text.utf8)
  }

  func finds(_ needle: String, in messages: [JSONValue], _ members: JSONObject = [:]) -> Bool {
    guard let text = render(messages, members) else { return false }
    return TextScanning.find(needle.utf8Span.span, in: text.span, 0..<text.count) != nil
  }
}
