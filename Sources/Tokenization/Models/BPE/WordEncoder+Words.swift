// SPDX-License-Identifier: Apache-2.0

/// Words that are not remembered.
extension WordEncoder {
  /// Encodes a word that has no entry of its own in the cache.
  ///
  /// - Parameters:
  ///   - text: The text.
  ///   - word: Its bytes.
  ///   - words: The word and those of its group that are left.
  ///   - slot: Where the word's keys are.
  @inline(never)
  mutating func encodeUnknown(
    _ text: TextView, _ word: Range<Int>, of words: Range<Int>, _ slot: Int
  ) {
    guard !word.isEmpty else { return }
    if pending > Self.flushMark { flush(text, word.lowerBound) }
    guard word.count <= WordCache.longLimit else { return merge(text, word) }
    let hash = word.count > WordCache.shortLimit ? context.keys.view[slot] : cache.hash(text, word)
    if recallLong(text, word, hash) { return }
    if word.lowerBound >= learnedEnd, word.count <= WordCache.shortLimit {
      learn(text, word.lowerBound, words, slot)
      if recallShort(text, word) || recallLong(text, word, hash) { return }
    }
    mergeNew(text, word, hash)
  }

  /// Encodes a word of up to ``WordCache/longLimit`` bytes, as it is remembered or anew.
  mutating func encodePart(_ text: TextView, _ word: Range<Int>) {
    if word.count <= WordCache.shortLimit, recallShort(text, word) { return }
    let hash = cache.hash(text, word)
    if !recallLong(text, word, hash) { mergeNew(text, word, hash) }
  }

  /// Writes the tokens of a word of up to ``WordCache/shortLimit`` bytes; false where it has no entry.
  private mutating func recallShort(_ text: TextView, _ word: Range<Int>) -> Bool {
    let key = WordCache.Key(text, word.lowerBound, word.count)
    let known = cache.replay(
      low: key.low, high: key.high, hash: cache.hash(key), into: output, at: pending)
    pending += known
    return known > 0
  }

  /// Writes the tokens of a word whose bytes are in the cache; false where they are not.
  private mutating func recallLong(_ text: TextView, _ word: Range<Int>, _ hash: UInt64) -> Bool {
    let known = cache.replay(hash, text, word, into: output, at: pending)
    pending += known
    return known > 0
  }

  /// Encodes a word that is not remembered, and remembers it.
  private mutating func mergeNew(_ text: TextView, _ word: Range<Int>, _ hash: UInt64) {
    let first = pending
    let counted = sink.count
    merge(text, word)
    // Tokens that were handed on at once are not remembered.
    guard sink.count == counted, first < pending else { return }
    growCache()
    if word.count <= WordCache.shortLimit,
      cache.record(WordCache.Key(text, word.lowerBound, word.count), output, first..<pending)
    {
      return
    }
    cache.record(hash, text, word, output, first..<pending)
  }

  private mutating func merge(_ text: TextView, _ word: Range<Int>) {
    if model.mayBeWhole(word.count), let id = model.vocabulary.identifier(of: text, word),
      model.options.ignoresMerges || model.isReached(id)
    {
      return emit(PackedToken.pack(id, length: word.count), text)
    }
    if word.count > EncodingContext.partSize {
      mergeLong(text, word)
    } else {
      mergePart(text, word)
    }
  }

  /// Merges a word, or a part of one as if it were a word.
  mutating func mergePart(_ text: TextView, _ word: Range<Int>) {
    guard model.vocabulary.spelling == .byteLevel else { return mergeText(text, word) }
    guard model.graph != nil, model.hasAllBytes || model.hasBytes(text, word),
      !model.isExceptional(text, word)
    else {
      return mergeByDefinition(text, word, from: text)
    }
    mergeBytes(text, word, from: text)
  }

  /// Merges a range of bytes, all of which belong to tokens; `source` is the text that ranges refer
  /// to.
  mutating func mergeBytes(_ text: TextView, _ range: Range<Int>, from source: TextView) {
    guard let graph = model.graph?.view else { return }
    if range.count <= WordMerger.shortLimit, model.vocabulary.spelling == .byteLevel {
      let merger = merger(graph)
      var before: UInt8 = 0
      for (index, place) in range.enumerated() {
        let byte = text[place]
        merger.symbols[index] = graph.singles[Int(byte)]
        if index > 0 {
          merger.candidates[index - 1] = graph.bytePairs[Int(before) << 8 | Int(byte)]
        }
        before = byte
      }
      return emit(merger.mergeSymbols(range.count), merger.symbols, text, range, from: source)
    }
    if range.count <= EncodingContext.wordSize {
      let merger = merger(graph)
      return emit(merger.backtrack(text, range), merger.symbols, text, range, from: source)
    }
    let symbols = WorkBuffer<UInt32>(count: range.count)
    let starts = WorkBuffer<UInt32>(count: range.count)
    let dead = WorkBuffer<UInt64>(count: range.count / 64 + 1)
    let merger = WordMerger(
      graph: graph, symbols: symbols.view, candidates: context.candidates.view,
      starts: starts.view, dead: dead.view)
    emit(merger.backtrack(text, range), symbols.view, text, range, from: source)
    // The buffers must outlive their views.
    withExtendedLifetime((symbols, starts, dead)) {}
  }

  func merger(_ graph: MergeGraph.View) -> WordMerger {
    WordMerger(
      graph: graph, symbols: context.symbols.view, candidates: context.candidates.view,
      starts: context.starts.view, dead: context.dead.view)
  }

  // MARK: Tokens

  /// Emits the tokens of a range.
  ///
  /// Tables of a file may have been made to contradict each other; tokens that are not as long as
  /// the range are not believed.
  mutating func emit(
    _ count: Int, _ orders: WorkBuffer<UInt32>.View, _ text: TextView, _ range: Range<Int>,
    from source: TextView
  ) {
    guard let packed else { return }
    var length = 0
    for index in 0..<count { length += self.length(packed[Int(orders[index])]) }
    guard length == range.count else { return mergeByDefinition(text, range, from: source) }
    for index in 0..<count { emit(packed[Int(orders[index])], source) }
  }

  /// How many bytes a packed token has.
  @inline(__always)
  func length(_ token: UInt32) -> Int {
    let length = Int(token >> PackedToken.lengthShift)
    return length > 0 ? length : model.vocabulary.length(of: token & PackedToken.identifierMask)
  }

  @inline(__always)
  mutating func emit(_ token: UInt32, _ text: TextView) {
    if pending > Self.flushMark + WordCache.longLimit { flush(text, 0) }
    let token = source == nil ? token : inText(token, text)
    output[pending] = token
    pending += 1
  }

  /// The token with its length in the text, where a space is one byte and not a mark's three.
  @inline(never)
  private mutating func inText(_ token: UInt32, _ text: TextView) -> UInt32 {
    guard let start = source else { return token }
    var (left, place) = (Int(token >> PackedToken.lengthShift), start)
    while left > 0 {
      left -= text[place] == 0x20 ? Metaspace.utf8.count : 1
      place += 1
    }
    source = place
    return token & (1 << PackedToken.lengthShift - 1)
      | UInt32(place - start) << PackedToken.lengthShift
  }
}
