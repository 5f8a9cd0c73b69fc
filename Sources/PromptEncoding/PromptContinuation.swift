// SPDX-License-Identifier: Apache-2.0

public import ChatTemplates
public import Tokenization

/// How a model's context goes on with the next turn: what stays of it, and what follows.
///
/// The context after an answer is the prompt's ids and those that the model sampled. Encoding the
/// longer conversation anew can give other ids for the answer than the model sampled, and costs
/// reading all of it again. Where it can be proved that the template writes the answer as it was
/// sampled, the bridge is all that has to be read.
public struct PromptContinuation: Sendable, Equatable {
  /// How many ids of the context stay, from its front.
  public let keptCount: Int
  /// The ids to read after them.
  public let bridge: [TokenID]
  /// Whether the whole context stays, the sampled ids as they are.
  public let keepsAnswer: Bool
}

extension PromptEncoder {
  /// What the model has to read next.
  ///
  /// The answer is kept where the next prompt begins with the text of the prompt and of what was
  /// sampled, and a control token stands on one side of the joint: no token reaches across those,
  /// so that the ids after it do not depend on those before. Else the ids stay as far as they are
  /// those of the next prompt.
  ///
  /// ```swift
  /// let bridge = try encoder.continuation(of: prompt, sampled: ids, to: nextPrompt)
  /// context = context.prefix(bridge.keptCount) + bridge.bridge
  /// ```
  ///
  /// - Parameters:
  ///   - prompt: What the model was given.
  ///   - sampled: The ids that it answered with, the terminator included.
  ///   - next: The prompt of the longer conversation.
  /// - Returns: What stays of the context, and what to read after it.
  /// - Throws: ``PromptEncodingError``.
  public func continuation(of prompt: Prompt, sampled: [TokenID], to next: Prompt)
    throws(PromptEncodingError) -> PromptContinuation
  {
    let earlier = try encode(prompt).ids
    let context = earlier + sampled
    let later = try encode(next)
    if let answer = text(of: sampled, after: earlier),
      let joint = joint(after: Array(prompt.text.utf8) + answer, in: next, later)
    {
      return PromptContinuation(
        keptCount: context.count, bridge: Array(later.ids[joint...]), keepsAnswer: true)
    }
    let kept = zip(context, later.ids).prefix { $0 == $1 }.count
    return PromptContinuation(
      keptCount: kept, bridge: Array(later.ids[kept...]), keepsAnswer: kept == context.count)
  }

  /// How many tokens of an earlier prompt are also the first of a later one.
  ///
  /// - Throws: ``PromptEncodingError``.
  public func keptTokens(of stability: PrefixStability) throws(PromptEncodingError) -> Int {
    let earlier = try encode(stability.earlier)
    let later = try encode(stability.later)
    return zip(earlier.ids, later.ids).prefix { $0 == $1 }.count
  }

  /// The bytes that sampled ids add to those before; nil where there are none.
  ///
  /// They are decoded together, since some decoders treat the first token differently.
  private func text(of sampled: [TokenID], after earlier: [TokenID]) -> [UInt8]? {
    guard !sampled.isEmpty, let head = try? tokenizer.decodedBytes(earlier),
      let whole = try? tokenizer.decodedBytes(earlier + sampled), whole.starts(with: head)
    else { return nil }
    return Array(whole.dropFirst(head.count))
  }

  /// The token of the next prompt at which a text ends, where the two can be encoded apart.
  private func joint(after history: [UInt8], in next: Prompt, _ later: EncodedPrompt) -> Int? {
    guard next.text.utf8.starts(with: history),
      let joint = later.offsets.firstIndex(where: { $0.lowerBound >= history.count }),
      joint > 0, later.offsets[joint].lowerBound == history.count,
      later.offsets[joint - 1].upperBound == history.count,
      later.layout[joint].isControl || later.layout[joint - 1].isControl
    else { return nil }
    return joint
  }
}
