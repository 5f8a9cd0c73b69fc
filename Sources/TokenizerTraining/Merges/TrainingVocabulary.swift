// SPDX-License-Identifier: Apache-2.0

/// The tokens found so far: special tokens, then the alphabet, then what merges made.
struct TrainingVocabulary {
  private(set) var tokens: [[UInt8]] = []
  /// Lengths in letters of the alphabet, for tokens that words can hold.
  private(set) var lengths: [Int] = []
  private var identifiers: [[UInt8]: UInt32] = [:]

  var count: Int { tokens.count }

  func identifier(of token: [UInt8]) -> UInt32? { identifiers[token] }

  /// The identifier of a token, which is made if it is new.
  mutating func insert(_ token: [UInt8], length: Int) -> UInt32 {
    if let known = identifiers[token] {
      lengths[Int(known)] = length
      return known
    }
    let identifier = UInt32(tokens.count)
    tokens.append(token)
    lengths.append(length)
    identifiers[token] = identifier
    return identifier
  }
}
