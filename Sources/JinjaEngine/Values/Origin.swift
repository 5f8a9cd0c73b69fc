// SPDX-License-Identifier: Apache-2.0

/// Who wrote a piece of text, in 4 bytes.
///
/// - zero: the engine or the template, no literal in particular (`loop.index`);
/// - negative: a literal of the template;
/// - positive: a value of the context, by its node in the ``OriginTree``. The lowest bit tells a
///   key of an object from its value.
struct Origin: Hashable, Sendable {
  var rawValue: Int32

  static let none = Origin(rawValue: 0)
  /// From the caller, but from several values or from one that is not known.
  static let mixed = Origin(rawValue: .max)

  init(rawValue: Int32) { self.rawValue = rawValue }

  init(literal index: Int) { rawValue = -Int32(truncatingIfNeeded: index) - 1 }

  init(node: Int32, isKey: Bool = false) { rawValue = node << 1 | (isKey ? 1 : 0) }

  var isInput: Bool { rawValue > 0 }

  var node: Int32 { rawValue >> 1 }

  var isKey: Bool { rawValue & 1 == 1 }

  var literal: Int? { rawValue < 0 ? Int(-(rawValue + 1)) : nil }

  /// The origin of something made of two parts that cannot be told apart: the caller's, where
  /// either is.
  func combined(with other: Origin) -> Origin {
    if self == other { return self }
    if isInput { return other.isInput ? .mixed : self }
    return other.isInput ? other : .none
  }
}

/// A piece of a text: where it ends and who wrote it.
struct RawPiece: Hashable, Sendable {
  /// One past the last byte.
  var end: Int32
  var origin: Origin
  /// The `generation` block that it was written in, counted from 1; zero outside.
  var generation: Int32 = 0
}
