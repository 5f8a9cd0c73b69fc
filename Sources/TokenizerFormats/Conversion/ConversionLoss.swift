// SPDX-License-Identifier: Apache-2.0

/// Something that a tokenizer does and that a file format has no words for.
public struct ConversionLoss: Hashable, Sendable, CustomStringConvertible {
  /// What the source calls it, such as `normalizer_spec.precompiled_charsmap`.
  public let field: String
  /// Its value there, shortened.
  public let value: String
  /// What would become of it.
  public let consequence: String

  init(_ field: String, _ value: String, _ consequence: String) {
    self.field = field
    self.value = value
    self.consequence = consequence
  }

  /// `field = value: consequence`.
  public var description: String { "\(field) = \(value): \(consequence)" }
}

/// A tokenizer that cannot be written in a format without changing what it does.
public struct TokenizerConversionError: Error, Sendable, CustomStringConvertible {
  /// The format that was asked for.
  public let target: String
  /// What would be lost; never empty.
  public let losses: [ConversionLoss]

  /// Every loss, on one line.
  public var description: String {
    "a \(target) cannot say all of it: \(losses.map(\.description).joined(separator: "; "))"
  }
}

/// A tokenizer written in another format.
public struct ConvertedTokenizer: Sendable {
  /// The file's bytes.
  public let bytes: [UInt8]
  /// What was lost, where the caller allowed it.
  public let losses: [ConversionLoss]
  /// What differs for ids that no text encodes to, such as how bytes that are not UTF-8 decode.
  public let notes: [String]
}
