// SPDX-License-Identifier: Apache-2.0

/// Learns merges from words and their counts.
///
/// The bookkeeping follows `BpeTrainer::do_train` of huggingface/tokenizers (3ba8ad00,
/// models/bpe/trainer.rs) wherever it can be seen in the result: which candidate is taken when
/// counts are equal, when a stale one is queued again, and what a limit on the token length leaves
/// uncounted.
struct MergeLearner {
  /// A pair and the token that it becomes.
  struct Merge {
    let pair: TokenPair
    let token: UInt32
  }

  private let options: TrainingOptions
  private let prefix: [UInt8]
  private let maximumLength: Int
  private(set) var vocabulary = TrainingVocabulary()
  private(set) var merges: [Merge] = []

  /// The symbols of all words end to end; a word shrinks in its place.
  private var symbols: [UInt32] = []
  private var starts: [Int] = []
  private var sizes: [UInt32] = []
  private var counts: [Int] = []

  private var pairs = PairTable()
  private var queue = MergeQueue()
  /// For each pair, one up, the place in `pendingWords` within the current step; 0 is none.
  private var pendingPlaces: [UInt32] = []
  private var pendingWords: [(place: Int, words: [UInt32])] = []

  init(_ options: TrainingOptions, reserved: [[UInt8]]) {
    self.options = options
    prefix = Array((options.continuingSubwordPrefix ?? "").utf8)
    maximumLength = options.maximumTokenLength ?? .max
    for token in reserved { _ = vocabulary.insert(token, length: 1) }
  }

  /// Learns until the vocabulary is full or no pair is frequent enough.
  mutating func learn(
    _ words: WordTable, spelling: Spelling, initialAlphabet: [UInt32],
    progress: TrainingProgress.Handler?
  ) {
    let alphabet = Alphabet(
      of: words, spelling: spelling, initial: initialAlphabet, limit: options.alphabetLimit)
    for letter in alphabet.letters {
      _ = vocabulary.insert(Alphabet.spelling(of: letter), length: 1)
    }
    spell(words, spelling)
    progress?(TrainingProgress(stage: .counting, completed: 0, total: starts.count))
    countPairs()
    progress?(TrainingProgress(stage: .counting, completed: starts.count, total: starts.count))
    while vocabulary.count < options.vocabularySize, let top = nextCandidate() {
      apply(top)
      if merges.count.isMultiple(of: 64) { report(progress) }
    }
    report(progress)
  }

  private func report(_ progress: TrainingProgress.Handler?) {
    progress?(
      TrainingProgress(
        stage: .merging, completed: vocabulary.count, total: options.vocabularySize))
  }
}

// Words become symbols.
extension MergeLearner {
  private mutating func spell(_ words: WordTable, _ spelling: Spelling) {
    let suffix = Array((options.endOfWordSuffix ?? "").utf8)
    // Affixes make tokens on the way, whose ids must not depend on the order of the files.
    let hasAffixes = !prefix.isEmpty || !suffix.isEmpty
    let order = hasAffixes ? words.sortedPlaces() : Array(0..<words.count)
    var known: [UInt32: UInt32?] = [:]
    var letters: [UInt32] = []
    symbols.reserveCapacity(words.byteCount)
    for place in order {
      letters.removeAll(keepingCapacity: true)
      words.withWord(at: place) { word in
        spelling.forEachLetter(of: word) { letters.append($0) }
      }
      let start = symbols.count
      for (index, letter) in letters.enumerated() {
        let identifier: UInt32?
        if let found = known[letter] {
          identifier = found
        } else {
          identifier = vocabulary.identifier(of: Alphabet.spelling(of: letter))
          known[letter] = .some(identifier)
        }
        guard let identifier else { continue }
        guard hasAffixes else {
          symbols.append(identifier)
          continue
        }
        var token = Alphabet.spelling(of: letter)
        if index > 0 { token = prefix + token }
        if index == letters.count - 1 { token += suffix }
        symbols.append(vocabulary.insert(token, length: 1))
      }
      starts.append(start)
      sizes.append(UInt32(symbols.count - start))
      counts.append(words.occurrences(ofWordAt: place))
    }
  }

