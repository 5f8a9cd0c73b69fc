// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A string that compares and hashes by its UTF-8 bytes.
///
/// Swift's `String` compares canonically, so the composed and the decomposed `é` are one
/// dictionary key. A vocabulary and a JSON object must keep them apart.
///
/// ```swift
/// ExactString("e\u{301}") == ExactString("\u{e9}")  // false
/// ```
public struct ExactString: Sendable {
  /// The text, for display and for the public edge.
  public let string: String

  /// Wraps a string.
  public init(_ string: String) {
    self.string = string
  }

  /// Decodes UTF-8, or returns nil where the bytes are not valid UTF-8.
  public init?(validating bytes: some Sequence<UInt8>) {
    guard let string = String(validating: bytes, as: UTF8.self) else { return nil }
    self.string = string
  }

  /// The bytes.
  public var utf8: String.UTF8View { string.utf8 }

  /// True where there are no bytes.
  public var isEmpty: Bool { string.utf8.isEmpty }
}

extension ExactString: Hashable {
  /// Compares the bytes.
  @inlinable public static func == (left: ExactString, right: ExactString) -> Bool {
    if isSame(left.string, right.string) { return true }
    let count = left.string.utf8.count
    return count == right.string.utf8.count && areEqual(left, right, count: count)
  }

  @usableFromInline
  static func areEqual(_ left: ExactString, _ right: ExactString, count: Int) -> Bool {
    compare(left.string.utf8Span.span, right.string.utf8Span.span, count: count) == 0
  }

  /// Whether two strings are the same memory, or short and alike: then no byte need be read.
  @inlinable static func isSame(_ left: String, _ right: String) -> Bool {
    // SAFETY: a string is two words, which are compared as such.
    unsafe unsafeBitCast(left, to: SIMD2<UInt64>.self)
      == unsafeBitCast(right, to: SIMD2<UInt64>.self)
  }

  /// Hashes the bytes.
  public func hash(into hasher: inout Hasher) {
    // SAFETY: the bytes are read within the closure, during which the span keeps them alive.
    unsafe string.utf8Span.span.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
  }

  private static func compare(
    _ left: Span<UInt8>, _ right: Span<UInt8>, count: Int
  ) -> Int32 {
    // SAFETY: callers pass a count that both spans hold.
    unsafe left.withUnsafeBytes { left in
      unsafe right.withUnsafeBytes { right in
        guard let left = left.baseAddress, let right = right.baseAddress else { return 0 }
        return unsafe memcmp(left, right, count)
      }
    }
  }
}

extension ExactString: Comparable {
  /// Orders by bytes, which for UTF-8 is the order of Unicode scalars.
  public static func < (left: ExactString, right: ExactString) -> Bool {
    let leftBytes = left.string.utf8Span.span
    let rightBytes = right.string.utf8Span.span
    let order = compare(leftBytes, rightBytes, count: min(leftBytes.count, rightBytes.count))
    return order != 0 ? order < 0 : leftBytes.count < rightBytes.count
  }
}

extension ExactString: ExpressibleByStringLiteral, CustomStringConvertible {
  /// Wraps a literal.
  public init(stringLiteral value: String) {
    self.init(value)
  }

  /// The text itself.
  public var description: String { string }
}
