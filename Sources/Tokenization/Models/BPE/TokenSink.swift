// SPDX-License-Identifier: Apache-2.0

/// Where encoding puts its tokens.
struct TokenSink {
  /// The tokens.
  var ids: [TokenID] = []
  /// Where each token stands in the text that was given to the model, if asked for.
  var ranges: [Range<Int>] = []
  let keepsRanges: Bool

  init(keepsRanges: Bool) {
    self.keepsRanges = keepsRanges
  }

  @inline(__always)
  mutating func append(_ id: TokenID, _ start: Int, _ length: Int) {
    ids.append(id)
    if keepsRanges { ranges.append(start..<start + length) }
  }
}
