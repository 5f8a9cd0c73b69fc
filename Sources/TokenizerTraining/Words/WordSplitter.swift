// SPDX-License-Identifier: Apache-2.0

/// Cuts a sequence of text into the words that training counts.
///
/// A sequence is what the reference takes as one: a line of a file with its newline, or a whole
/// text. Cutting is the work of the pre-tokenizer that the trained file will name.
struct WordSplitter {
  private let format: TrainingOptions.Format
  private let classes = LetterClassTable()
  private var spelled: [UInt8] = []

  init(_ format: TrainingOptions.Format) {
    self.format = format
  }

  /// Counts the words of one sequence; the text is valid UTF-8.
  mutating func count(_ sequence: Span<UInt8>, into words: inout WordTable) {
    switch format {
    case .byteLevel: countByPattern(sequence, into: &words)
    case .metaspace: countByMetaspace(sequence, into: &words)
    }
  }

  /// Counts the words of every line, each with its newline.
  mutating func countLines(_ text: Span<UInt8>, into words: inout WordTable) {
    var start = 0
    for place in text.indices where text[place] == UInt8(ascii: "\n") {
      count(text.extracting(start..<place + 1), into: &words)
      start = place + 1
    }
    count(text.extracting(start..<text.count), into: &words)
  }
}

// GPT-2: 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
extension WordSplitter {
  private func countByPattern(_ text: Span<UInt8>, into words: inout WordTable) {
    var start = 0
    while start < text.count {
      let end = endOfMatch(text, start)
      words.add(text.extracting(start..<end))
      start = end
    }
  }

  private func endOfMatch(_ text: Span<UInt8>, _ start: Int) -> Int {
    let length = Self.contractionLength(text, start)
    if length > 0 { return start + length }
    let (first, firstLength) = classes.classify(text, start)
    if first != .whitespace { return endOfRun(of: first, text, start + firstLength) }
    if text[start] == UInt8(ascii: " "), start + 1 < text.count {
      let (next, nextLength) = classes.classify(text, start + 1)
      if next != .whitespace { return endOfRun(of: next, text, start + 1 + nextLength) }
    }
    return endOfWhitespace(text, start, firstLength)
  }

  private func endOfRun(of kind: LetterClass, _ text: Span<UInt8>, _ start: Int) -> Int {
    var place = start
    while place < text.count {
      let (next, length) = classes.classify(text, place)
      guard next == kind else { break }
      place += length
    }
    return place
  }

  /// A run of white space leaves its last scalar to what follows, unless it is a single one.
  private func endOfWhitespace(
    _ text: Span<UInt8>, _ start: Int, _ firstLength: Int
  ) -> Int {
    var last = start
    var place = start + firstLength
    while place < text.count {
      let (next, length) = classes.classify(text, place)
      guard next == .whitespace else { break }
      last = place
      place += length
    }
    return place == text.count || last == start ? place : last
  }

  private static func contractionLength(_ text: Span<UInt8>, _ place: Int) -> Int {
    guard text[place] == UInt8(ascii: "'"), place + 1 < text.count else { return 0 }
    let second = text[place + 1]
    switch second {
    case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return 2
    default: break
    }
    guard place + 2 < text.count else { return 0 }
    switch (second, text[place + 2]) {
    case (UInt8(ascii: "r"), UInt8(ascii: "e")), (UInt8(ascii: "v"), UInt8(ascii: "e")),
      (UInt8(ascii: "l"), UInt8(ascii: "l")):
      return 3
    default: return 0
    }
  }
}

// Metaspace with prepend scheme "first": spaces are ▁, one stands before the sequence, and each
// begins a word.
extension WordSplitter {
  private static let mark: [UInt8] = [0xE2, 0x96, 0x81]

  private mutating func countByMetaspace(_ text: Span<UInt8>, into words: inout WordTable) {
    guard text.count > 0 else { return }
    spelled.removeAll(keepingCapacity: true)
    var isFirst = true
    var place = 0
    while place < text.count {
      let isMark = Self.isMark(text, place)
      if isMark || text[place] == UInt8(ascii: " ") {
        if !isFirst { finishWord(into: &words) }
        spelled += Self.mark
        place += isMark ? Self.mark.count : 1
      } else {
        if isFirst { spelled += Self.mark }
        spelled.append(text[place])
        place += 1
      }
      isFirst = false
    }
    finishWord(into: &words)
  }

  private mutating func finishWord(into words: inout WordTable) {
    words.add(spelled.span)
    spelled.removeAll(keepingCapacity: true)
  }

  private static func isMark(_ text: Span<UInt8>, _ place: Int) -> Bool {
    text[place] == mark[0] && place + 2 < text.count && text[place + 1] == mark[1]
      && text[place + 2] == mark[2]
  }
}
