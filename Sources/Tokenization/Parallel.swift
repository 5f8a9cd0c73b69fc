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
    map(elements, threads: threads, with: {}, finally: { _ in }) { element, _ in body(element) }
  }

  /// The same, where every worker has something of its own.
  static func map<Element: Sendable, Output: Sendable, Tool>(
    _ elements: [Element], threads: Int? = nil, with make: @Sendable () -> Tool,
    finally: @Sendable (Tool) -> Void, _ body: @Sendable (Element, Tool) -> Output
  ) -> [Output] {
    let chunkSize = max(1, min(256, elements.count / 16))
    let chunkCount = (elements.count + chunkSize - 1) / chunkSize
    guard chunkCount > 1, threads != 1 else {
      let tool = make()
      defer { finally(tool) }
      return elements.map { body($0, tool) }
    }
    let next = Atomic(0)
    let chunks = Mutex([[Output]](repeating: [], count: chunkCount))
    DispatchQueue.concurrentPerform(iterations: min(threads ?? chunkCount, chunkCount)) { _ in
      let tool = make()
      defer { finally(tool) }
      while true {
        let index = next.add(1, ordering: .relaxed).oldValue
        guard index < chunkCount else { return }
        let start = index * chunkSize
        let output = elements[start..<min(start + chunkSize, elements.count)]
          .map { body($0, tool) }
        chunks.withLock { $0[index] = output }
      }
    }
    return chunks.withLock { Array($0.joined()) }
  }
}
