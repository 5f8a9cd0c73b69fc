// SPDX-License-Identifier: Apache-2.0

public import TextPrimitives

/// A text that is not JSON, and where it stops being so.
public struct JSONError: Error, Sendable {
  /// What is wrong.
  public enum Kind: Hashable, Sendable {
    case unexpectedEnd(expected: String)
    case unexpected(found: String, expected: String)
    case controlCharacterInString
    case invalidEscape
    case loneSurrogate
    case invalidNumber
    case invalidUTF8
    case nestingTooDeep(limit: Int)
    case trailingContent
  }

  /// What is wrong.
  public let kind: Kind
  /// Where.
  public let position: SourcePosition

  /// An error at a known place.
  public init(_ kind: Kind, at position: SourcePosition) {
    self.kind = kind
    self.position = position
  }
}

extension JSONError: CustomStringConvertible {
  /// What is wrong and what to do, without the place.
  public var message: String {
    switch kind {
    case .unexpectedEnd(let expected):
      "the text ends where \(expected) should follow; is the file whole?"
    case .unexpected(let found, let expected): "expected \(expected), found \(found)"
    case .controlCharacterInString:
      "a control character stands bare in a string; write it as an escape such as \\n"
    case .invalidEscape:
      #"an escape that JSON does not know; it has \" \\ \/ \b \f \n \r \t and \u with four digits"#
    case .loneSurrogate:
      "half of a surrogate pair, which is no Unicode text; write both halves or U+FFFD"
    case .invalidNumber: "a number that JSON does not allow; it has the form -12.5e3"
    case .invalidUTF8: "bytes that are not UTF-8; save the file as UTF-8"
    case .nestingTooDeep(let limit): "nested deeper than \(limit) levels"
    case .trailingContent: "something follows the end of the JSON value"
    }
  }

  /// `line:column: what is wrong`.
  public var description: String {
    "\(position.line):\(position.column): \(message)"
  }
}
