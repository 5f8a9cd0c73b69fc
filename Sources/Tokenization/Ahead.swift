// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Synchronization

/// Work that another core may do ahead of time; whoever needs its result does it where none has begun.
///
/// ```swift
/// let vocabulary = Ahead { makeVocabulary(entries) }
/// let rules = readRules()
/// return Model(vocabulary.result(), rules)
/// ```
package final class Ahead<Result: Sendable>: Sendable {
  /// The work, until somebody takes it.
  private let work: Mutex<(@Sendable () -> Result)?>
  private let finished = Mutex<Result?>(nil)
  private let isFinished = DispatchSemaphore(value: 0)

  /// Hands the work out.
  package init(_ work: @escaping @Sendable () -> Result) {
    self.work = Mutex(work)
    DispatchQueue.global(qos: .userInitiated).async {
      guard let work = self.take() else { return }
      let result = work()
      self.finished.withLock { $0 = result }
      self.isFinished.signal()
    }
  }

  private func take() -> (@Sendable () -> Result)? {
    work.withLock { work in
      defer { work = nil }
      return work
    }
  }

  /// The result, which is handed out once.
  package consuming func result() -> Result {
    if let work = take() { return work() }
    isFinished.wait()
    return finished.withLock { result in
      guard let result = result.take() else { preconditionFailure("a result is handed out once") }
      return result
    }
  }
}
