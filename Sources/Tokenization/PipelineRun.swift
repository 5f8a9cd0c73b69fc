// SPDX-License-Identifier: Apache-2.0

/// Texts on their way through the steps of a tokenizer, one after the other.
struct PipelineRun: ~Copyable {
  private let parts: Tokenizer.Parts
  private let allowsSpecial: Bool
  var encoder: WordEncoder
  /// Whether a text had more bytes than a place can count; what it was encoded to is worth nothing.
  private(set) var isTooLong = false
  /// Cuts a text by the plan's pattern, if it has one.
  private var scanner: PieceScanner?
  /// Whether all that happens to a text after normalization is that a pattern cuts it.
  private let isOnlyCut: Bool
  private let normalizer: Normalizer?

  /// A run in which `allowsSpecial` is false where no special token is allowed in the text.
  init(
    _ parts: Tokenizer.Parts, _ context: EncodingContext, _ wish: TokenSink.Wish,
    allowsSpecial: Bool
  ) {
    self.parts = parts
    self.allowsSpecial = allowsSpecial
    encoder = WordEncoder(parts.configuration.model, context, wish)
    if case .spaces(let plan) = parts.plan { encoder.lateRuns = plan.lateRuns }
    let seams = parts.configuration.model.seams
    scanner = parts.plan.program.map {
      PieceScanner($0, seams: seams, masks: context.masks.view)
    }
    let isPattern = if case .pattern = parts.plan { true } else { false }
    isOnlyCut = isPattern && !parts.added.canMatch(allowsSpecial: allowsSpecial)
    normalizer = parts.configuration.normalizer
  }

  /// Takes the tokens of a text, after which the next may come.
  mutating func takeTokens() -> TokenSink {
    var tokens = TokenSink(encoder.sink.wish)
    swap(&tokens, &encoder.sink)
    return tokens
  }

  /// Forgets a text that could not be encoded.
  mutating func cancel() {
    _ = takeTokens()
    isTooLong = false
  }

  /// Encodes a text; `isAllowed` says which added tokens are tokens where they stand.
  mutating func encode(_ text: AlignedText, isAllowed: (AddedToken, Range<Int>) -> Bool) {
    if isOnlyCut { return encodeCut(normalizer?.apply(to: text) ?? text) }
    parts.added.split(
      text.bytes.span, afterNormalization: false, allowsSpecial: allowsSpecial,
      isAllowed: isAllowed
    ) { part in
      if let token = part.token {
        append(token, text.originalRange(part.range))
      } else {
        let isWhole = part.range.count == text.bytes.count
        encodeSection(isWhole ? text : text.part(part.range), isAllowed: isAllowed)
      }
    }
  }

  private mutating func append(_ token: TokenID, _ range: Range<Int>) {
    encoder.sink.append(token, range.lowerBound, range.count)
  }

  /// Encodes what stands between tokens that are matched before normalization.
  private mutating func encodeSection(
    _ section: AlignedText, isAllowed: (AddedToken, Range<Int>) -> Bool
  ) {
    if case .spaces(let plan) = parts.plan {
      return encodeSpaced(section, plan)
    }
    let text = normalizer?.apply(to: section) ?? section
    parts.added.split(
      text.bytes.span, afterNormalization: true, allowsSpecial: allowsSpecial,
      isAllowed: { isAllowed($0, text.originalRange($1)) }
    ) { part in
      if let token = part.token {
        append(token, text.originalRange(part.range))
      } else {
        let isWhole = part.range.count == text.bytes.count
        encodePieces(isWhole ? text : text.part(part.range))
      }
    }
  }

  /// Encodes normalized text.
  private mutating func encodePieces(_ text: AlignedText) {
    if case .pattern = parts.plan { return encodeCut(text) }
    guard isShortEnough(text.bytes) else { return }
    let spelling = parts.configuration.model.vocabulary.spelling
    var target = PreTokenizedText(text)
    parts.configuration.preTokenizer?.apply(to: &target, spelling: spelling)
    guard isShortEnough(target.text.bytes) else { return }
    let first = encoder.sink.ranges.count
    target.text.bytes.span.withText { bytes in encodePieces(target.pieces, of: bytes) }
    moveRanges(from: first, target.text)
  }

  /// Encodes normalized text that the plan's pattern cuts.
  private mutating func encodeCut(_ text: AlignedText) {
    guard isShortEnough(text.bytes) else { return }
    let first = encoder.sink.ranges.count
    text.bytes.span.withText { bytes in encodeMatches(bytes, from: 0) }
    moveRanges(from: first, text)
  }

