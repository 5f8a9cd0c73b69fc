// SPDX-License-Identifier: Apache-2.0

extension BPE {
  /// Where the next `▁` after something else stands.
  static func wordEnd(_ text: TextView, _ start: Int, _ limit: Int) -> Int {
    var place = start
    while isMark(text, place, limit) { place += 3 }
    while place < limit {
      if isMark(text, place, limit), place > start { return place }
      place += 1
    }
    return limit
  }

  /// Whether a mark stands at a place, as itself.
  @inline(__always)
  static func isMark(_ text: TextView, _ place: Int, _ limit: Int) -> Bool {
    place + 2 < limit && text[place] == 0xE2 && text[place + 1] == 0x96 && text[place + 2] == 0x81
  }

  /// Whether tokens can be handed on in a word each.
  var isPackable: Bool { vocabulary.identifierBound <= PackedToken.identifierLimit }

  /// Whether a word of so many bytes had better be looked up, or must be, before it is merged.
  ///
  /// Merging a long word starts with the longest token that it begins with, and so finds it if the
  /// word is a token that merging leads to.
  func mayBeWhole(_ length: Int) -> Bool {
    length <= WordMerger.shortLimit && vocabulary.spelling == .byteLevel || mustBeWhole(length)
  }

  /// Whether a word of so many bytes must be looked up, since it may be a token that merging does not
  /// lead to.
  func mustBeWhole(_ length: Int) -> Bool {
    wholeLengths >> UInt64(min(length, 63)) & 1 != 0
  }

  /// A bit for each length of which there is a token that must be looked up, the last for all from 63
  /// on.
  static func wholeLengths(
    _ vocabulary: Vocabulary, _ graph: MergeGraph?, _ options: Options
  ) -> UInt64 {
    guard options.ignoresMerges else { return 0 }
    guard let graph else { return .max }
    var lengths: UInt64 = 0
    for id in 0..<TokenID(vocabulary.identifierBound) where !graph.leads(to: id, in: vocabulary) {
      lengths |= 1 << UInt64(min(vocabulary.length(of: id), 63))
    }
    return lengths
  }

  /// See ``MergeGraph/leads(to:in:)``.
  func isReached(_ id: TokenID) -> Bool {
    graph?.leads(to: id, in: vocabulary) ?? false
  }

  /// Whether a word may need rules that the graph does not have.
  func isExceptional(_ text: TextView, _ word: Range<Int>) -> Bool {
    guard let exceptions = graph?.exceptions, !exceptions.isEmpty else { return false }
    return text.withSpan { exceptions.next(in: $0.extracting(word), from: 0) != nil }
  }

  /// Whether every byte of a word has a token.
  func hasBytes(_ text: TextView, _ word: Range<Int>) -> Bool {
    word.allSatisfy { singles[Int(text[$0])] != Self.absent }
  }

  /// Whether a word has a scalar without token.
  func hasUnknownScalar(_ text: TextView, _ word: Range<Int>) -> Bool {
    guard let graph = graph?.view else { return true }
    var place = word.lowerBound
    while place < word.upperBound {
      let end = WordEncoder.scalarEnd(text, place, word.upperBound)
      if graph.scalar(text, place, end) == MergeGraph.none { return true }
      place = end
    }
    return false
  }
}
