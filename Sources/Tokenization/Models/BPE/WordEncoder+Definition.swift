// SPDX-License-Identifier: Apache-2.0

/// Words and models that are out of the ordinary, merged as the definition says.
extension WordEncoder {
  /// Encodes one word; `source` is the text that ranges refer to, and `rules` are those that may be
  /// needed, where it is not all.
  mutating func mergeByDefinition(
    _ text: TextView, _ word: Range<Int>, from source: TextView, _ rules: MergeTable? = nil
  ) {
    let (list, scratch) = merged(text, word, rules)
    var (end, isWhole) = (word.lowerBound, true)
    list.forEach { _, range in
      isWhole = isWhole && range.lowerBound == end && range.count < 256
      end = range.upperBound
    }
    if isWhole, end == word.upperBound {
      list.forEach { id, range in
        let isPart = range.count == 1 && text[range.lowerBound] >= 0x80
        emit(
          PackedToken.pack(id, length: range.count) | (isPart ? PackedToken.partOfScalar : 0),
          source)
      }
    } else {
      flush(source, word.lowerBound)
      list.forEach { id, range in sink.append(id, range.lowerBound, range.count) }
      pendingStart = word.upperBound
    }
    // The scratch must outlive the list.
    withExtendedLifetime(scratch) {}
  }

  /// Encodes words of a model whose ids are too large to be packed.
  mutating func encodeUnpacked(_ text: TextView, from start: Int, count: Int) {
    let ends = context.ends.view
    var word = start
    for index in 0..<count {
      let end = Int(ends[index])
      if model.options.ignoresMerges, let id = model.vocabulary.identifier(of: text, word..<end) {
        sink.append(id, word, end - word)
      } else if word < end {
        let (list, scratch) = merged(text, word..<end, nil)
        list.forEach { id, range in sink.append(id, range.lowerBound, range.count) }
        withExtendedLifetime(scratch) {}
      }
      word = end
    }
  }

  /// The tokens of a word, and the memory that they are in.
  private mutating func merged(
    _ text: TextView, _ word: Range<Int>, _ some: MergeTable?
  ) -> (list: MergeList, scratch: MergeScratch) {
    let rules = some ?? definition ?? model.definition
    if some == nil { definition = rules }
    let scratch =
      word.count <= context.scratch.capacity
      ? context.scratch : MergeScratch(capacity: word.count)
    return (model.merged(text, word, rules, in: scratch), scratch)
  }
}
