// SPDX-License-Identifier: Apache-2.0

extension BPE {
  /// Where the next `▁` after something else stands.
  static func wordEnd(_ text: TextView, _ start: Int, _ limit: Int) -> Int {
    var place = start
    while place + 2 < limit, isMark(text, place) { place += 3 }
    while place < limit {
      if text[place] == 0xE2, place + 2 < limit, isMark(text, place), place > start { return place }
      place += 1
    }
    return limit
  }

  @inline(__always)
  private static func isMark(_ text: TextView, _ place: Int) -> Bool {
    text[place] == 0xE2 && text[place + 1] == 0x96 && text[place + 2] == 0x81
  }

  /// Whether merging leads to a token from its own bytes, of which there are several.
  func isReached(_ id: TokenID) -> Bool {
    guard let graph else { return false }
    let order = graph.orders.view[Int(id)]
    return order != MergeGraph.none && order >= graph.baseCount
  }

  /// Whether a word may need rules that the graph does not have.
  func isExceptional(_ text: TextView, _ word: Range<Int>) -> Bool {
    guard let exceptions = graph?.exceptions, !exceptions.isEmpty else { return false }
    return text.withSpan { exceptions.next(in: $0.extracting(word), from: 0) != nil }
  }

  /// Whether every byte of a word has a token.
  func hasBytes(_ text: TextView, _ word: Range<Int>) -> Bool {
    word.allSatisfy { singles[Int(text[$0])] != Self.absent }
  }

  /// Whether a word has a scalar without token.
  func hasUnknownScalar(_ text: TextView, _ word: Range<Int>) -> Bool {
    guard let graph = graph?.view else { return true }
    var place = word.lowerBound
    while place < word.upperBound {
      let end = WordEncoder.scalarEnd(text, place, word.upperBound)
      if graph.scalar(text, place, end) == MergeGraph.none { return true }
      place = end
    }
    return false
  }

  /// Appends the tokens of a word, one merge after the other as the definition has it.
  ///
  /// - Complexity: O(n log n) in the bytes of the word.
  func merge(
    _ text: TextView, _ word: Range<Int>, into sink: inout TokenSink, _ scratch: MergeScratch
  ) {
    if options.ignoresMerges, let id = vocabulary.identifier(of: text, word) {
      return sink.append(id, word.lowerBound, word.count)
    }
    scratch.begin()
    text.withSpan { text in
      if vocabulary.spelling == .byteLevel, options.unknownToken == nil {
        for place in word {
          let id = singles[Int(text[place])]
          if id != Self.absent { scratch.add(id, place, 1) }
        }
      } else {
        addScalars(text, word, to: scratch)
      }
    }
    if let graph, graph.exceptions.isEmpty {
      scratch.merge(graph)
    } else {
      scratch.merge(table ?? exceptionTable.table)
    }
    scratch.finish(into: &sink)
  }

  /// Turns a word into the tokens that merging starts from.
  ///
  /// As `BPE::merge_word` does (huggingface/tokenizers 3ba8ad00, models/bpe/model.rs), with its
  /// order: an unknown token that is still open comes after the fallback bytes that follow it.
  private func addScalars(_ text: Span<UInt8>, _ word: Range<Int>, to scratch: MergeScratch) {
    var openUnknown: Range<Int>?
    var place = word.lowerBound
    while place < word.upperBound {
      let length = scalarLength(text, place, word.upperBound)
      let end = place + length
      defer { place = end }
      if let id = start(
        text, place..<end, isFirst: place == word.lowerBound, isLast: end == word.upperBound)
      {
        if let range = openUnknown, let unknown = options.unknownToken {
          scratch.add(unknown, range.lowerBound, range.count)
          openUnknown = nil
        }
        scratch.add(id, place, length)
        continue
      }
      if options.byteFallback, addFallback(text, place..<end, to: scratch) { continue }
      guard let unknown = options.unknownToken else { continue }
      if let range = openUnknown, !options.fusesUnknown {
        scratch.add(unknown, range.lowerBound, range.count)
        openUnknown = nil
      }
      openUnknown = (openUnknown?.lowerBound ?? place)..<end
    }
    if let range = openUnknown, let unknown = options.unknownToken {
      scratch.add(unknown, range.lowerBound, range.count)
    }
  }

  private func scalarLength(_ text: Span<UInt8>, _ place: Int, _ limit: Int) -> Int {
    guard vocabulary.spelling == .text else { return 1 }
    var end = place + 1
    while end < limit, text[end] & 0xC0 == 0x80 { end += 1 }
    return end - place
  }

  private func start(_ text: Span<UInt8>, _ scalar: Range<Int>, isFirst: Bool, isLast: Bool)
    -> TokenID?
  {
    let needsPrefix = !isFirst && !options.continuingSubwordPrefix.isEmpty
    let needsSuffix = isLast && !options.endOfWordSuffix.isEmpty
    if needsPrefix || needsSuffix {
      var key = needsPrefix ? options.continuingSubwordPrefix : []
      for place in scalar { key.append(text[place]) }
      if needsSuffix { key += options.endOfWordSuffix }
      return vocabulary.identifier(of: key)
    }
    if scalar.count == 1, Int(text[scalar.lowerBound]) < singles.count {
      let id = singles[Int(text[scalar.lowerBound])]
      return id == Self.absent ? nil : id
    }
    return vocabulary.identifier(of: text.extracting(scalar))
  }

  private func addFallback(_ text: Span<UInt8>, _ scalar: Range<Int>, to scratch: MergeScratch)
    -> Bool
  {
    for place in scalar where fallbacks[Int(text[place])] == Self.absent { return false }
    for place in scalar { scratch.add(fallbacks[Int(text[place])], place, 1) }
    return true
  }
}
