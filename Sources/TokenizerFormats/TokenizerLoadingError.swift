// SPDX-License-Identifier: Apache-2.0

public import TextPrimitives

/// A tokenizer file that cannot be used: which file, where in it, why, and what to do.
public struct TokenizerLoadingError: Error, Sendable {
  /// What is wrong.
  public enum Kind: Hashable, Sendable {
    /// The system does not give the file.
    case unreadable
    /// The file is not of any format that we know.
    case unknownFormat
    /// The file is damaged, or not what its format allows.
    case malformed
    /// The file asks for something that we do not have.
    case unsupported
    /// The parts of the file contradict each other.
    case inconsistent
  }

  /// Where in the file.
  public enum Place: Hashable, Sendable {
    case position(SourcePosition)
    /// A path such as `model.merges[17]`.
    case path(String)
    /// 0-based.
    case byte(Int)
    /// 1-based.
    case line(Int)
  }

  /// What is wrong.
  public let kind: Kind
  /// The file as the caller named it.
  public let file: String
  /// Where in the file.
  public let place: Place?
  /// What is wrong, in words.
  public let message: String
  /// What to do.
  public let hint: String?

  /// An error with all that is known.
  public init(
    _ kind: Kind, file: String, place: Place? = nil, _ message: String, hint: String? = nil
  ) {
    self.kind = kind
    self.file = file
    self.place = place
    self.message = message
    self.hint = hint
  }
}

extension TokenizerLoadingError: CustomStringConvertible {
  /// `file:place: what is wrong; what to do`.
  public var description: String {
    let head =
      switch place {
      case .position(let position): "\(file):\(position.line):\(position.column): "
      case .path(let path): "\(file): \(path): "
      case .byte(let offset): "\(file): at byte \(offset): "
      case .line(let line): "\(file):\(line): "
      case nil: "\(file): "
      }
    return head + message + (hint.map { "; \($0)" } ?? "")
  }
}
