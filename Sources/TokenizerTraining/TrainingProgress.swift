// SPDX-License-Identifier: Apache-2.0

/// How far a training has come.
public struct TrainingProgress: Sendable {
  /// The steps of a training in their order.
  public enum Stage: Sendable {
    /// Reading the corpus; counted in bytes.
    case reading
    /// Counting pairs; counted in distinct words.
    case counting
    /// Learning merges; counted in tokens of the vocabulary.
    case merging
  }

  /// The step.
  public let stage: Stage
  /// What is done of it.
  public let completed: Int
  /// What it comes to at most.
  public let total: Int

  /// Receives reports, from any thread.
  public typealias Handler = @Sendable (TrainingProgress) -> Void
}
