// SPDX-License-Identifier: Apache-2.0

import Tokenization

/// The content of a `merges.txt`: two spellings on every line, the first line the lowest rank.
struct MergeList {
  private let file: String
  private let bytes: [UInt8]
  private var entries: [(start: Int, middle: Int, end: Int, line: Int)] = []

  init(parsing bytes: [UInt8], file: String) throws(TokenizerLoadingError) {
    self.file = file
    self.bytes = bytes
    var line = 0
    var start = 0
    while start < bytes.count {
      line += 1
      var end = start
      while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
      let next = end + 1
      if end > start, bytes[end - 1] == 0x0D { end -= 1 }
      let text = bytes[start..<end]
      if !text.isEmpty, !text.starts(with: "#version".utf8) {
        guard let space = text.firstIndex(of: 0x20),
          text[(space + 1)...].firstIndex(of: 0x20) == nil,
          start < space, space + 1 < end
        else {
          throw TokenizerLoadingError(
            .malformed, file: file, place: .line(line), "a line must name two tokens",
            hint: "write them with one space between")
        }
        entries.append((start, space, end, line))
      }
      start = next
    }
  }

  /// The rules, for tokens that are found by their spellings.
  func merges(of vocabulary: Vocabulary) throws(TokenizerLoadingError) -> [Merge] {
    var result: [Merge] = []
    result.reserveCapacity(entries.count)
    var joined: [UInt8] = []
    for (rank, entry) in entries.enumerated() {
      let left = bytes[entry.start..<entry.middle]
      let right = bytes[(entry.middle + 1)..<entry.end]
      joined.removeAll(keepingCapacity: true)
      joined += left
      joined += right
      result.append(
        Merge(
          left: try identifier(left, vocabulary, entry.line),
          right: try identifier(right, vocabulary, entry.line),
          merged: try identifier(joined[...], vocabulary, entry.line), rank: UInt32(rank)))
    }
    return result
  }

  private func identifier(_ spelling: ArraySlice<UInt8>, _ vocabulary: Vocabulary, _ line: Int)
    throws(TokenizerLoadingError) -> TokenID
  {
    if let id = vocabulary.identifier(of: spelling.span) { return id }
    throw TokenizerLoadingError(
      .inconsistent, file: file, place: .line(line),
      "'\(String(decoding: spelling, as: UTF8.self))' is not in the vocabulary",
      hint: "vocab.json and merges.txt must come from one training")
  }
}
