// SPDX-License-Identifier: Apache-2.0

@testable import Tokenization

extension Vocabulary {
  /// Rules that join tokens of these bytes, in their order.
  func merges(_ pairs: [(left: [UInt8], right: [UInt8])]) -> [Merge] {
    pairs.enumerated().map { rank, pair in
      Merge(
        left: identifier(of: pair.left) ?? 0, right: identifier(of: pair.right) ?? 0,
        merged: identifier(of: pair.left + pair.right) ?? 0, rank: UInt32(rank))
    }
  }
}
