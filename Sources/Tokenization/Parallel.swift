// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Synchronization

/// Work on all cores.
enum Parallel {
  /// The results of `body` for every element, in the order of the elements.
  static func map<Element: Sendable, Output: Sendable>(
    _ elements: [Element], _ body: @Sendable (Element) -> Output
  ) -> [Output] {
    let chunkSize = max(1, min(256, elements.count / 16))
    let chunkCount = (elements.count + chunkSize - 1) / chunkSize
    guard chunkCount > 1 else { return elements.map(body) }
    let chunks = Mutex<[Int: [Output]]>([:])
    DispatchQueue.concurrentPerform(iterations: chunkCount) { index in
      let start = index * chunkSize
      let output = elements[start..<min(start + chunkSize, elements.count)].map(body)
      chunks.withLock { $0[index] = output }
    }
    return chunks.withLock { chunks in (0..<chunkCount).flatMap { chunks[$0] ?? [] } }
  }
}
