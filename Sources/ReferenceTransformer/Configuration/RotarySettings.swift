// SPDX-License-Identifier: Apache-2.0

import Glibc

/// How the rotary embedding turns queries and keys by their positions.
///
/// Pair `i` of a head's numbers is turned by `position · frequency(i)` radians, where
/// `frequency(i) = theta ^ (-2i / headSize)` before scaling (RoFormer, arXiv:2104.09864).
public struct RotarySettings: Sendable, Equatable {
  /// What stretches the frequencies for contexts longer than those of the first training.
  public enum Scaling: Sendable, Equatable {
    case none
    /// All frequencies divided by a factor.
    case linear(factor: Float)
    /// As Llama 3.1: low frequencies divided by the factor, high ones kept, those between blended.
    case llama3(
      factor: Float, lowFrequencyFactor: Float, highFrequencyFactor: Float, originalContext: Float)
    /// Each frequency divided by a factor of its own, as GGUF files store Llama 3.1's.
    case perFrequency([Float])
  }

  /// Which of a head's numbers make a pair.
  public enum Pairing: Sendable, Equatable {
    /// `i` and `i + headSize / 2`, as in Hugging Face's checkpoints.
    case halves
    /// `2i` and `2i + 1`, as in GGUF files of the architecture llama.
    case neighbours
  }

  /// The base of the frequencies.
  public var theta: Float
  /// What stretches them.
  public var scaling: Scaling = .none
  /// Which numbers make a pair.
  public var pairing: Pairing = .halves

  /// Radians per position of each pair; shape `(headSize / 2)`.
  ///
  /// In float32 step by step, as transformers computes them (modeling_rope_utils.py, 5.23).
  func frequencies(headSize: Int) -> [Float] {
    let plain = (0..<headSize / 2).map { 1 / powf(theta, Float(2 * $0) / Float(headSize)) }
    switch scaling {
    case .none: return plain
    case .linear(let factor): return plain.map { $0 / factor }
    case .perFrequency(let factors): return zip(plain, factors).map { $0 / $1 }
    case .llama3(let factor, let low, let high, let context):
      return plain.map { frequency in
        let wavelength = 2 * Float.pi / frequency
        if wavelength < context / high { return frequency }
        if wavelength > context / low { return frequency / factor }
        let blend = (context / wavelength - low) / (high - low)
        return (1 - blend) * frequency / factor + blend * frequency
      }
    }
  }
}
