// SPDX-License-Identifier: Apache-2.0

/// How the next token is chosen; the names and the meaning are those of transformers' `generate`.
public struct SamplingOptions: Sendable, Equatable {
  /// Logits are divided by it; 0 takes the most probable token always.
  public var temperature: Float = 0
  /// Only so many of the most probable tokens stay; nil keeps all.
  public var topK: Int?
  /// The least number of tokens that hold this much of the probability stay; 1 keeps all.
  public var topP: Float = 1
  /// Tokens with less than this share of the greatest probability go; 0 keeps all.
  public var minP: Float = 0
  /// Logits of tokens that are there already are divided by it, negative ones multiplied; 1 does
  /// nothing.
  public var repetitionPenalty: Float = 1
  /// Equal seeds give equal texts.
  public var seed: UInt64 = 0

  /// The most probable token, always.
  public init() {}

  /// What cannot be meant, in words; nil where all is well.
  public var problem: String? {
    if !(temperature >= 0 && temperature.isFinite) { return "temperature must be 0 or more" }
    if let topK, topK < 1 { return "top-k must be 1 or more" }
    if !(topP > 0 && topP <= 1) { return "top-p must be above 0 and at most 1" }
    if !(minP >= 0 && minP <= 1) { return "min-p must be 0 to 1" }
    if !(repetitionPenalty > 0 && repetitionPenalty.isFinite) {
      return "the repetition penalty must be above 0"
    }
    return nil
  }
}