  private mutating func isShortEnough(_ text: [UInt8]) -> Bool {
    isTooLong = isTooLong || text.count > TokenOffsets.textLimit
    return !isTooLong
  }

  /// Turns the ranges of the last tokens, which are of a text, into those of its original.
  private mutating func moveRanges(from first: Int, _ text: AlignedText) {
    guard !text.isOriginal else { return }
    for index in first..<encoder.sink.ranges.count {
      encoder.sink.ranges[index] = text.originalRange(encoder.sink.ranges[index])
    }
  }

  /// Encodes the pieces of a pattern without putting them into a list first.
  private mutating func encodeMatches(_ text: TextView, from start: Int) {
    let ends = encoder.context.ends.view
    var place = start
    while place < text.count {
      let first = place
      let count = scanner?.fill(ends, text, &place) ?? 0
      encoder.encodeWords(text, from: first, count: count)
    }
  }

  private mutating func encodePieces(_ pieces: [Range<Int>], of text: TextView) {
    let cutsWords = parts.configuration.model.cutsBeforeMetaspace
    let ends = encoder.context.ends.view
    var (count, first, last) = (0, 0, 0)
    for piece in pieces {
      if piece.lowerBound != last {
        encoder.encodeWords(text, from: first, count: count)
        (count, first, last) = (0, piece.lowerBound, piece.lowerBound)
      }
      while last < piece.upperBound {
        last = cutsWords ? BPE.wordEnd(text, last, piece.upperBound) : piece.upperBound
        ends[count] = UInt32(truncatingIfNeeded: last)
        count += 1
        if count == ends.count {
          encoder.encodeWords(text, from: first, count: count)
          (count, first) = (0, last)
        }
      }
    }
    encoder.encodeWords(text, from: first, count: count)
  }

  /// As tiktoken's `_encode_bytes`: the last piece before the first bad byte, and all that follows
  /// it, is one piece.
  mutating func encodeMergingTail(_ bytes: [UInt8], from invalid: Int) {
    guard isShortEnough(bytes) else { return }
    let spelling = parts.configuration.model.vocabulary.spelling
    var head = PreTokenizedText(
      AlignedText(Array(bytes[..<invalid]), base: 0, tracksOrigins: false))
    parts.configuration.preTokenizer?.apply(to: &head, spelling: spelling)
    let tail = head.pieces.popLast()?.lowerBound ?? 0
    bytes.span.withText { text in
      encodePieces(head.pieces + [tail..<bytes.count], of: text)
    }
  }
}

// MARK: - SentencePiece-style text

extension PipelineRun {
  /// Encodes text whose spaces are marks.
  private mutating func encodeSpaced(_ section: AlignedText, _ plan: SpacePlan) {
    guard isShortEnough(section.bytes) else { return }
    let first = encoder.sink.ranges.count
    encoder.readsSpacesAsMarks = true
    section.bytes.span.withText { text in
      let head = plan.marks(section) ? encodeMarkedHead(text) : 0
      encodeMatches(text, from: head)
    }
    encoder.readsSpacesAsMarks = false
    moveRanges(from: first, section)
  }

  /// Encodes the first words, a mark before them; gives where they end.
  private mutating func encodeMarkedHead(_ text: TextView) -> Int {
    let ends = encoder.context.ends.view
    var place = 0
    guard let count = scanner?.fill(ends, text, &place), count > 0 else { return 0 }
    let end = Int(ends[0])
    let first = encoder.sink.ranges.count
    text.withSpan { text in
      var word: [UInt8] = [0x20]
      word.reserveCapacity(end + 1)
      for place in 0..<end { word.append(text[place]) }
      word.span.withText { word in
        ends[0] = UInt32(truncatingIfNeeded: word.count)
        encoder.encodeWords(word, from: 0, count: 1)
      }
      // The mark stands for nothing in the text; where it is a token of its own, for a scalar.
      let scalar = UTF8Length.scalar(in: text, at: 0)
      for index in first..<encoder.sink.ranges.count {
        let range = encoder.sink.ranges[index]
        let end = range.upperBound > 1 ? range.upperBound - 1 : scalar
        encoder.sink.ranges[index] = max(range.lowerBound - 1, 0)..<end
      }
    }
    ends.move(1..<count, to: 0)
    encoder.encodeWords(text, from: end, count: count - 1)
    return place
  }
}
