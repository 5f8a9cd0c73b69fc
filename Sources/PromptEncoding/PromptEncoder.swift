// SPDX-License-Identifier: Apache-2.0

public import ChatTemplates
import TextPrimitives
public import Tokenization

/// Turns prompts into ids; the one place where control tokens become ids.
///
/// What the template wrote may hold control tokens. What callers wrote never does, whatever it
/// says: `<|eot_id|>` in a message is text.
///
/// ```swift
/// let encoded = try PromptEncoder(tokenizer).encode(prompt)
/// ```
public struct PromptEncoder: Sendable {
  let tokenizer: Tokenizer
  /// Added tokens that are not special; they are control tokens where a template writes them.
  private let plainAddedTokens: [AddedToken]

  /// An encoder for a vocabulary.
  public init(_ tokenizer: Tokenizer) {
    self.tokenizer = tokenizer
    plainAddedTokens = tokenizer.addedTokens.filter { !$0.isSpecial }
  }

  /// The ids of a prompt and who wrote each of them.
  ///
  /// - Parameters:
  ///   - prompt: The prompt.
  ///   - trustText: Parses control tokens in callers' text too, as transformers does by default.
  /// - Returns: One entry per token.
  /// - Throws: ``PromptEncodingError``.
  public func encode(_ prompt: Prompt, trustText: Bool = false) throws(PromptEncodingError)
    -> EncodedPrompt
  {
    let control = controlTokens(of: prompt)
    let bytes = Array(prompt.text.utf8)
    guard bytes.count <= TokenOffsets.textLimit else {
      throw PromptEncodingError(.tokenizer(TokenizerError(.textTooLong)))
    }
    var ids: [TokenID] = []
    var ranges = TokenOffsets()
    let all = [0..<bytes.count]
    switch prompt.boundary {
    case .fuse:
      let trusted = trustText ? all : prompt.trustedRanges
      (ids, ranges) = try encode(bytes, trusting: trusted, control: control)
    case .cut:
      for unit in Self.units(of: prompt.segments) {
        try append(unit, of: bytes, control, to: &ids, &ranges)
      }
    }
    let tokens = EncodedTokens(
      tokenizer: tokenizer, ids: ids, ranges: ranges, control: control, trustsText: trustText)
    return EncodedPrompt(
      ids: ids, offsets: ranges, layout: LazyValue { tokens.layout(in: prompt.segments) },
      stopIDs: prompt.stopTokens.compactMap { tokenizer.identifier(of: $0.string) })
  }

  /// Refuses a template whose control tokens are no tokens of the vocabulary.
  ///
  /// - Throws: ``PromptEncodingError`` that names the first missing token.
  public func check(_ prompt: Prompt) throws(PromptEncodingError) {
    for token in prompt.controlTokens where tokenizer.identifier(of: token.string) == nil {
      throw PromptEncodingError(.missingControlToken(token))
    }
  }

  /// Refuses a declarative template that writes a control token which is no token of the vocabulary,
  /// before any conversation is rendered.
  ///
  /// - Throws: ``PromptEncodingError`` that names the first missing token.
  public func check(_ template: ChatTemplate) throws(PromptEncodingError) {
    for token in template.controlTokens where tokenizer.identifier(of: token.string) == nil {
      throw PromptEncodingError(
        .missingControlToken(token), place: template.place(ofControlToken: token))
    }
  }

  // MARK: Control tokens

  private func controlTokens(of prompt: Prompt) -> Set<TokenID> {
    var control: Set<TokenID> = []
    for token in prompt.controlTokens {
      if let id = tokenizer.identifier(of: token.string) { control.insert(id) }
    }
    for token in plainAddedTokens where prompt.templateWrites(token.content) {
      control.insert(token.id)
    }
    return control
  }

  // MARK: Encoding

  private func encode(
    _ bytes: [UInt8], trusting trusted: [Range<Int>], control: Set<TokenID>
  ) throws(PromptEncodingError) -> ([TokenID], TokenOffsets) {
    do {
      let result = try tokenizer.encode(bytes, trusting: trusted, control: control)
      return (result.ids, result.ranges)
    } catch {
      throw PromptEncodingError(.tokenizer(error))
    }
  }

  /// Segments that are encoded together.
  private static func units(of segments: [PromptSegment]) -> [[PromptSegment]] {
    var units: [[PromptSegment]] = []
    var mayJoin = false
    for segment in segments {
      let isControl = segment.content == .control
      if mayJoin, !isControl, !segment.startsApart {
        units[units.count - 1].append(segment)
      } else {
        units.append([segment])
      }
      mayJoin = !isControl
    }
    return units
  }

  private func append(
    _ unit: [PromptSegment], of bytes: [UInt8], _ control: Set<TokenID>,
    to ids: inout [TokenID], _ ranges: inout TokenOffsets
  ) throws(PromptEncodingError) {
    guard let first = unit.first, let last = unit.last else { return }
    let start = first.byteRange.lowerBound
    let range = start..<last.byteRange.upperBound
    if unit.count == 1, case .control = first.content {
      let token = String(decoding: bytes[range], as: UTF8.self)
      guard let id = tokenizer.identifier(of: token) else {
        throw PromptEncodingError(.missingControlToken(ExactString(token)))
      }
      ids.append(id)
      ranges.append(range)
      return
    }
    // Nothing inside a unit is a control token: those stand by themselves.
    guard let lead = first.lead else {
      let (newIDs, newRanges) = try encode(Array(bytes[range]), trusting: [], control: control)
      ids += newIDs
      ranges.append(
        contentsOf: newRanges.lazy.map { $0.lowerBound + start..<$0.upperBound + start })
      return
    }
    let text = Array(lead.text.utf8)
    let (newIDs, newRanges) = try encode(text + bytes[range], trusting: [], control: control)
    ids += newIDs.dropFirst(lead.droppedCount)
    // A token that began in the lead stands for what it holds of the piece.
    ranges.append(
      contentsOf: newRanges.dropFirst(lead.droppedCount).lazy.map {
        max($0.lowerBound - text.count, 0) + start..<max($0.upperBound - text.count, 0) + start
      })
  }
}

extension Tokenizer {
  /// The ids of a prompt and who wrote each of them.
  ///
  /// - Throws: ``PromptEncodingError``.
  public func encode(_ prompt: Prompt, trustText: Bool = false) throws(PromptEncodingError)
    -> EncodedPrompt
  {
    try PromptEncoder(self).encode(prompt, trustText: trustText)
  }
}
