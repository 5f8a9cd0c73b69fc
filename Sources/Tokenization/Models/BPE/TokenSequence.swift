// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

/// The tokens in the order in which merging makes them, written by one thread while another reads.
///
/// The writer finds out which token comes next (``RuleOrder``); the reader builds what needs the
/// tokens and their order alone (``TokenTables``).
final class TokenSequence: Sendable {
  /// How many tokens are written before the reader is told of them.
  static let batch = 1 << 10

  /// For each order its token.
  let ids: WorkBuffer<TokenID>
  /// For each order its parts, left in the upper half.
  let splits: WorkBuffer<UInt64>
  /// How many tokens there are for the reader.
  private let count = Atomic(0)
  /// How many of them no rule makes; -1 until that is known.
  private let baseCount = Atomic(-1)
  private let isClosed = Atomic(false)

  /// A sequence that will have so many tokens at most.
  init(capacity: Int) {
    ids = WorkBuffer(count: max(capacity, 1))
    splits = WorkBuffer(count: max(capacity, 1))
  }

  // MARK: The writer

  /// Tells the reader of the first `count` tokens, now and then.
  @inline(__always)
  func publish(_ count: Int) {
    if count % Self.batch == 0 { self.count.store(count, ordering: .releasing) }
  }

  /// Tells that only rules' tokens follow.
  func beginRules(after count: Int) {
    baseCount.store(count, ordering: .releasing)
  }

  /// Tells that no token follows.
  func close(_ count: Int) {
    self.count.store(count, ordering: .releasing)
    isClosed.store(true, ordering: .releasing)
  }

  // MARK: The reader

  /// Calls the body with one range of tokens after the other, until the writer has closed the
  /// sequence.
  func forEachBatch(_ body: (_ batch: Range<Int>, _ baseCount: Int) -> Void) {
    var done = 0
    while true {
      let isClosed = isClosed.load(ordering: .acquiring)
      let (count, base) = (
        count.load(ordering: .acquiring), baseCount.load(ordering: .acquiring)
      )
      // Whether a rule makes a token must be known.
      let end = base < 0 ? 0 : count
      if end > done {
        body(done..<end, base)
        done = end
      } else if isClosed {
        return
      } else {
        sched_yield()
      }
    }
  }
}
