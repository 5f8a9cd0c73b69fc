// SPDX-License-Identifier: Apache-2.0

/// Long words, encoded in parts that overlap, so that they need little memory and that near.
///
/// Tokens are the encoding of their bytes when the tokens of every two neighbours are the encoding
/// of theirs: of the merges over a joint the first would also happen between those two alone, since
/// until then nothing but their own bytes decided what became of them. This takes no order of the
/// rules. So where the encodings of two parts that overlap have a token in common, those of the first
/// up to it and those of the second from it on are the encoding of both parts together.
extension WordEncoder {
  /// How many bytes and tokens at least a part shares with the one before.
  private static let overlap = (bytes: 128, tokens: 4)

  /// Encodes a word of more than ``EncodingContext/partSize`` bytes.
  mutating func mergeLong(_ text: TextView, _ word: Range<Int>) {
    flush(text, word.lowerBound)
    let done = sink.count
    if model.canSplice(text, word), spliceParts(text, word) { return }
    sink.cut(to: done)
    (pending, pendingStart) = (0, word.lowerBound)
    mergePart(text, word)
  }

  /// Encodes a word in parts; false where two have no token in common.
  private mutating func spliceParts(_ text: TextView, _ word: Range<Int>) -> Bool {
    var end = partEnd(text, word.lowerBound, word.upperBound)
    mergePart(text, word.lowerBound..<end)
    while end < word.upperBound {
      var (kept, start) = (0, end)
      while end - start < Self.overlap.bytes || kept < Self.overlap.tokens {
        kept += 1
        guard kept < pending else { return false }
        start -= length(output[pending - kept])
      }
      flush(text, start, keeping: kept)
      let next = partEnd(text, start, word.upperBound)
      guard next > end else { return false }
      mergePart(text, start..<next)
      guard let common = commonToken(before: kept) else { return false }
      output.move(common.second..<pending, to: common.first)
      pending -= common.second - common.first
      end = next
    }
    return true
  }

  /// The first token that the two encodings in the output have in common, of which the second starts
  /// at `middle`: the same token of the same bytes.
  private func commonToken(before middle: Int) -> (first: Int, second: Int)? {
    var (first, second) = (0, middle)
    var (firstStart, secondStart) = (0, 0)
    while first < middle, second < pending {
      if firstStart == secondStart, output[first] == output[second] { return (first, second) }
      if firstStart <= secondStart {
        firstStart += length(output[first])
        first += 1
      } else {
        secondStart += length(output[second])
        second += 1
      }
    }
    return nil
  }

  /// Where a part that starts at a place ends: after whole scalars.
  private func partEnd(_ text: TextView, _ start: Int, _ limit: Int) -> Int {
    guard limit - start > EncodingContext.partSize else { return limit }
    var end = start + EncodingContext.partSize
    while end > start + EncodingContext.partSize / 2, text[end] & 0xC0 == 0x80 { end -= 1 }
    return end
  }
}
