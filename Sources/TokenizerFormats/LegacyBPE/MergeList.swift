// SPDX-License-Identifier: Apache-2.0

import Tokenization

/// The content of a `merges.txt`: two spellings on every line, the first line the lowest rank.
struct MergeList {
  private let file: String
  private(set) var rules: SpelledRules
  /// The lines that name no rule, counted from 1.
  private var otherLines: [Int32] = []

  init(parsing bytes: [UInt8], file: String) throws(TokenizerLoadingError) {
    self.file = file
    guard bytes.count <= SpelledText.sizeLimit else {
      throw TokenizerLoadingError(.malformed, file: file, "the file is larger than 4 GB")
    }
    rules = SpelledRules(in: SpelledText(bytes))
    rules.reserve(RankFile.lineCount(bytes))
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
        rules.append(left: start..<space, right: space + 1..<end)
      } else {
        otherLines.append(Int32(truncatingIfNeeded: line))
      }
      start = next
    }
  }

  /// The line of a rule.
  private func line(ofRule index: Int) -> Int {
    otherLines.reduce(index + 1) { line, other in other <= line ? line + 1 : line }
  }

  /// The error where a rule's token is missing.
  func error(_ missing: SpelledRules.MissingToken) -> TokenizerLoadingError {
    TokenizerLoadingError(
      .inconsistent, file: file, place: .line(line(ofRule: missing.index)),
      "'\(String(decoding: missing.spelling, as: UTF8.self))' is not in the vocabulary",
      hint: "vocab.json and merges.txt must come from one training")
  }
}
