// SPDX-License-Identifier: Apache-2.0

/// Chooses tokens by their logits.
///
/// The steps and their order are those of transformers' logits processors
/// (generation/logits_process.py, 5.23): penalty, temperature, top-k, top-p, min-p.
public struct Sampler: Sendable {
  private let options: SamplingOptions
  private var random: RandomNumbers

  /// A sampler at the start of its seed's sequence.
  public init(_ options: SamplingOptions) {
    self.options = options
    random = RandomNumbers(seed: options.seed)
  }

  /// The next token.
  ///
  /// - Parameters:
  ///   - logits: A number for each token; at least one.
  ///   - previous: The tokens so far, for the repetition penalty.
  /// - Returns: An index of `logits`.
  public mutating func next(_ logits: [Float], previous: [UInt32]) -> UInt32 {
    let penalized = penalized(logits, previous)
    guard options.temperature > 0 else { return UInt32(Self.indexOfGreatest(penalized)) }
    let probabilities = filtered(penalized)
    let draw = random.unit()
    var sum = 0.0
    for (token, probability) in probabilities.enumerated() where probability > 0 {
      sum += Double(probability)
      if draw < sum { return UInt32(token) }
    }
    // The probabilities add up to a little less than 1.
    return UInt32(Self.indexOfGreatest(probabilities))
  }

  /// The probabilities that the options leave, with the sum 1.
  func probabilities(_ logits: [Float], previous: [UInt32]) -> [Float] {
    filtered(penalized(logits, previous))
  }

  private func penalized(_ logits: [Float], _ previous: [UInt32]) -> [Float] {
    guard options.repetitionPenalty != 1 else { return logits }
    var result = logits
    for token in Set(previous) where Int(token) < logits.count {
      let logit = logits[Int(token)]
      result[Int(token)] =
        logit < 0 ? logit * options.repetitionPenalty : logit / options.repetitionPenalty
    }
    return result
  }

  private func filtered(_ logits: [Float]) -> [Float] {
    var logits = logits.map { $0 / (options.temperature > 0 ? options.temperature : 1) }
    if let count = options.topK, count < logits.count {
      let least = logits.sorted(by: >)[count - 1]
      for token in logits.indices where logits[token] < least { logits[token] = -.infinity }
    }
    if options.topP < 1 { keepNucleus(&logits) }
    var probabilities = Self.softmax(logits)
    if options.minP > 0 {
      let least = options.minP * (probabilities.max() ?? 0)
      for token in logits.indices where probabilities[token] < least {
        logits[token] = -.infinity
      }
      probabilities = Self.softmax(logits)
    }
    return probabilities
  }

  /// Drops the least probable tokens as long as they hold at most `1 - topP` together.
  private func keepNucleus(_ logits: inout [Float]) {
    let probabilities = Self.softmax(logits)
    let order = logits.indices.sorted { logits[$0] < logits[$1] }
    var sum: Float = 0
    for token in order.dropLast() {
      sum += probabilities[token]
      guard sum <= 1 - options.topP else { return }
      logits[token] = -.infinity
    }
  }

  private static func softmax(_ logits: [Float]) -> [Float] {
    let greatest = logits.max() ?? 0
    let powers = logits.map { $0 == -.infinity ? 0 : Elementwise.exponential($0 - greatest) }
    let sum = powers.reduce(0.0) { $0 + Double($1) }
    return powers.map { Float(Double($0) / sum) }
  }

  /// The first of the greatest.
  private static func indexOfGreatest(_ values: [Float]) -> Int {
    var best = 0
    for index in values.indices where values[index] > values[best] { best = index }
    return best
  }
}

/// SplitMix64 (Steele, Lea and Flood, 2014): small, and the same everywhere.
struct RandomNumbers: Sendable {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  /// At least 0 and less than 1.
  mutating func unit() -> Double {
    state &+= 0x9E37_79B9_7F4A_7C15
    var bits = state
    bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
    bits ^= bits >> 31
    return Double(bits >> 11) * 0x1p-53
  }
}
