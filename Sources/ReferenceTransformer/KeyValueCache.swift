// SPDX-License-Identifier: Apache-2.0

/// The keys and values of all tokens so far, so that no token is computed twice.
struct KeyValueCache: Sendable {
  /// For each layer, shape `(tokens, keyValueHeadCount, headSize)`.
  private(set) var keys: [[Float]]
  /// For each layer, shape `(tokens, keyValueHeadCount, headSize)`.
  private(set) var values: [[Float]]
  private let rowSize: Int

  /// An empty cache with room for some tokens; more fit too, for the price of a copy.
  init(_ configuration: TransformerConfiguration, capacity: Int) {
    rowSize = configuration.keyValueSize
    keys = Array(repeating: [], count: configuration.layerCount)
    values = keys
    for layer in keys.indices {
      keys[layer].reserveCapacity(capacity * rowSize)
      values[layer].reserveCapacity(capacity * rowSize)
    }
  }

  /// Appends the first `count` rows of keys and values.
  mutating func append(_ newKeys: [Float], _ newValues: [Float], count: Int, layer: Int) {
    keys[layer] += newKeys[..<(count * rowSize)]
    values[layer] += newValues[..<(count * rowSize)]
  }

  /// Forgets all but the first `count` tokens.
  mutating func truncate(to count: Int) {
    for layer in keys.indices {
      keys[layer].removeLast(keys[layer].count - count * rowSize)
      values[layer].removeLast(values[layer].count - count * rowSize)
    }
  }
}
