// SPDX-License-Identifier: Apache-2.0

/// A short word that is not remembered, while it is learned.
struct NewWord: BitwiseCopyable, Sendable {
  /// How many are learned together.
  static let limit = 64
  /// How much room each has for its symbols.
  static let size = 16
  /// How much room each has for its bytes where spaces are spelt out.
  static let spellingSize = 24

  var start: Int
  var length: Int
  /// Where its keys are.
  var slot: Int
  /// Where its bytes are as the vocabulary has them: in the text, or where spaces are spelt out.
  var spellingStart = 0
  var spellingLength = 0
  /// The hash of these.
  var hash = 0
  /// Its token, if it is one.
  var token = TokenID.max
  /// How far it is merged.
  var merging = WordMerger.Word(count: 0)

  var range: Range<Int> { start..<start &+ length }
  var spelling: Range<Int> { spellingStart..<spellingStart &+ spellingLength }
}

/// New words are learned together: what they take is waiting for memory, for one place after the
/// other. When each of some words takes a step in turn, having asked for what its next step reads, all
/// wait at once.
extension WordEncoder {
  /// Encodes short words, from one that is not remembered on, and remembers them.
  ///
  /// - Parameters:
  ///   - text: The text.
  ///   - start: Where the first word starts.
  ///   - words: The words, all of one group.
  ///   - slot: Where the keys of the first are.
  @inline(never)
  mutating func learn(_ text: TextView, _ start: Int, _ words: Range<Int>, _ slot: Int) {
    guard let graph = model.graph?.view else { return }
    growCache()
    let isText = model.vocabulary.spelling == .text
    let found = collect(text, start, words, slot, isText: isText)
    let spellings =
      isText ? context.newSpellings.view.text(0..<context.newSpellings.count) : text
    let count = learnTokens(text, spellings, found, graph, isText: isText)
    let merger = WordMerger(
      graph: graph, symbols: context.newSymbols.view, candidates: context.newCandidates.view,
      starts: context.starts.view, dead: context.dead.view)
    if isText { findCandidates(count, merger) }
    merge(count, merger)
    for index in 0..<count { remember(text, context.newWords.view[index], merger.symbols) }
  }

  /// Finds the new words, and asks for where the vocabulary may have them.
  private mutating func collect(
    _ text: TextView, _ start: Int, _ words: Range<Int>, _ slot: Int, isText: Bool
  ) -> Int {
    let (ends, new, keys) = (context.ends.view, context.newWords.view, context.keys.view)
    var (found, word, slot) = (0, start, slot)
    for index in words {
      let end = Int(ends[index])
      if end &- word <= WordCache.shortLimit, end > word,
        !cache.containsFirst(low: keys[slot], high: keys[slot &+ 1], hash: keys[slot &+ 2])
      {
        if found == NewWord.limit { break }
        cache.prefetchSecond(keys[slot &+ 2])
        new[found] = NewWord(start: word, length: end &- word, slot: slot)
        found &+= 1
      }
      word = end
      slot &+= 3
    }
    learnedEnd = word
    var count = 0
    for index in 0..<found {
      var word = new[index]
      let slot = word.slot
      if cache.containsSecond(low: keys[slot], high: keys[slot &+ 1], hash: keys[slot &+ 2]) {
        continue
      }
      if isText {
        guard spell(text, &word, at: count &* NewWord.spellingSize) else { continue }
      } else {
        word.spellingStart = word.start
        word.spellingLength = word.length
        word.hash = ByteSlices(text, word.range).hash(0, word.length)
      }
      model.vocabulary.prefetchSlot(word.hash)
      new[count] = word
      count &+= 1
    }
    return count
  }

