// SPDX-License-Identifier: Apache-2.0

extension BPE {
  /// All rules, as the definition asks for them.
  var definition: MergeTable { table ?? exceptionTable.table }

  /// The tokens of a word, one merge after the other as the definition has it.
  ///
  /// - Parameters:
  ///   - text: The text that the word is in.
  ///   - word: Where it is.
  ///   - rules: ``definition``.
  ///   - scratch: Room for as many bytes as the word has.
  /// - Returns: The tokens, in the scratch's memory.
  /// - Complexity: O(n log n) in the bytes of the word.
  func merged(
    _ text: TextView, _ word: Range<Int>, _ rules: MergeTable, in scratch: MergeScratch
  ) -> MergeList {
    var list = MergeList(scratch)
    text.withSpan { text in
      if vocabulary.spelling == .byteLevel, options.unknownToken == nil {
        for place in word {
          let id = singles[Int(text[place])]
          if id != Self.absent { list.add(id, place, 1) }
        }
      } else {
        addScalars(text, word, to: &list)
      }
    }
    list.merge(rules.view)
    return list
  }

  /// Whether a long word may be encoded in parts that overlap: what merging starts from does not
  /// depend on the place in the word, and every byte belongs to a token.
  func canSplice(_ text: TextView, _ word: Range<Int>) -> Bool {
    guard options.continuingSubwordPrefix.isEmpty, options.endOfWordSuffix.isEmpty
    else { return false }
    switch vocabulary.spelling {
    case .byteLevel: return hasAllBytes || hasBytes(text, word)
    case .text: return fallsBackAlways || !hasUnknownScalar(text, word)
    }
  }

  /// Turns a word into the tokens that merging starts from.
  ///
  /// As `BPE::merge_word` does (huggingface/tokenizers 3ba8ad00, models/bpe/model.rs), with its
  /// order: an unknown token that is still open comes after the fallback bytes that follow it.
  private func addScalars(_ text: Span<UInt8>, _ word: Range<Int>, to list: inout MergeList) {
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
          list.add(unknown, range.lowerBound, range.count)
          openUnknown = nil
        }
        list.add(id, place, length)
        continue
      }
      if options.byteFallback, addFallback(text, place..<end, to: &list) { continue }
      guard let unknown = options.unknownToken else { continue }
      if let range = openUnknown, !options.fusesUnknown {
        list.add(unknown, range.lowerBound, range.count)
        openUnknown = nil
      }
      openUnknown = (openUnknown?.lowerBound ?? place)..<end
    }
    if let range = openUnknown, let unknown = options.unknownToken {
      list.add(unknown, range.lowerBound, range.count)
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

  private func addFallback(_ text: Span<UInt8>, _ scalar: Range<Int>, to list: inout MergeList)
    -> Bool
  {
    for place in scalar where fallbacks[Int(text[place])] == Self.absent { return false }
    for place in scalar { list.add(fallbacks[Int(text[place])], place, 1) }
    return true
  }
}
