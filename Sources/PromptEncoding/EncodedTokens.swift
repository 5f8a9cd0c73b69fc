// SPDX-License-Identifier: Apache-2.0

import ChatTemplates
import Tokenization

/// The tokens of a prompt, of which is worked out who wrote each.
struct EncodedTokens: Sendable {
  let tokenizer: Tokenizer
  let ids: [TokenID]
  /// Where each stands in the prompt's UTF-8, ascending.
  let ranges: TokenOffsets
  /// The ids that are control tokens beside the special ones.
  let control: Set<TokenID>
  /// Whether callers can write control tokens too.
  let trustsText: Bool

  /// One entry per token.
  func layout(in segments: [PromptSegment]) -> [TokenLayout] {
    guard let first = segments.first else { return [] }
    var result: [TokenLayout] = []
    result.reserveCapacity(ids.count)
    var current = 0
    // A segment has many tokens: what they share is made once.
    var shared = TokenLayout(first, at: 0)
    var end = first.byteRange.upperBound
    var isTrusted = first.isTrusted
    for (id, range) in zip(ids, ranges) {
      while current + 1 < segments.count, end <= range.lowerBound {
        current += 1
        let segment = segments[current]
        shared = TokenLayout(segment, at: current)
        end = segment.byteRange.upperBound
        isTrusted = segment.isTrusted
      }
      var layout = shared
      var isAllTrusted = isTrusted
      var next = current + 1
      while next < segments.count, segments[next].byteRange.lowerBound < range.upperBound {
        layout.add(segments[next])
        isAllTrusted = isAllTrusted && segments[next].isTrusted
        next += 1
      }
      layout.isControl =
        (isAllTrusted || trustsText) && (tokenizer.isSpecial(id) || control.contains(id))
      result.append(layout)
    }
    return result
  }
}

extension TokenLayout {
  /// What a token within a segment has of it.
  fileprivate init(_ segment: PromptSegment, at index: Int) {
    self.init(
      author: segment.author, role: segment.role, message: segment.message, isControl: false,
      isTerminator: segment.isTerminator, spansAuthors: false, segment: index)
  }

  /// Takes in another segment that the token reaches into.
  fileprivate mutating func add(_ segment: PromptSegment) {
    guard segment.author != author else { return }
    spansAuthors = true
    let rank: [PromptAuthor] = [.template, .caller, .model]
    let mine = rank.firstIndex(of: author) ?? 0
    let theirs = rank.firstIndex(of: segment.author) ?? 0
    if theirs > mine {
      author = segment.author
      role = segment.role
      message = segment.message
    }
  }
}