  /// Remembers the words that are tokens, and readies the others to be merged; gives how many.
  private func learnTokens(
    _ text: TextView, _ spellings: TextView, _ count: Int, _ graph: MergeGraph.View, isText: Bool
  ) -> Int {
    let (new, vocabulary) = (context.newWords.view, model.vocabulary)
    for index in 0..<count { vocabulary.prefetchPlace(new[index].hash) }
    for index in 0..<count { vocabulary.prefetchBytes(new[index].hash) }
    for index in 0..<count {
      let word = new[index]
      guard
        let id = vocabulary.identifier(
          of: ByteSlices(spellings, word.spelling), hash: word.hash)
      else { continue }
      new[index].token = id
      graph.orders.prefetch(Int(id))
    }
    var rest = 0
    for index in 0..<count {
      var word = new[index]
      if word.token != TokenID.max, model.options.ignoresMerges || model.isReached(word.token) {
        context.symbols.view[0] = PackedToken.pack(word.token, length: word.length)
        remember(text, word, context.symbols.view, 0..<1)
      } else {
        word.merging.base = rest &* NewWord.size
        if isText {
          guard setScalars(spellings, &word, graph) else { continue }
        } else {
          setBytes(text, &word, graph)
        }
        new[rest] = word
        rest &+= 1
      }
    }
    return rest
  }

  /// Puts the bytes of a word where they are merged.
  private func setBytes(_ text: TextView, _ word: inout NewWord, _ graph: MergeGraph.View) {
    let (symbols, candidates) = (context.newSymbols.view, context.newCandidates.view)
    let base = word.merging.base
    word.merging.count = word.length
    var before = 0
    for index in 0..<word.length {
      let byte = Int(text[word.start &+ index])
      symbols[base &+ index] = graph.singles[byte]
      if index > 0 { candidates[base &+ index &- 1] = graph.bytePairs[before &<< 8 | byte] }
      before = byte
    }
  }

  /// Merges words in turn, a step each, until none has one.
  private func merge(_ count: Int, _ merger: WordMerger) {
    let (new, turns) = (context.newWords.view, context.turns.view)
    for index in 0..<count { turns[index] = UInt32(truncatingIfNeeded: index) }
    var left = count
    while left > 0 {
      var kept = 0
      for turn in 0..<left {
        let index = turns[turn]
        var word = new[Int(index)].merging
        let goesOn = merger.step(&word)
        new[Int(index)].merging = word
        if goesOn { merger.prefetch(word) } else { prefetchTokens(word, merger) }
        turns[kept] = index
        kept &+= goesOn ? 1 : 0
      }
      left = kept
    }
  }

  /// Asks for what remembering a merged word reads.
  private func prefetchTokens(_ word: WordMerger.Word, _ merger: WordMerger) {
    guard let packed else { return }
    for index in word.base..<word.base &+ word.count { packed.prefetch(Int(merger.symbols[index])) }
  }

  /// Remembers a merged word.
  private func remember(
    _ text: TextView, _ word: NewWord, _ symbols: WorkBuffer<UInt32>.View
  ) {
    guard let packed else { return }
    let tokens = word.merging.base..<word.merging.base &+ word.merging.count
    var length = 0
    for index in tokens {
      symbols[index] = packed[Int(symbols[index])]
      length &+= self.length(symbols[index])
    }
    // As in ``emit(_:_:_:_:from:)``: what tables say that contradict each other is not believed.
    guard length == word.spellingLength else { return }
    // A space is one byte of the text, and its mark three of the first token.
    let spelt = UInt32(truncatingIfNeeded: length &- word.length)
    symbols[tokens.lowerBound] &-= spelt &<< PackedToken.lengthShift
    remember(text, word, symbols, tokens)
  }

  private func remember(
    _ text: TextView, _ word: NewWord, _ symbols: WorkBuffer<UInt32>.View, _ tokens: Range<Int>
  ) {
    let key = WordCache.Key(text, word.start, word.length)
    // The same word may have come twice.
    if cache.contains(low: key.low, high: key.high, hash: cache.hash(key))
      || cache.record(key, symbols, tokens)
    {
      return
    }
    cache.record(cache.hash(text, word.range), text, word.range, symbols, tokens)
  }
}
