// SPDX-License-Identifier: Apache-2.0

import TextPrimitives

/// How much of a prompt stays as it is when turns are added to its conversation.
public struct PrefixStability: Sendable {
  /// The prompt before, with its opening.
  public let earlier: Prompt
  /// The prompt with the new turns.
  public let later: Prompt
  /// How many bytes of UTF-8 at the front both have in common.
  public let keptBytes: Int

  /// Whether the earlier prompt is a prefix of the later one.
  public var isWhole: Bool { keptBytes == earlier.text.utf8.count }

  /// The segment of the earlier prompt that is the first to change.
  ///
  /// Its source is the line of the template that wrote it. Nil where nothing changes.
  public var firstChange: PromptSegment? {
    isWhole ? nil : earlier.segments.first { $0.byteRange.upperBound > keptBytes }
  }
}

extension ChatTemplate {
  /// How much of a conversation's prompt stays valid when turns are added to it.
  ///
  /// Both prompts are rendered and compared, so that it holds of every template.
  ///
  /// ```swift
  /// let stability = try template.prefixStability(
  ///   of: conversation, adding: [Message(.assistant, "Hi"), Message(.user, "And now?")],
  ///   options: .init(addGenerationPrompt: true))
  /// stability.keptBytes
  /// ```
  ///
  /// - Parameters:
  ///   - conversation: What was said so far.
  ///   - turns: What is added.
  ///   - options: How both are rendered.
  /// - Returns: The two prompts and how far they agree.
  /// - Throws: `ChatTemplateError` where the template refuses one of the two.
  public func prefixStability(
    of conversation: Conversation, adding turns: [Message],
    options: RenderOptions = RenderOptions()
  ) throws(ChatTemplateError) -> PrefixStability {
    var longer = conversation
    longer.messages += turns
    let earlier = try render(conversation, options: options)
    let later = try render(longer, options: options)
    let (left, right) = (earlier.text.utf8Span.span, later.text.utf8Span.span)
    var kept = 0
    while kept < left.count, kept < right.count, left[kept] == right[kept] { kept += 1 }
    return PrefixStability(earlier: earlier, later: later, keptBytes: kept)
  }
}
