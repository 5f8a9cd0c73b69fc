// SPDX-License-Identifier: Apache-2.0

/// Text that is merged from scalars.
extension WordEncoder {
  mutating func mergeText(_ text: TextView, _ word: Range<Int>) {
    guard readsSpacesAsMarks, word.contains(where: { text[$0] == 0x20 }) else {
      return mergeScalars(text, word, from: text)
    }
    if lateRuns != nil, mergeAfterRun(text, word) { return }
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
    if let lateRuns, spaces == word.count {
      mergeByDefinition(spelt.text(0..<size), 0..<size, from: text, lateRuns)
    } else {
      mergeScalars(spelt.text(0..<size), 0..<size, from: text)
    }
    source = nil
    // The buffer must outlive the view.
    withExtendedLifetime(buffer) {}
  }

  /// Encodes a word after a run of spaces; false for what is no such word.
  ///
  /// Rules for runs come after all others. So the last mark joins the word as if it were the only one,
  /// and the run is without it; or it stays alone, and the run is merged apart from the word.
  private mutating func mergeAfterRun(_ text: TextView, _ word: Range<Int>) -> Bool {
    var end = word.lowerBound
    while end < word.upperBound, text[end] == 0x20 { end += 1 }
    let last = end - 1
    guard last > word.lowerBound, end < word.upperBound, word.count <= WordCache.longLimit,
      !BPE.isMark(text, end, word.upperBound)
    else { return false }
    let first = pending
    encodePart(text, word.lowerBound..<last)
    let joint = pending
    encodePart(text, last..<word.upperBound)
    guard output[joint] & PackedToken.identifierMask == model.mark else { return true }
    pending = first
    encodePart(text, word.lowerBound..<end)
    encodePart(text, end..<word.upperBound)
    return true
  }

  private mutating func mergeScalars(
    _ text: TextView, _ word: Range<Int>, from source: TextView
  ) {
    guard let graph = model.graph?.view else {
      return mergeByDefinition(text, word, from: source)
    }
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
        let isPart = end - place > 1 ? PackedToken.partOfScalar : 0
        for byte in place..<end {
          emit(PackedToken.pack(model.fallbacks[Int(text[byte])], length: 1) | isPart, source)
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
