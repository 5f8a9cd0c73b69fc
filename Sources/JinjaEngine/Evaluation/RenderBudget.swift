// SPDX-License-Identifier: Apache-2.0

/// What a render may use.
///
/// Templates come from strangers.
public struct RenderBudget: Hashable, Sendable {
  /// The limits, for errors.
  public enum Limit: String, Hashable, Sendable {
    case instructions
    case outputBytes
    case recursionDepth
    case collectionSize
    case memory
    case wallClock
  }

  /// Evaluated expressions and statements.
  ///
  /// The largest conversation of the corpus needs 0.1 % of the default.
  public var instructions = 100_000_000
  /// Bytes of the output and of any text that the template builds.
  public var outputBytes = 256 << 20
  /// Macros and recursive loops that run inside of each other.
  ///
  /// Python stops at 197 macros.
  public var recursionDepth = 195
  /// Items of a list that the template builds.
  public var collectionSize = 10_000_000
  /// Bytes of all values together that the render makes; they are freed when it ends.
  public var memoryBytes = 1 << 30
  /// Seconds; nil for no limit.
  public var wallClockSeconds: Double? = 30
  /// Bytes of the caller's stack that evaluation may use; what needs more gets a thread of its own.
  public var stackBytes = 320 << 10

  /// The default limits.
  public init() {}
}
