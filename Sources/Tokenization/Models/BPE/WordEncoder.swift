// SPDX-License-Identifier: Apache-2.0

/// Encodes the words of a text one after the other, for the length of one call.
struct WordEncoder: ~Copyable {
  /// Tokens wait up to here, so that a whole batch of short words still fits.
  static let flushMark =
    EncodingContext.outputSize - 4 * EncodingContext.batchSize - 2 * WordCache.longLimit

  /// How many words are looked up at a time.
  static let group = 256

  var sink: TokenSink
  let model: BPE
  let context: EncodingContext
  /// Whether a space stands for a metaspace, as if it had been replaced.
  var readsSpacesAsMarks = false
  /// The rules for runs of marks, where they come last: see ``JoinedScalars/lateRuns``.
  var lateRuns: MergeTable?
  /// Where in the text the next token stands, of a word whose spaces were spelt out.
  var source: Int?
  /// The rules as the definition asks for them, once they have been needed.
  var definition: MergeTable?
  private(set) var cache: WordCache.View
  let output: WorkBuffer<UInt32>.View
  /// The packed token of each order, with its length in bytes of the text.
  let packed: ConstantTable<UInt32>.View?
  /// How many tokens wait in the output.
  var pending = 0
  /// Where the first pending token stands.
  var pendingStart = 0
  /// Up to where new words have been learned together.
  var learnedEnd = 0

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
    guard model.isPackable else { return encodeUnpacked(text, from: start, count: count) }
    pendingStart = start
    learnedEnd = model.learnsWords ? start : .max
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
    let (ends, keys, cache) = (context.ends.view, context.keys.view, cache)
    let longWords = context.longWords.view
    var (word, slot, longCount) = (start, 0, 0)
    for index in words {
      let end = Int(ends[index])
      if end &- word <= WordCache.shortLimit {
        let key = WordCache.Key(text, word, end &- word)
        let hash = cache.hash(key)
        keys[slot] = key.low
        keys[slot &+ 1] = key.high
        keys[slot &+ 2] = hash
        cache.prefetchBucket(hash)
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
    var (index, word, slot, filled) = (words.lowerBound, start, 0, pending)
    while index < words.upperBound {
      // Other views than this are used where the cache grows.
      let cache = cache
      var end = 0
      while index < words.upperBound {
        end = Int(ends[index])
        let written = cache.replay(
          low: keys[slot], high: keys[slot &+ 1], hash: keys[slot &+ 2], into: output, at: filled)
        if written == 0 { break }
        filled &+= written
        index &+= 1
        slot &+= 3
        word = end
      }
      guard index < words.upperBound else { break }
      pending = filled
      encodeUnknown(text, word..<end, of: index..<words.upperBound, slot)
      filled = pending
      index &+= 1
      slot &+= 3
      word = end
    }
    pending = filled
    return word
  }

  /// Gives the cache more room where it is crowded.
  @inline(__always)
  mutating func growCache() {
    guard cache.isCrowded else { return }
    context.cache.grow()
    cache = context.cache.view
  }

  /// Hands the pending tokens on, which reach up to a place; the last ones may be kept.
  mutating func flush(_ text: TextView, _ place: Int, keeping kept: Int = 0) {
    let count = pending - kept
    guard count > 0 else { return }
    sink.reserve(count, remainingBytes: text.count - place, doneBytes: place)
    if sink.keepsRanges { appendRanges(text, count) }
    sink.append(output, count)
    output.move(count..<pending, to: 0)
    pending = kept
  }

  private mutating func appendRanges(_ text: TextView, _ count: Int) {
    var start = pendingStart
    let (output, takesScalars) = (output, readsSpacesAsMarks)
    let vocabulary = model.vocabulary
    sink.ranges.append(count: count) { ranges in
      for index in 0..<count {
        let token = output[index]
        var length = Int(token &>> PackedToken.lengthShift)
        if length == 0 { length = vocabulary.length(of: token & PackedToken.identifierMask) }
        let end = start &+ length
        ranges[index] = TokenOffsets.pack(start, end)
        if token & PackedToken.partOfScalar != 0, takesScalars {
          ranges[index] = Self.scalar(around: start, in: text)
        }
        start = end
      }
    }
    pendingStart = start
  }

  /// The bytes of the scalar that a byte belongs to.
  private static func scalar(around place: Int, in text: TextView) -> UInt64 {
    var (start, end) = (place, place + 1)
    while start > 0, text[start] & 0xC0 == 0x80 { start -= 1 }
    while end < text.count, text[end] & 0xC0 == 0x80 { end += 1 }
    return TokenOffsets.pack(start, end)
  }
}
