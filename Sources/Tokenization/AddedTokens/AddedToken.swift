// SPDX-License-Identifier: Apache-2.0

public import TextPrimitives

/// A token that is found in the text before the model sees it.
public struct AddedToken: Hashable, Sendable {
  /// What is looked for.
  public var content: ExactString
  /// Its id.
  public var id: TokenID
  /// A control token: matched only where special tokens are parsed, and skipped on request when
  /// decoding.
  public var isSpecial: Bool
  /// Swallows the white space before it.
  public var stripsLeft: Bool
  /// Swallows the white space after it.
  public var stripsRight: Bool
  /// Matches only where no word character stands beside it.
  public var isSingleWord: Bool
  /// Is looked for in the normalized text, with its content normalized as well.
  public var isNormalized: Bool

  /// A token with these properties.
  public init(
    content: ExactString, id: TokenID, isSpecial: Bool = false, stripsLeft: Bool = false,
    stripsRight: Bool = false, isSingleWord: Bool = false, isNormalized: Bool = false
  ) {
    self.content = content
    self.id = id
    self.isSpecial = isSpecial
    self.stripsLeft = stripsLeft
    self.stripsRight = stripsRight
    self.isSingleWord = isSingleWord
    self.isNormalized = isNormalized
  }
}
