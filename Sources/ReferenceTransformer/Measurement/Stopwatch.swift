// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Which seconds a measurement counts.
package enum Stopwatch: Sendable {
  /// Those that pass.
  case wall
  /// Those in which this thread has a processor: what other programs take does not count, and
  /// neither does what other threads of this one do.
  case processor

  /// The seconds that a body takes.
  package func seconds<Failure: Error>(_ body: () throws(Failure) -> Void) throws(Failure)
    -> Double
  {
    let start = now
    try body()
    return now - start
  }

  private var now: Double {
    var time = timespec()
    let clock = self == .wall ? CLOCK_MONOTONIC : CLOCK_THREAD_CPUTIME_ID
    // SAFETY: the pointer is to a local value that lives through the call.
    unsafe clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
