// SPDX-License-Identifier: Apache-2.0

/// Encodes the words of a text one after the other, for the length of one call.
struct WordEncoder: ~Copyable {
  /// Tokens wait up to here, so that a whole batch of short words still fits.
  private static let flushMark =
    EncodingContext.outputSize - 4 * EncodingContext.batchSize - 2 * WordCache.longLimit

  /// How many words are looked up at a time.
  static let group = 64

  var sink: TokenSink
  let model: BPE
  let context: EncodingContext
  /// Whether a space stands for a metaspace, as if it had been replaced.
  var readsSpacesAsMarks = false
  /// Where in the text the next token stands, of a word whose spaces were spelt out.
  private var source: Int?
  private let cache: WordCache.View
  private let output: WorkBuffer<UInt32>.View
  /// The packed token of each order, with its length in bytes of the text.
  private let packed: ConstantTable<UInt32>.View?
  private let scratch = MergeScratch()
  private var pending = 0
  /// Where the first pending token stands.
  private var pendingStart = 0

  init(_ model: BPE, _ context: EncodingContext, _ wish: TokenSink.Wish) {
    sink = TokenSink(wish)
    self.model = model
    self.context = context
    packed = model.graph?.tokens.view
    cache = context.cache.view
    output = context.output.view
  }

  /// Encodes words that follow each other: the first starts at `start`, and each ends where the
  /// context's table of ends says.
  mutating func encodeWords(_ text: TextView, from start: Int, count: Int) {
    guard packed != nil else { return encodeByDefinition(text, from: start, count: count) }
    pendingStart = start
    var (word, first) = (start, 0)
    while first < count {
      let last = min(first + Self.group, count)
      prepare(text, word, first..<last)
      word = replay(text, word, first..<last)
      first = last
    }
    flush(text, word)
  }

  /// Computes the keys of some words and asks for their buckets, all before the first is looked
  /// into: so the processor waits for many of them at a time.
  @inline(__always)
  private func prepare(_ text: TextView, _ start: Int, _ words: Range<Int>) {
    let ends = context.ends.view
    let keys = context.keys.view
    let longWords = context.longWords.view
    var (word, slot, longCount) = (start, 0, 0)
    for index in words {
      let end = Int(ends[index])
      if end &- word <= WordCache.shortLimit {
        let key = WordCache.Key(text, word, end &- word)
        let bucket = cache.bucket(key)
        keys[slot] = key.low
        keys[slot &+ 1] = key.high
        keys[slot &+ 2] = UInt64(truncatingIfNeeded: bucket)
        cache.prefetch(bucket)
      } else if end &- word <= WordCache.longLimit {
        let hash = cache.hash(text, word..<end)
        keys[slot] = hash
        keys[slot &+ 1] = WordCache.Key.ofLongWords
        keys[slot &+ 2] = 0
        cache.prefetchPlace(hash)
        longWords[longCount] = hash
        longCount &+= 1
      } else {
        keys[slot] = 0
        keys[slot &+ 1] = WordCache.Key.ofLongWords
        keys[slot &+ 2] = 0
      }
      slot &+= 3
      word = end
    }
    for index in 0..<longCount { cache.prefetchRecord(longWords[index]) }
  }

  /// Looks the words up, and encodes those that are not remembered.
  @inline(__always)
  private mutating func replay(_ text: TextView, _ start: Int, _ words: Range<Int>) -> Int {
    let ends = context.ends.view
    let keys = context.keys.view
    var (word, slot, filled) = (start, 0, pending)
    for index in words {
      let end = Int(ends[index])
      let written = cache.replay(
        low: keys[slot], high: keys[slot &+ 1],
        bucket: Int(truncatingIfNeeded: keys[slot &+ 2]), into: output, at: filled)
      if written > 0 {
        filled &+= written
      } else {
        pending = filled
        encodeUnknown(text, word..<end, hash: keys[slot])
        filled = pending
      }
      slot &+= 3
      word = end
    }
    pending = filled
    return word
  }

  /// Hands the pending tokens on, which reach up to a place.
  private mutating func flush(_ text: TextView, _ place: Int) {
    guard pending > 0 else { return }
    sink.reserve(pending, remainingBytes: text.count - place, doneBytes: place)
    if sink.keepsRanges { appendRanges(text) }
    sink.append(output, pending)
    pending = 0
  }

