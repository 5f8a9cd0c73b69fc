// SPDX-License-Identifier: Apache-2.0

public import Tokenization

/// How long an encoded conversation may become.
public struct ChatLimits: Sendable {
  /// What happens to a conversation that is too long.
  public enum Truncation: Sendable {
    /// It is an error: nothing is cut unasked.
    case refuse
    /// The oldest questions and their answers go, system messages stay.
    case dropOldTurns
    /// Tokens are cut at the end, the generation prompt first, as transformers does.
    case cutEnd
    /// Tokens are cut at the start.
    case cutStart
  }

  /// The greatest number of tokens; nil is no limit.
  public var maximumCount: Int?
  /// What happens beyond it.
  public var truncation: Truncation
  /// Parses control tokens in callers' text, as transformers does by default.
  public var trustsText: Bool

  /// Limits; the default has none.
  public init(
    maximumCount: Int? = nil, truncation: Truncation = .refuse, trustsText: Bool = false
  ) {
    self.maximumCount = maximumCount
    self.truncation = truncation
    self.trustsText = trustsText
  }
}

/// How a batch is filled up.
public struct ChatPadding: Sendable {
  /// The end at which it is filled up.
  public enum Side: Sendable { case left, right }

  /// The end at which it is filled up; generation wants the left.
  public var side: Side
  /// The length to fill up to; nil is that of the longest row.
  public var count: Int?
  /// A multiple that the length is raised to.
  public var multiple: Int

  /// Padding on the right up to the longest row by default.
  public init(side: Side = .right, count: Int? = nil, multiple: Int = 1) {
    self.side = side
    self.count = count
    self.multiple = max(1, multiple)
  }
}

/// Several encoded conversations of one length.
public struct ChatBatch: Sendable {
  /// One row of ids per conversation.
  public private(set) var ids: [[TokenID]] = []
  /// False where a token only fills up.
  public private(set) var attentionMask: [[Bool]] = []
  /// True where the model wrote the token.
  public private(set) var assistantMask: [[Bool]] = []
  /// The rows before they were filled up.
  public let rows: [EncodedPrompt]

  init(_ rows: [EncodedPrompt], _ padding: ChatPadding, padID: TokenID?)
    throws(PromptEncodingError)
  {
    self.rows = rows
    var length = max(padding.count ?? 0, rows.map(\.ids.count).max() ?? 0)
    length = (length + padding.multiple - 1) / padding.multiple * padding.multiple
    for row in rows {
      let missing = length - row.ids.count
      guard missing == 0 || padID != nil else { throw PromptEncodingError(.noPaddingToken) }
      let fill = Array(repeating: padID ?? 0, count: missing)
      let blank = Array(repeating: false, count: missing)
      switch padding.side {
      case .right:
        ids.append(row.ids + fill)
        attentionMask.append(row.attentionMask + blank)
        assistantMask.append(row.assistantMask + blank)
      case .left:
        ids.append(fill + row.ids)
        attentionMask.append(blank + row.attentionMask)
        assistantMask.append(blank + row.assistantMask)
      }
    }
  }
}
