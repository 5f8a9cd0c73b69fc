// SPDX-License-Identifier: Apache-2.0

import TextPrimitives

extension Tokenizer {
  /// Encodes a text.
  ///
  /// - Parameters:
  ///   - text: The text.
  ///   - special: What becomes of special tokens in the text; they are text by default.
  ///   - addsSpecialTokens: Whether the post-processor puts its tokens around the text.
  /// - Returns: Ids with their byte offsets in the text.
  /// - Throws: ``TokenizerError`` where a special token is rejected or truncation is impossible.
  public func encode(
    _ text: String, special: SpecialTokenPolicy = .asText, addsSpecialTokens: Bool = false
  ) throws(TokenizerError) -> Encoding {
    try encode(bytes: Array(text.utf8), special: special, addsSpecialTokens: addsSpecialTokens)
  }

  /// Encodes bytes that are meant to be UTF-8; what else happens depends on the reference.
  ///
  /// - Throws: ``TokenizerError``; ``Tokenizer/InvalidUTF8Policy`` tells when bytes are refused.
  public func encode(
    bytes: [UInt8], special: SpecialTokenPolicy = .asText, addsSpecialTokens: Bool = false
  ) throws(TokenizerError) -> Encoding {
    try encode([bytes], special: special, addsSpecialTokens: addsSpecialTokens)
  }

  /// Encodes a pair of texts, such as a question and its context.
  ///
  /// - Throws: ``TokenizerError`` as for one text.
  public func encode(
    _ first: String, pair second: String, special: SpecialTokenPolicy = .asText,
    addsSpecialTokens: Bool = false
  ) throws(TokenizerError) -> Encoding {
    try encode(
      [Array(first.utf8), Array(second.utf8)], special: special,
      addsSpecialTokens: addsSpecialTokens)
  }

  /// Encodes a pair of texts that are meant to be UTF-8.
  ///
  /// - Throws: ``TokenizerError`` as for one text.
  public func encode(
    bytes first: [UInt8], pair second: [UInt8], special: SpecialTokenPolicy = .asText,
    addsSpecialTokens: Bool = false
  ) throws(TokenizerError) -> Encoding {
    try encode([first, second], special: special, addsSpecialTokens: addsSpecialTokens)
  }

  /// The ids of a text, without anything else.
  ///
  /// - Throws: ``TokenizerError`` where a special token is rejected.
  public func identifiers(
    of bytes: [UInt8], special: SpecialTokenPolicy = .asText
  ) throws(TokenizerError) -> [TokenID] {
    try tokens(of: bytes, special: special, wish: .identifiers).ids
  }

  /// The ids of many texts, on several cores; the order is kept.
  ///
  /// - Throws: The ``TokenizerError`` of the first text that has one.
  public func identifiers(
    ofBatch texts: [[UInt8]], special: SpecialTokenPolicy = .asText, threads: Int? = nil
  ) throws(TokenizerError) -> [[TokenID]] {
    try Parallel.map(
      texts, threads: threads, with: { ThreadRun(parts, .identifiers, special) }
    ) { text, run throws(TokenizerError) in
      try run.tokens(of: text, special: special, self).ids
    }
  }

  /// How many tokens a text has.
  ///
  /// - Throws: ``TokenizerError`` where a special token is rejected.
  public func count(
    _ text: String, special: SpecialTokenPolicy = .asText
  ) throws(TokenizerError) -> Int {
    try count(bytes: Array(text.utf8), special: special)
  }

  /// How many tokens bytes have that are meant to be UTF-8.
  ///
  /// - Throws: ``TokenizerError`` where a special token is rejected, or bytes are refused.
  public func count(
    bytes: [UInt8], special: SpecialTokenPolicy = .asText
  ) throws(TokenizerError) -> Int {
    try tokens(of: bytes, special: special, wish: .count).count
  }

  /// Encodes a batch on all cores and pads it as the tokenizer's file asks; the order is kept.
  ///
  /// - Throws: The ``TokenizerError`` of the first text that has one.
  public func encode(
    batch texts: [String], special: SpecialTokenPolicy = .asText, addsSpecialTokens: Bool = false
  ) throws(TokenizerError) -> [Encoding] {
    try encode(batch: texts.map { [Array($0.utf8)] }, special, addsSpecialTokens)
  }

