// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Synchronization

/// Work on several cores.
package enum Parallel {
  /// The results of `body` for every element, in the order of the elements.
  ///
  /// Elements are handed out in order, a chunk at a time, to `threads` workers, or to one for each
  /// core.
  package static func map<Element: Sendable, Output: Sendable>(
    _ elements: [Element], threads: Int? = nil, _ body: @Sendable (Element) -> Output
  ) -> [Output] {
    let chunkSize = max(1, min(256, elements.count / 16))
    let chunkCount = (elements.count + chunkSize - 1) / chunkSize
    guard chunkCount > 1, threads != 1 else { return elements.map(body) }
    let next = Atomic(0)
    let chunks = Mutex<[Int: [Output]]>([:])
    DispatchQueue.concurrentPerform(iterations: min(threads ?? chunkCount, chunkCount)) { _ in
      while true {
        let index = next.add(1, ordering: .relaxed).oldValue
        guard index < chunkCount else { return }
        let start = index * chunkSize
        let output = elements[start..<min(start + chunkSize, elements.count)].map(body)
        chunks.withLock { $0[index] = output }
      }
    }
    return chunks.withLock { chunks in (0..<chunkCount).flatMap { chunks[$0] ?? [] } }
  }
}
