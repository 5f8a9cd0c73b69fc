// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Synchronization

/// Work on several cores.
package enum Parallel {
  /// Both results; the second body may wait for what the first one does, which runs before it or
  /// at the same time.
  package static func both<First: Sendable, Second: Sendable>(
    _ first: @Sendable () -> First, whileFirst second: @Sendable () -> Second
  ) -> (First, Second) {
    let results = Mutex<(first: First?, second: Second?)>((nil, nil))
    DispatchQueue.concurrentPerform(iterations: 2) { index in
      if index == 0 {
        let result = first()
        results.withLock { $0.first = result }
      } else {
        let result = second()
        results.withLock { $0.second = result }
      }
    }
    return results.withLock { results in
      guard let first = results.first, let second = results.second else {
        preconditionFailure("both have run")
      }
      return (first, second)
    }
  }

  /// Ranges of up to so many elements that together are all of them, at most eight of a size that
  /// is worth a thread.
  package static func chunks(_ count: Int) -> [Range<Int>] {
    let size = max(1 << 14, (count + 7) / 8)
    return stride(from: 0, to: count, by: size).map { $0..<min($0 + size, count) }
  }

  /// The results of `body` for every element, in the order of the elements.
  ///
  /// Elements are handed out in order, a chunk at a time, to `threads` workers, or to one for each
  /// core.
  ///
  /// - Throws: What `body` throws for the first element of all for which it does.
  package static func map<Element: Sendable, Output: Sendable, Failure: Error>(
    _ elements: [Element], threads: Int? = nil,
    _ body: @Sendable (Element) throws(Failure) -> Output
  ) throws(Failure) -> [Output] {
    try map(elements, threads: threads, with: {}) { element, _ throws(Failure) in
      try body(element)
    }
  }

  /// The same, where every worker has something of its own.
  static func map<Element: Sendable, Output: Sendable, Tool, Failure: Error>(
    _ elements: [Element], threads: Int? = nil, with make: @Sendable () -> Tool,
    _ body: @Sendable (Element, Tool) throws(Failure) -> Output
  ) throws(Failure) -> [Output] {
    let chunkSize = max(1, min(256, elements.count / 16))
    let chunkCount = (elements.count + chunkSize - 1) / chunkSize
    guard chunkCount > 1, threads != 1 else {
      let tool = make()
      return try elements.map { element throws(Failure) in try body(element, tool) }
    }
    let next = Atomic(0)
    let chunks = Mutex([Result<[Output], Failure>](repeating: .success([]), count: chunkCount))
    DispatchQueue.concurrentPerform(iterations: min(threads ?? chunkCount, chunkCount)) { _ in
      let tool = make()
      while true {
        let index = next.add(1, ordering: .relaxed).oldValue
        guard index < chunkCount else { return }
        let start = index * chunkSize
        let chunk = elements[start..<min(start + chunkSize, elements.count)]
        let output = Result { () throws(Failure) in
          try chunk.map { element throws(Failure) in try body(element, tool) }
        }
        chunks.withLock { $0[index] = output }
      }
    }
    var all: [Output] = []
    all.reserveCapacity(elements.count)
    for chunk in chunks.withLock(\.self) { all += try chunk.get() }
    return all
  }
}
