// SPDX-License-Identifier: Apache-2.0

import TextNormalization
import Tokenization

extension TokenizerJSON {
  /// The rules, for tokens that are found by their spellings.
  func makeMerges(_ vocabulary: Vocabulary, prefixLength: Int) throws(TokenizerLoadingError)
    -> [Merge]
  {
    var result: [Merge] = []
    result.reserveCapacity(merges.entries.count)
    var finder = MergeFinder(vocabulary, prefixLength: prefixLength)
    let arena = merges.arena.span
    var start = 0
    for (rank, entry) in merges.entries.enumerated() {
      let (middle, end) = (Int(entry.middle), Int(entry.end))
      defer { start = end }
      let left = arena.extracting(start..<middle)
      let right = arena.extracting(middle..<end)
      switch finder.find(left, right) {
      case .found(let left, let right, let merged):
        result.append(Merge(left: left, right: right, merged: merged, rank: UInt32(rank)))
      case .missing(let token):
        throw TokenizerLoadingError(
          .inconsistent, file: file, place: .path("model.merges[\(rank)]"),
          "'\(String(decoding: token, as: UTF8.self))' is not in the vocabulary",
          hint: "vocabulary and merges must come from one training")
      }
    }
    return result
  }
}

/// Finds the ids of a rule's tokens.
///
/// Files list rules in the order of the tokens that they make, so the token after the last one found
/// is asked before the hash table is.
private struct MergeFinder {
  enum Answer {
    case found(left: TokenID, right: TokenID, merged: TokenID)
    /// What is not in the vocabulary.
    case missing([UInt8])
  }

  private let vocabulary: Vocabulary
  /// How many bytes of the right part vanish when it is joined.
  private let prefixLength: Int
  /// Both parts, as the vocabulary has them.
  private var bytes: [UInt8] = []
  private var last: TokenID = 0

  init(_ vocabulary: Vocabulary, prefixLength: Int) {
    self.vocabulary = vocabulary
    self.prefixLength = prefixLength
  }

  mutating func find(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Answer {
    bytes.removeAll(keepingCapacity: true)
    guard vocabulary.spelling == .byteLevel, ByteAlphabet.append(bytesSpelledBy: left, to: &bytes)
    else { return findSpelt(left, right) }
    let middle = bytes.count
    guard ByteAlphabet.append(bytesSpelledBy: right, to: &bytes) else {
      return findSpelt(left, right)
    }
    let answer = find(middle)
    if case .found(_, _, let merged) = answer { last = merged }
    if case .missing(let token) = answer { return .missing(ByteAlphabet.spelling(of: token)) }
    return answer
  }

  /// Finds the tokens of the bytes before and after `middle`.
  private func find(_ middle: Int) -> Answer {
    let span = bytes.span
    let (left, right) = (span.extracting(0..<middle), span.extracting(middle..<span.count))
    guard let leftID = vocabulary.identifier(of: left) else { return .missing(left.array) }
    guard let rightID = vocabulary.identifier(of: right) else { return .missing(right.array) }
    guard let merged = merged(span) else { return .missing(bytes) }
    return .found(left: leftID, right: rightID, merged: merged)
  }

  /// The token that has these bytes, the last one and its neighbour first.
  private func merged(_ bytes: Span<UInt8>) -> TokenID? {
    if vocabulary.holds(bytes, at: last + 1) { return last + 1 }
    if vocabulary.holds(bytes, at: last) { return last }
    return vocabulary.identifier(of: bytes)
  }

  /// Finds tokens of text, and those that a byte-level file spells with other letters.
  private mutating func findSpelt(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Answer {
    let (left, right) = (left.array, right.array)
    guard let leftID = vocabulary.identifier(spelt: left) else { return .missing(left) }
    guard let rightID = vocabulary.identifier(spelt: right) else { return .missing(right) }
    let joined = left + right.dropFirst(prefixLength)
    guard let merged = vocabulary.identifier(spelt: joined) else { return .missing(joined) }
    return .found(left: leftID, right: rightID, merged: merged)
  }
}

extension Span<UInt8> {
  fileprivate var array: [UInt8] {
    var bytes: [UInt8] = []
    for place in indices { bytes.append(self[place]) }
    return bytes
  }
}
