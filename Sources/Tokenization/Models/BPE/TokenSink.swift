// SPDX-License-Identifier: Apache-2.0

/// Where encoding puts its tokens.
struct TokenSink {
  /// What a caller wants to know of the tokens.
  enum Wish {
    case count, identifiers, identifiersAndRanges
  }

  /// The tokens, if asked for.
  var ids: [TokenID] = []
  /// Where each token stands in the text that was given to the model, if asked for.
  var ranges = TokenOffsets()
  /// How many tokens there are.
  private(set) var count = 0
  let wish: Wish

  init(_ wish: Wish) {
    self.wish = wish
  }

  var keepsRanges: Bool { wish == .identifiersAndRanges }

  @inline(__always)
  mutating func append(_ id: TokenID, _ start: Int, _ length: Int) {
    count += 1
    if wish == .count { return }
    ids.append(id)
    if keepsRanges { ranges.append(start..<start + length) }
  }

  /// Makes room for `more` tokens, with which `doneBytes` are done, and for as many as the remaining
  /// bytes are likely to have.
  mutating func reserve(_ more: Int, remainingBytes: Int, doneBytes: Int) {
    guard wish != .count, ids.count + more > ids.capacity else { return }
    let likely = doneBytes > 0 ? Double(count + more) / Double(doneBytes) : 0.3
    // Room that is not used is no memory, room that grows is copied.
    let room = ids.count + more + Int(Double(remainingBytes) * min(likely * 1.5, 1))
    ids.reserveCapacity(room)
    LargePages.use(for: &ids)
    if keepsRanges { ranges.reserveCapacity(room) }
  }

  /// Appends packed tokens, which lose what is beside the id, without their ranges.
  mutating func append(_ tokens: WorkBuffer<UInt32>.View, _ length: Int) {
    count += length
    if wish == .count { return }
    for index in 0..<length { tokens[index] &= PackedToken.identifierMask }
    tokens.append(length, to: &ids)
  }

  /// Takes back all but the first tokens.
  mutating func cut(to kept: Int) {
    if wish != .count { ids.removeLast(count - kept) }
    if keepsRanges { ranges.removeLast(count - kept) }
    count = kept
  }
}
