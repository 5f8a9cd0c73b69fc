// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Glibc
import Synchronization

/// Threads that do the parts of one piece of work after the other, for one session.
///
/// The pass of a token is some hundred pieces of a few microseconds each. So the threads stay, and
/// look for the next piece for a while before they sleep. Parts go to whoever comes for one: a
/// thread that the system has put aside keeps nobody waiting for more than the part it has begun.
/// How work is cut depends on its size and the number of threads alone.
final class ThreadTeam: Sendable {
  /// Work of fewer multiplications than this costs less than telling others of it.
  private static let smallest = 1 << 15

  /// The caller's thread and its helpers.
  let threadCount: Int
  private let queue = PartQueue()
  private let helpers: [Helper]

  /// - Parameter threadCount: At least 1, which makes no helpers.
  init(threadCount: Int) {
    self.threadCount = threadCount
    let queue = queue
    helpers = (1..<threadCount).map { Helper(thread: $0, queue: queue) }
    for helper in helpers {
      DispatchQueue(label: "transformer-\(helper.thread)").async { helper.run() }
    }
  }

  deinit {
    queue.close()
    for helper in helpers { helper.wake() }
  }

  /// How many parts some rows are cut into; one where there is one thread.
  func partCount(rows: Int, perThread: Int) -> Int {
    threadCount == 1 ? 1 : max(1, min(rows, perThread * threadCount))
  }

  /// Does all parts, the last first, and returns when they are done.
  ///
  /// - Parameters:
  ///   - parts: How many.
  ///   - cost: About how many multiplications they are together.
  ///   - body: Takes the part's number and that of its thread. Several threads call it at once, so
  ///     what it writes must be the part's own; this is what makes a call unsafe.
  @unsafe func perform(parts: Int, cost: Int, _ body: (_ part: Int, _ thread: Int) -> Void) {
    guard threadCount > 1, parts > 1, cost >= Self.smallest else {
      for part in (0..<parts).reversed() { body(part, 0) }
      return
    }
    withoutActuallyEscaping(body) { body in
      unsafe withUnsafePointer(to: PartBody(call: body)) { pointer in
        // SAFETY: the pointer is read by those who hold a part, and all parts are done when
        // this returns.
        unsafe queue.open(parts: parts, pointer)
        for helper in helpers { helper.wake() }
        while queue.doPart(thread: 0) {}
        queue.waitForOthers(parts: parts)
      }
    }
  }

  /// Parts that write places of one array: all of it is handed to each part, which writes places
  /// that are its own.
  @unsafe func perform(
    parts: Int, cost: Int, writing array: inout [Float],
    _ body: (_ part: Int, _ array: inout MutableSpan<Float>) -> Void
  ) {
    unsafe array.withUnsafeMutableBufferPointer { buffer in
      let buffer = unsafe buffer
      unsafe perform(parts: parts, cost: cost) { part, _ in
        var whole = unsafe buffer.mutableSpan
        body(part, &whole)
      }
    }
  }

  /// Parts that write places of one array, and have room for what they need in between: each thread
  /// has a share of `scratch`, all of it divided by `threadCount`.
  @unsafe func perform(
    parts: Int, cost: Int, writing array: inout [Float], scratch: inout [Float],
    _ body: (
      _ part: Int, _ array: inout MutableSpan<Float>, _ share: inout MutableSpan<Float>
    ) -> Void
  ) {
    let size = scratch.count / threadCount
    unsafe scratch.withUnsafeMutableBufferPointer { room in
      unsafe array.withUnsafeMutableBufferPointer { buffer in
        let (room, buffer) = unsafe (room, buffer)
        unsafe perform(parts: parts, cost: cost) { part, thread in
          var whole = unsafe buffer.mutableSpan
          var share = unsafe room.extracting(thread * size..<(thread + 1) * size).mutableSpan
          body(part, &whole, &share)
        }
      }
    }
  }

