// SPDX-License-Identifier: Apache-2.0

public import OrderedJSON
public import TextPrimitives
public import Tokenization

/// What was recorded of a case: each part is compared where it is there.
public struct RecordedPrompt: Sendable, Equatable {
  /// The prompt's text.
  public var text: Recorded<ExactString>?
  /// The prompt's ids.
  public var ids: Recorded<[TokenID]>?
  /// Which tokens belong to which turn, in order.
  public var layout: [TurnRange]?
  /// The tokens that the model wrote, as ranges.
  public var mask: [Range<Int>]?
  /// The tokens at which generation stops.
  public var stop: [ExactString]?
  /// What the case's response is taken apart into.
  public var message: JSONObject?
  /// That the case is refused, and with what words.
  public var error: ExpectedError?

  /// Expects nothing yet.
  public init() {}

  /// Whether nothing was recorded.
  public var isEmpty: Bool { self == RecordedPrompt() }
}

/// A value as it is, or, where it is long, its digest and its length.
public enum Recorded<Value: Sendable & Equatable>: Sendable, Equatable {
  case whole(Value)
  /// The SHA-256 as hexadecimal digits, and how many bytes or ids there are.
  ///
  /// The digest of a text is that of its UTF-8, the digest of ids that of their decimal numbers,
  /// joined by commas.
  case digest(String, count: Int)
}

/// A run of tokens of one turn.
public struct TurnRange: Sendable, Equatable {
  /// The role of the turn; nil between turns.
  public var role: ExactString?
  /// The index of the message, from 0; nil where the tokens are none's.
  public var message: Int?
  /// The tokens.
  public var tokens: Range<Int>

  /// A run.
  public init(role: ExactString?, message: Int?, tokens: Range<Int>) {
    self.role = role
    self.message = message
    self.tokens = tokens
  }
}

/// A refusal that is right.
public enum ExpectedError: Sendable, Equatable {
  /// Whatever it says.
  case any
  /// A message in which these words stand.
  case saying(ExactString)
}

extension Recorded where Value == ExactString {
  /// Whether a text is the recorded one.
  public func matches(_ text: ExactString) -> Bool {
    switch self {
    case .whole(let expected): expected == text
    case .digest(let digest, let count):
      text.utf8.count == count && SHA256.hexadecimal(of: Array(text.utf8)) == digest
    }
  }

  /// Records a text, by its digest where it is longer than `limit` bytes.
  public init(_ text: ExactString, limit: Int) {
    self =
      text.utf8.count <= limit
      ? .whole(text)
      : .digest(SHA256.hexadecimal(of: Array(text.utf8)), count: text.utf8.count)
  }
}

extension Recorded where Value == [TokenID] {
  /// Whether ids are the recorded ones.
  public func matches(_ ids: [TokenID]) -> Bool {
    switch self {
    case .whole(let expected): expected == ids
    case .digest(let digest, let count): ids.count == count && Self.digest(of: ids) == digest
    }
  }

  /// Records ids, by their digest where there are more than `limit`.
  public init(_ ids: [TokenID], limit: Int) {
    self = ids.count <= limit ? .whole(ids) : .digest(Self.digest(of: ids), count: ids.count)
  }

  private static func digest(of ids: [TokenID]) -> String {
    SHA256.hexadecimal(of: Array(ids.map { String($0) }.joined(separator: ",").utf8))
  }
}
