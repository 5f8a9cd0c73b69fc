// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What logits say of one token.
public enum LogProbability {
  /// The natural logarithm of a token's probability: `logit - log Σ exp(logits)`.
  ///
  /// - Parameters:
  ///   - token: Less than the number of logits.
  ///   - logits: A number for each token.
  /// - Returns: At most 0.
  public static func of(_ token: UInt32, in logits: Span<Float>) -> Double {
    var greatest = -Float.infinity
    for index in logits.indices { greatest = max(greatest, logits[index]) }
    var sum = 0.0
    for index in logits.indices { sum += Double(Elementwise.exponential(logits[index] - greatest)) }
    return Double(logits[Int(token)] - greatest) - log(sum)
  }
}