  private mutating func appendRanges(_ text: TextView) {
    var start = pendingStart
    for index in 0..<pending {
      let token = output[index]
      let end = start + length(token)
      sink.ranges.append(
        token & PackedToken.partOfScalar == 0
          ? start..<end : readsSpacesAsMarks ? Self.scalar(around: start, in: text) : start..<end)
      start = end
    }
    pendingStart = start
  }

  /// The bytes of the scalar that a byte belongs to.
  private static func scalar(around place: Int, in text: TextView) -> Range<Int> {
    var (start, end) = (place, place + 1)
    while start > 0, text[start] & 0xC0 == 0x80 { start -= 1 }
    while end < text.count, text[end] & 0xC0 == 0x80 { end += 1 }
    return start..<end
  }

  // MARK: Words that are not remembered

  @inline(never)
  private mutating func encodeUnknown(_ text: TextView, _ word: Range<Int>, hash: UInt64) {
    guard !word.isEmpty else { return }
    if pending > Self.flushMark { flush(text, word.lowerBound) }
    guard word.count <= WordCache.longLimit else { return merge(text, word) }
    let hash = word.count > WordCache.shortLimit ? hash : cache.hash(text, word)
    let known = cache.replay(hash, text, word, into: output, at: pending)
    if known > 0 {
      pending += known
      return
    }
    let first = pending
    let counted = sink.count
    merge(text, word)
    // Tokens that were handed on at once are not remembered.
    guard sink.count == counted, first < pending else { return }
    if word.count <= WordCache.shortLimit,
      cache.record(WordCache.Key(text, word.lowerBound, word.count), output, first..<pending)
    {
      return
    }
    cache.record(hash, text, word, output, first..<pending)
  }

  private mutating func merge(_ text: TextView, _ word: Range<Int>) {
    guard model.vocabulary.spelling == .byteLevel else { return mergeText(text, word) }
    if let id = model.vocabulary.identifier(of: text, word),
      model.options.ignoresMerges || model.isReached(id)
    {
      return emit(PackedToken.pack(id, length: word.count), text)
    }
    guard model.hasAllBytes || model.hasBytes(text, word), !model.isExceptional(text, word) else {
      return mergeByDefinition(text, word, from: text)
    }
    mergeBytes(text, word, from: text)
  }

  /// Merges a range of bytes, all of which belong to tokens; `source` is the text that ranges refer
  /// to.
  private mutating func mergeBytes(_ text: TextView, _ range: Range<Int>, from source: TextView) {
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
    var start = range.lowerBound
    while start < range.upperBound {
      let end = Self.cut(text, start, range.upperBound, graph)
      if end - start <= EncodingContext.wordSize {
        let merger = merger(graph)
        let count = merger.backtrack(text, start..<end)
        emit(count, merger.symbols, text, start..<end, from: source)
      } else {
        let symbols = WorkBuffer<UInt32>(count: end - start)
        let dead = WorkBuffer<UInt64>(count: (end - start) / 64 + 1)
        let merger = WordMerger(
          graph: graph, symbols: symbols.view, candidates: context.candidates.view,
          dead: dead.view, pairs: context.pairs.view)
        let count = merger.backtrack(text, start..<end)
        emit(count, symbols.view, text, start..<end, from: source)
      }
      start = end
    }
  }

  private func merger(_ graph: MergeGraph.View) -> WordMerger {
    WordMerger(
      graph: graph, symbols: context.symbols.view, candidates: context.candidates.view,
      dead: context.dead.view, pairs: context.pairs.view)
  }

  /// Where a long word can be cut because no token reaches over the place: not far ahead if
  /// possible, so that little memory is needed.
  private static func cut(
    _ text: TextView, _ start: Int, _ end: Int, _ graph: MergeGraph.View
  ) -> Int {
    let wish = start + EncodingContext.wordSize
    guard wish < end else { return end }
    var place = wish
    while place > start + 1, graph.joins(text[place - 1], text[place]) { place -= 1 }
    if place > start + 1 { return place }
    place = wish
    while place < end, graph.joins(text[place - 1], text[place]) { place += 1 }
    return place
  }

