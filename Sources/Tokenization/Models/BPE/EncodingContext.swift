// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The memory of one encoding call: what it remembers of words, and room to work in.
///
/// Contexts live with their tokenizer and are lent to a call each, so that nothing is allocated and
/// no lock is taken while a text is encoded.
final class EncodingContext: Sendable {
  /// How many words are cut before they are encoded.
  static let batchSize = 512
  /// Up to how many tokens wait before they are handed on.
  static let outputSize = 8192
  /// The longest word that is not encoded in parts.
  static let partSize = 2048
  /// The longest word that is encoded without memory of its own: each of its spaces may be a mark.
  static let wordSize = 3 * partSize

  let cache: WordCache
  /// Where the words of a batch end.
  let ends = WorkBuffer<UInt32>(count: batchSize + PieceScanner.slack)
  /// The keys of some words and their hashes.
  let keys = WorkBuffer<UInt64>(count: 3 * WordEncoder.group)
  /// The hashes of those that are too long for a bucket.
  let longWords = WorkBuffer<UInt64>(count: WordEncoder.group)
  /// The tokens that wait, packed.
  let output = WorkBuffer<UInt32>(count: outputSize)
  let symbols = WorkBuffer<UInt32>(count: wordSize)
  let candidates = WorkBuffer<UInt32>(count: WordMerger.shortLimit)
  /// New words that are encoded together, and room for the spelling, tokens and candidates of each.
  let newWords = WorkBuffer<NewWord>(count: NewWord.limit)
  let turns = WorkBuffer<UInt32>(count: NewWord.limit)
  let newSpellings = WorkBuffer<UInt8>(count: NewWord.limit * NewWord.spellingSize)
  let newSymbols = WorkBuffer<UInt32>(count: NewWord.limit * NewWord.size)
  let newCandidates = WorkBuffer<UInt32>(count: NewWord.limit * NewWord.size)
  let starts = WorkBuffer<UInt32>(count: wordSize)
  let dead = WorkBuffer<UInt64>(count: wordSize / 64 + 1)
  /// What words are merged in by the definition.
  let scratch = MergeScratch(capacity: wordSize)
  /// A word whose spaces are spelt out.
  let spelt = WorkBuffer<UInt8>(count: wordSize)
  /// What a window of the text holds, a mask for each class.
  let masks = WorkBuffer<UInt64>(count: ByteClasses.limit)

  init(cacheBytes: Int, seed: UInt64) {
    cache = WordCache(byteLimit: cacheBytes, seed: seed)
  }
}

/// The contexts of a tokenizer that no call has now; as many are made as calls run at once.
final class ContextPool: Sendable {
  private let free = Mutex<[EncodingContext]>([])
  private let cacheBytes: Int
  private let seed = UInt64.random(in: .min ... .max)

  init(cacheBytes: Int) {
    self.cacheBytes = cacheBytes
  }

  /// Takes a context; ``giveBack(_:)`` must follow.
  func take() -> EncodingContext {
    free.withLock { $0.popLast() } ?? EncodingContext(cacheBytes: cacheBytes, seed: seed)
  }

  /// Keeps a context for the next call.
  func giveBack(_ context: EncodingContext) {
    free.withLock { $0.append(context) }
  }
}