  /// Cuts the first rows of an array of shape `(rows, rowSize)` among the threads; the body takes
  /// some rows and their numbers.
  func divide(
    _ array: inout [Float], rows: Int, rowSize: Int,
    _ body: @Sendable (_ rows: Range<Int>, _ numbers: inout MutableSpan<Float>) -> Void
  ) {
    precondition(rows * rowSize <= array.count, "the rows lie inside")
    let parts = partCount(rows: rows, perThread: 2)
    unsafe array.withUnsafeMutableBufferPointer { buffer in
      let buffer = unsafe buffer
      // SAFETY: the parts have different rows.
      unsafe perform(parts: parts, cost: rows * rowSize) { part, _ in
        let rows = Self.share(part, of: parts, rows)
        var numbers = unsafe buffer.extracting(
          rows.lowerBound * rowSize..<rows.upperBound * rowSize
        ).mutableSpan
        body(rows, &numbers)
      }
    }
  }

  /// The rows of a part.
  static func share(_ part: Int, of parts: Int, _ rows: Int) -> Range<Int> {
    part * rows / parts..<(part + 1) * rows / parts
  }
}

/// What is done for each part.
private struct PartBody {
  let call: (_ part: Int, _ thread: Int) -> Void
}

/// The parts of the present work that nobody has begun.
private final class PartQueue: Sendable {
  /// The work's number in the upper half, so that a part of an earlier one is not taken by mistake,
  /// and in the lower how many parts nobody has begun.
  private let state = Atomic<UInt64>(0)
  private let finished = Atomic(0)
  /// The address of the work's `PartBody`, which lives while the work is under way.
  private let body = Atomic<UInt>(0)
  private let closed = Atomic(false)

  var hasParts: Bool {
    UInt32(truncatingIfNeeded: state.load(ordering: .sequentiallyConsistent)) > 0
  }
  var isClosed: Bool { closed.load(ordering: .sequentiallyConsistent) }

  /// Begins work; none may be under way.
  @unsafe func open(parts: Int, _ pointer: UnsafePointer<PartBody>) {
    body.store(UInt(bitPattern: pointer), ordering: .relaxed)
    finished.store(0, ordering: .relaxed)
    let number = state.load(ordering: .relaxed) >> 32 &+ 1
    state.store(number << 32 | UInt64(parts), ordering: .sequentiallyConsistent)
  }

  func close() {
    closed.store(true, ordering: .sequentiallyConsistent)
  }

  /// Does one part; false where nobody is needed.
  func doPart(thread: Int) -> Bool {
    var seen = state.load(ordering: .acquiring)
    while UInt32(truncatingIfNeeded: seen) > 0 {
      let (exchanged, original) = state.weakCompareExchange(
        expected: seen, desired: seen - 1, ordering: .acquiringAndReleasing)
      guard exchanged else {
        seen = original
        continue
      }
      // SAFETY: the work waits for this part, and so its body is there.
      let part = Int(UInt32(truncatingIfNeeded: seen)) - 1
      let address = body.load(ordering: .relaxed)
      unsafe UnsafePointer<PartBody>(bitPattern: address)?.pointee.call(part, thread)
      finished.add(1, ordering: .acquiringAndReleasing)
      return true
    }
    return false
  }

  /// Waits for the parts that others have begun.
  func waitForOthers(parts: Int) {
    while finished.load(ordering: .acquiring) < parts { sched_yield() }
  }
}

/// One of the threads beside the caller's.
private final class Helper: Sendable {
  /// How often it looks for work before it sleeps: some hundred microseconds.
  private static let patience = 1000

  let thread: Int
  private let queue: PartQueue
  private let sleeps = Atomic(false)
  private let signal = DispatchSemaphore(value: 0)

  init(thread: Int, queue: PartQueue) {
    self.thread = thread
    self.queue = queue
  }

  func run() {
    while !queue.isClosed {
      var looks = 0
      while looks < Self.patience {
        if queue.doPart(thread: thread) {
          looks = 0
        } else {
          looks += 1
          sched_yield()
        }
      }
      sleep()
    }
  }

  /// Sleeps until there is work, if there is none now.
  private func sleep() {
    sleeps.store(true, ordering: .sequentiallyConsistent)
    let isNeeded = queue.hasParts || queue.isClosed
    // Whoever takes the note back decides: this thread, or the one that then signals.
    if isNeeded, sleeps.exchange(false, ordering: .sequentiallyConsistent) { return }
    signal.wait()
  }

  func wake() {
    guard sleeps.load(ordering: .sequentiallyConsistent),
      sleeps.exchange(false, ordering: .sequentiallyConsistent)
    else { return }
    signal.signal()
  }
}