  /// Emits the tokens of a range.
  ///
  /// Tables of a file may have been made to contradict each other; tokens that are not as long as
  /// the range are not believed.
  private mutating func emit(
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
  private func length(_ token: UInt32) -> Int {
    let length = Int(token >> PackedToken.lengthShift)
    return length > 0 ? length : model.vocabulary.length(of: token & PackedToken.identifierMask)
  }

  @inline(__always)
  private mutating func emit(_ token: UInt32, _ text: TextView) {
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

// MARK: - Text that is merged from scalars

extension WordEncoder {
  private mutating func mergeText(_ text: TextView, _ word: Range<Int>) {
    guard readsSpacesAsMarks, word.contains(where: { text[$0] == 0x20 }) else {
      return mergeScalars(text, word, from: text)
    }
    let spaces = word.reduce(0) { $0 + (text[$1] == 0x20 ? 1 : 0) }
    let size = word.count + 2 * spaces
    let buffer = size <= EncodingContext.wordSize ? context.spelt : WorkBuffer(count: size)
    let spelt = buffer.view
    var place = 0
    for source in word {
      if text[source] == 0x20 {
        for byte in Metaspace.utf8 {
          spelt[place] = byte
          place += 1
        }
      } else {
        spelt[place] = text[source]
        place += 1
      }
    }
    source = word.lowerBound
    mergeScalars(spelt.text(0..<size), 0..<size, from: text)
    source = nil
    // The buffer must outlive the view.
    withExtendedLifetime(buffer) {}
  }

  private mutating func mergeScalars(
    _ text: TextView, _ word: Range<Int>, from source: TextView
  ) {
    guard let graph = model.graph?.view else { return }
    if !model.fallsBackAlways && model.hasUnknownScalar(text, word)
      || model.isExceptional(text, word)
    {
      return mergeByDefinition(text, word, from: source)
    }
    let symbols = context.symbols.view
    var (place, runStart, count) = (word.lowerBound, word.lowerBound, 0)
    while place < word.upperBound {
      let end = Self.scalarEnd(text, place, word.upperBound)
      let order = graph.scalar(text, place, end)
      if order == MergeGraph.none {
        mergeRun(text, runStart..<place, count, graph, from: source)
        for byte in place..<end {
          emit(
            PackedToken.pack(model.fallbacks[Int(text[byte])], length: 1)
              | PackedToken.partOfScalar, source)
        }
        (runStart, count) = (end, 0)
      } else {
        if count < WordMerger.shortLimit { symbols[count] = order }
        count += 1
      }
      place = end
    }
    mergeRun(text, runStart..<place, count, graph, from: source)
  }

  /// Merges scalars that all have tokens; the first are in the context's symbols.
  private mutating func mergeRun(
    _ text: TextView, _ range: Range<Int>, _ count: Int, _ graph: MergeGraph.View,
    from source: TextView
  ) {
    guard count > 0 else { return }
    guard count <= WordMerger.shortLimit else { return mergeBytes(text, range, from: source) }
    let merger = merger(graph)
    for index in 1..<max(count, 1) {
      merger.candidates[index - 1] = graph.rules.merged(
        merger.symbols[index - 1], merger.symbols[index])
    }
    emit(merger.mergeSymbols(count), merger.symbols, text, range, from: source)
  }

  static func scalarEnd(_ text: TextView, _ place: Int, _ limit: Int) -> Int {
    var end = place + 1
    while end < limit, text[end] & 0xC0 == 0x80 { end += 1 }
    return end
  }
}

// MARK: - Models without a graph

extension WordEncoder {
  private mutating func encodeByDefinition(_ text: TextView, from start: Int, count: Int) {
    let ends = context.ends.view
    var word = start
    for index in 0..<count {
      let end = Int(ends[index])
      if word < end { model.merge(text, word..<end, into: &sink, scratch) }
      word = end
    }
  }

  /// Encodes one word; `source` is the text that ranges refer to.
  private mutating func mergeByDefinition(
    _ text: TextView, _ word: Range<Int>, from source: TextView
  ) {
    var found = TokenSink(.identifiersAndRanges)
    model.merge(text, word, into: &found, scratch)
    var end = word.lowerBound
    let isWhole = found.ranges.allSatisfy { range in
      defer { end = range.upperBound }
      return range.lowerBound == end && range.count < 256
    }
    if isWhole, end == word.upperBound {
      for (id, range) in zip(found.ids, found.ranges) {
        let isPart = range.count == 1 && text[range.lowerBound] >= 0x80
        emit(
          PackedToken.pack(id, length: range.count) | (isPart ? PackedToken.partOfScalar : 0),
          source)
      }
      return
    }
    flush(source, word.lowerBound)
    for (id, range) in zip(found.ids, found.ranges) {
      sink.append(id, range.lowerBound, range.count)
    }
    pendingStart = word.upperBound
  }
}
