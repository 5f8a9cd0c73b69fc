// SPDX-License-Identifier: Apache-2.0

import ChatTemplates
import TextPrimitives

/// Why two prompts of one conversation differ.
public enum DifferenceCause: String, Sendable, CaseIterable {
  /// One side refuses the conversation.
  case refusal
  /// A token at the beginning.
  case begin = "bos"
  /// White space, and nothing else.
  case whitespace
  /// Where and how instructions stand.
  case systemPlacement = "system placement"
  /// How tools, calls and results are written.
  case toolSerialization = "tool serialization"
  /// Which reasoning is kept, and how.
  case reasoningHistory = "reasoning history"
  /// The opening of the answer.
  case generationPrompt = "generation prompt"
  /// The marks around turns.
  case turnMarks = "turn marks"
  /// The same text in other tokens.
  case segmentation
  /// What the messages say.
  case content

  /// A sentence for people.
  public var explanation: String {
    switch self {
    case .refusal: "one side refuses the conversation"
    case .begin: "only one side writes a token at the beginning"
    case .whitespace: "the sides differ in white space alone"
    case .systemPlacement: "instructions stand elsewhere or look different"
    case .toolSerialization: "tools, calls or results are written in another way"
    case .reasoningHistory: "other reasoning is kept, or in another form"
    case .generationPrompt: "the answer is opened in another way"
    case .turnMarks: "the template's own text around turns differs"
    case .segmentation: "the text is the same, but falls into other tokens"
    case .content: "the text of messages differs"
    }
  }
}

extension DifferenceCause {
  /// The cause of one hunk.
  init(
    _ hunk: TokenDiff.Hunk, _ old: SideRendering, _ new: SideRendering, begin: [ExactString]
  ) {
    let left = Touched(old, hunk.old)
    let right = Touched(new, hunk.new)
    let isBegin: (Touched) -> Bool = { touched in
      touched.tokens.allSatisfy { token in begin.contains { Array($0.utf8) == token.bytes } }
    }
    if left.bytes == right.bytes {
      self = .segmentation
    } else if hunk.old.lowerBound == 0, hunk.new.lowerBound == 0, isBegin(left), isBegin(right) {
      self = .begin
    } else if left.ink == right.ink {
      self = .whitespace
    } else if left.isReasoning || right.isReasoning {
      self = .reasoningHistory
    } else if left.isTool || right.isTool {
      self = .toolSerialization
    } else if left.isSystem || right.isSystem {
      self = .systemPlacement
    } else if left.isOpening, right.isOpening {
      self = .generationPrompt
    } else if left.isTemplate, right.isTemplate {
      self = .turnMarks
    } else {
      self = .content
    }
  }
}

/// The tokens of a hunk on one side, and what they belong to.
private struct Touched {
  let tokens: ArraySlice<ShownToken>
  private let segments: [PromptSegment]

  init(_ rendering: SideRendering, _ range: Range<Int>) {
    tokens = rendering.tokens[range]
    var segments: [PromptSegment] = []
    for token in tokens {
      guard let index = token.segment, let all = rendering.prompt?.segments,
        all.indices.contains(index)
      else { continue }
      segments.append(all[index])
    }
    self.segments = segments
  }

  var bytes: [UInt8] { tokens.flatMap(\.bytes) }

  /// The bytes without white space.
  var ink: [UInt8] { bytes.filter { $0 > 0x20 } }

  private func has(_ fields: Set<ExactString>) -> Bool {
    segments.contains { segment in
      if case .field(let field) = segment.content { fields.contains(field) } else { false }
    }
  }

  var isReasoning: Bool {
    let text = bytes
    let isMarked = ["<think>", "</think>", "[THINK]", "[/THINK]"].contains { mark in
      text.indices.contains { text[$0...].starts(with: mark.utf8) }
    }
    return isMarked || has(["reasoning_content", "reasoning", "thinking"])
  }

  var isTool: Bool {
    let roles: Set<ExactString> = ["tool", "ipython", "function"]
    return has(["tools", "tool_calls", "custom_tools"])
      || segments.contains { $0.role.map(roles.contains) ?? false }
  }

  var isSystem: Bool {
    segments.contains { $0.role == "system" || $0.role == "developer" }
  }

  var isOpening: Bool {
    segments.allSatisfy { $0.message == nil && $0.role == "assistant" }
  }

  var isTemplate: Bool { segments.allSatisfy(\.isTrusted) }
}
