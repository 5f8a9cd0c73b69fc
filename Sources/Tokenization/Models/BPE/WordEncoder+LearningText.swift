// SPDX-License-Identifier: Apache-2.0

/// New words of text that is merged from scalars.
extension WordEncoder {
  /// Spells a new word as the vocabulary does; false for one that is encoded in another way.
  ///
  /// After a run of marks only the last belongs to the word, which is what there is to learn.
  func spell(_ text: TextView, _ word: inout NewWord, at place: Int) -> Bool {
    let end = word.start &+ word.length
    var (body, mark) = (word.start, end)
    while body < end {
      if readsSpacesAsMarks, text[body] == 0x20 {
        mark = body
        body &+= 1
      } else if BPE.isMark(text, body, end) {
        mark = body
        body &+= 3
      } else {
        break
      }
    }
    guard body < end else { return false }
    if mark < end, mark > word.start {
      guard lateRuns != nil, text[mark] == 0x20 else { return false }
      word.start = mark
      word.length = end &- mark
      let key = WordCache.Key(text, mark, word.length)
      if cache.contains(low: key.low, high: key.high, hash: cache.hash(key)) { return false }
    }
    let spellings = context.newSpellings.view
    var count = place
    if mark < end {
      spellings[count] = 0xE2
      spellings[count &+ 1] = 0x96
      spellings[count &+ 2] = 0x81
      count &+= 3
    }
    for index in body..<end {
      // Where words are not cut before marks, rules for runs may be needed within one.
      if text[index] == 0x20 || BPE.isMark(text, index, end) { return false }
      spellings[count] = text[index]
      count &+= 1
    }
    word.spellingStart = place
    word.spellingLength = count &- place
    word.hash = spellings.slices.hash(place, word.spellingLength)
    return true
  }

  /// Puts the scalars of a word where they are merged, and asks for the rules for each two; false where
  /// one has no token.
  func setScalars(_ spellings: TextView, _ word: inout NewWord, _ graph: MergeGraph.View) -> Bool {
    let symbols = context.newSymbols.view
    let base = word.merging.base
    var (place, count) = (word.spelling.lowerBound, 0)
    while place < word.spelling.upperBound {
      let end = Self.scalarEnd(spellings, place, word.spelling.upperBound)
      let order = graph.scalar(spellings, place, end)
      guard order != MergeGraph.none else { return false }
      symbols[base &+ count] = order
      if count > 0 { graph.rules.prefetch(symbols[base &+ count &- 1], order) }
      count &+= 1
      place = end
    }
    word.merging.count = count
    return true
  }

  /// Looks up the rules for each two scalars of some words.
  func findCandidates(_ count: Int, _ merger: WordMerger) {
    let (symbols, candidates) = (merger.symbols, merger.candidates)
    for index in 0..<count {
      let word = context.newWords.view[index].merging
      for place in word.base..<word.base &+ max(word.count, 1) &- 1 {
        candidates[place] = merger.graph.rules.merged(symbols[place], symbols[place &+ 1])
      }
    }
  }
}