  /// Encodes a batch of pairs on all cores and pads it as the tokenizer's file asks; the order is
  /// kept.
  ///
  /// - Throws: The ``TokenizerError`` of the first pair that has one.
  public func encode(
    batchOfPairs pairs: [(first: String, second: String)],
    special: SpecialTokenPolicy = .asText, addsSpecialTokens: Bool = false
  ) throws(TokenizerError) -> [Encoding] {
    let texts = pairs.map { [Array($0.first.utf8), Array($0.second.utf8)] }
    return try encode(batch: texts, special, addsSpecialTokens)
  }

  private func encode(
    batch: [[[UInt8]]], _ special: SpecialTokenPolicy, _ addsSpecialTokens: Bool
  ) throws(TokenizerError) -> [Encoding] {
    var encodings = try Parallel.map(batch) { texts throws(TokenizerError) in
      try encode(texts, special: special, addsSpecialTokens: addsSpecialTokens, pads: false)
    }
    if let padding = configuration.padding { Encoding.pad(&encodings, padding) }
    return encodings
  }

  private func encode(
    _ texts: [[UInt8]], special: SpecialTokenPolicy, addsSpecialTokens: Bool, pads: Bool = true
  ) throws(TokenizerError) -> Encoding {
    var encodings: [Encoding] = []
    for (index, text) in texts.enumerated() {
      let sink = try tokens(of: text, special: special, wish: .identifiersAndRanges)
      encodings.append(
        Encoding(
          ids: sink.ids, offsets: sink.ranges, typeID: UInt32(index), sequenceIndex: index,
          isSpecial: false))
    }
    if let truncation = configuration.truncation {
      try truncate(&encodings, truncation, addsSpecialTokens: addsSpecialTokens)
    }
    let spaces = TokenSpaces(vocabulary: vocabulary, added: parts.added, texts: texts)
    var result = PostProcessor.process(
      configuration.postProcessor, encodings, spaces, addsSpecialTokens: addsSpecialTokens)
    if pads, let padding = configuration.padding {
      var batch = [result]
      Encoding.pad(&batch, padding)
      result = batch[0]
    }
    return result.spelled(by: parts)
  }

  /// As `truncate_encodings` does (huggingface/tokenizers 3ba8ad00, utils/truncation.rs).
  private func truncate(
    _ encodings: inout [Encoding], _ truncation: Truncation, addsSpecialTokens: Bool
  ) throws(TokenizerError) {
    let added =
      addsSpecialTokens
      ? configuration.postProcessor?.addedCount(isPair: encodings.count == 2) ?? 0 : 0
    guard truncation.maxLength >= added else {
      throw TokenizerError(
        .maxLengthTooSmall(maxLength: truncation.maxLength, addedTokens: added))
    }
    let limit = truncation.maxLength - added
    let total = encodings.reduce(0) { $0 + $1.count }
    guard total > limit else { return }
    var lengths = encodings.map(\.count)
    switch truncation.strategy {
    case .longestFirst where encodings.count == 2:
      let shorter = lengths[0] <= lengths[1] ? 0 : 1
      var short = lengths[shorter]
      var long = short > limit ? short : max(short, limit - short)
      if short + long > limit {
        short = limit / 2
        long = short + limit % 2
      }
      lengths[shorter] = short
      lengths[1 - shorter] = long
    case .longestFirst: lengths[0] = limit
    case .onlyFirst, .onlySecond:
      let target = truncation.strategy == .onlyFirst ? 0 : 1
      guard target < encodings.count else { throw TokenizerError(.secondTextMissing) }
      guard limit == 0 || lengths[target] > total - limit else {
        throw TokenizerError(.textTooShortToTruncate)
      }
      lengths[target] = max(0, lengths[target] - (total - limit))
    }
    for index in encodings.indices {
      try encodings[index].truncate(
        to: lengths[index], stride: truncation.stride, side: truncation.side)
    }
  }
}
