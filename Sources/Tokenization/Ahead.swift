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
    DispatchQueue.global(qos: .userInitiated).async { self.doWork() }
  }

  /// Does the work, unless somebody has taken it.
  private func doWork() {
    let work = work.withLock { work in
      defer { work = nil }
      return work
    }
    guard let work else { return }
    let result = work()
    finished.withLock { $0 = result }
    isFinished.signal()
  }

  /// The result, which may take as long as the work.
  package func result() -> Result {
    doWork()
    isFinished.wait()
    // Whoever waits after us goes on, too.
    isFinished.signal()
    guard let result = finished.withLock(\.self) else {
      preconditionFailure("finished work has a result")
    }
    return result
  }
}