  private mutating func countPairs() {
    for word in starts.indices {
      let start = starts[word]
      let end = start + Int(sizes[word])
      for place in start..<max(start, end - 1) {
        change(TokenPair(symbols[place], symbols[place + 1]), by: counts[word], inWord: word)
      }
    }
    queuePending()
  }
}

// One merge.
extension MergeLearner {
  /// The most frequent pair, or nil where none is frequent enough.
  private mutating func nextCandidate() -> MergeCandidate? {
    while var top = queue.pop() {
      let count = pairs.counts[top.place]
      guard top.count == count else {
        top.count = count
        queue.push(top)
        continue
      }
      return top.count < 1 || top.count < options.minimumFrequency ? nil : top
    }
    return nil
  }

  private mutating func apply(_ candidate: MergeCandidate) {
    let pair = candidate.pair
    var right = vocabulary.tokens[Int(pair.right)][...]
    if !prefix.isEmpty, right.starts(with: prefix) { right = right.dropFirst(prefix.count) }
    let length =
      vocabulary.lengths[Int(pair.left)] + vocabulary.lengths[Int(pair.right)]
    let token = vocabulary.insert(vocabulary.tokens[Int(pair.left)] + right, length: length)
    merges.append(Merge(pair: pair, token: token))
    for word in candidate.words { merge(pair, into: token, inWord: Int(word)) }
    queuePending()
  }

  private mutating func merge(_ pair: TokenPair, into token: UInt32, inWord word: Int) {
    let start = starts[word]
    let end = start + Int(sizes[word])
    let count = counts[word]
    let length = vocabulary.lengths[Int(token)]
    var read = start
    var write = start
    while read < end {
      guard symbols[read] == pair.left, read + 1 < end, symbols[read + 1] == pair.right else {
        symbols[write] = symbols[read]
        read += 1
        write += 1
        continue
      }
      if write > start {
        let left = symbols[write - 1]
        change(TokenPair(left, pair.left), by: -count, inWord: word)
        if isAllowed(left, besides: length) {
          change(TokenPair(left, token), by: count, inWord: word)
        }
      }
      read += 2
      if read < end {
        let right = symbols[read]
        change(TokenPair(pair.right, right), by: -count, inWord: word)
        if isAllowed(right, besides: length) {
          change(TokenPair(token, right), by: count, inWord: word)
        }
      }
      symbols[write] = token
      write += 1
    }
    sizes[word] = UInt32(write - start)
  }

  @inline(__always)
  private func isAllowed(_ token: UInt32, besides length: Int) -> Bool {
    vocabulary.lengths[Int(token)] + length < maximumLength
  }

  /// Counts a pair; where it grows, the word is noted for the pair's next candidate.
  @inline(__always)
  private mutating func change(_ pair: TokenPair, by change: Int, inWord word: Int) {
    let place = pairs.place(of: pair)
    pairs.counts[place] += change
    if place >= pendingPlaces.count { pendingPlaces.append(0) }
    guard change > 0 else { return }
    let word = UInt32(word)
    if pendingPlaces[place] == 0 {
      pendingWords.append((place, [word]))
      pendingPlaces[place] = UInt32(pendingWords.count)
    } else {
      // Words come one after another: a repetition can only be the last one.
      let pending = Int(pendingPlaces[place]) - 1
      if pendingWords[pending].words.last != word { pendingWords[pending].words.append(word) }
    }
  }

  private mutating func queuePending() {
    for (place, words) in pendingWords {
      pendingPlaces[place] = 0
      let count = pairs.counts[place]
      guard count > 0 else { continue }
      queue.push(
        MergeCandidate(count: count, pair: pairs.pairs[place], place: place, words: words))
    }
    pendingWords.removeAll(keepingCapacity: pendingWords.count < 1 << 16)
  }
}
