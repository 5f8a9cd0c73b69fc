// SPDX-License-Identifier: Apache-2.0

/// A pre-tokenizer's pattern that cannot be used.
public struct SplitPatternError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong.
  public enum Kind: Hashable, Sendable {
    case unsupported(String)
    case unknownProperty(String)
    case syntax(String)
    case tooLarge
  }

  /// What is wrong.
  public let kind: Kind
  /// The pattern.
  public let pattern: String
  /// Where in the pattern, in scalars from 0.
  public let scalarOffset: Int

  /// What is wrong, where, and what to do.
  public var description: String {
    let reason =
      switch kind {
      case .unsupported(let construct): "\(construct) is not supported"
      case .unknownProperty(let name): "'\\p{\(name)}' names no Unicode category or script"
      case .syntax(let message): message
      case .tooLarge: "the pattern is too large"
      }
    return "pattern '\(pattern)', at \(scalarOffset): \(reason)"
  }
}
