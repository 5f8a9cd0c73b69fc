// SPDX-License-Identifier: Apache-2.0

public import ChatTemplates
public import TextPrimitives
public import Tokenization

/// A prompt as ids, with what is known of each token.
public struct EncodedPrompt: Sendable {
  /// The ids, as the model takes them.
  public let ids: [TokenID]
  /// Where each token stands in the prompt's UTF-8.
  public let offsets: TokenOffsets
  /// Who wrote each token, one entry for each.
  ///
  /// The first call works them out; keep the array in loops.
  public var layout: [TokenLayout] { lazyLayout.value }
  private let lazyLayout: LazyValue<[TokenLayout]>
  /// The ids at which generation should stop.
  public internal(set) var stopIDs: [TokenID]

  init(
    ids: [TokenID], offsets: TokenOffsets, layout: LazyValue<[TokenLayout]>, stopIDs: [TokenID]
  ) {
    self.ids = ids
    self.offsets = offsets
    lazyLayout = layout
    self.stopIDs = stopIDs
  }

  /// True for the tokens that the model wrote and training should learn, those that end its turns
  /// included: without them it never learns to stop.
  public var assistantMask: [Bool] { layout.map { $0.author == .model } }

  /// As ``assistantMask``, with or without the tokens that end a turn, such as `<|im_end|>`.
  public func assistantMask(includingTerminators: Bool) -> [Bool] {
    layout.map { $0.author == .model && (includingTerminators || !$0.isTerminator) }
  }

  /// True for every token: nothing is padding.
  public var attentionMask: [Bool] { Array(repeating: true, count: ids.count) }

  /// The tokens that hold bytes of more than one author.
  public var mixedTokens: [Int] { layout.indices.filter { layout[$0].spansAuthors } }
}

extension EncodedPrompt {
  /// Some of the tokens.
  func part(_ range: Range<Int>) -> EncodedPrompt {
    EncodedPrompt(
      ids: Array(ids[range]), offsets: offsets.part(range),
      layout: LazyValue { [self] in Array(layout[range]) }, stopIDs: stopIDs)
  }
}

/// What is known of one token of a prompt.
public struct TokenLayout: Sendable, Equatable {
  /// Who wrote it: the model where any byte is the model's, else the caller likewise.
  public var author: PromptAuthor
  /// The role of the turn that it stands in; nil between turns.
  public var role: ExactString?
  /// The index of the message that it stands in; nil where it is none's.
  public var message: Int?
  /// Whether it is a control token, which only the template can write.
  public var isControl: Bool
  /// Whether it ends what the model writes, such as `<|im_end|>`.
  public var isTerminator = false
  /// Whether its bytes have more than one author.
  public var spansAuthors: Bool
  /// The index of the prompt's segment that its first byte is in.
  public var segment: Int
}
