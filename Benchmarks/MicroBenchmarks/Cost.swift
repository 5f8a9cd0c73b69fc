// SPDX-License-Identifier: Apache-2.0

import Benchmark
import Glibc

/// How long work takes a byte, in percent of what a byte of a plain hash takes on the same machine in
/// the same moment.
///
/// A ratio holds on other machines, of which some are three times as fast, and on busy ones. It is
/// of processor time, of all threads, so that waiting for a processor does not count.
enum Cost {
  static let metric = BenchmarkMetric.custom(
    "cost", polarity: .prefersSmaller, useScalingFactor: false)

  /// Of as many passes the best one counts.
  private static let rounds = 5
  /// What is hashed, 256 kB.
  private static let yardstick = [UInt8](repeating: 0x61, count: 1 << 18)

  /// Does some work several times, its clock running for the work alone.
  ///
  /// - Returns: The cost.
  /// - Throws: What the work throws.
  static func measure(_ work: Work, for benchmark: Benchmark) throws -> Int {
    var workTime = Int.max
    var yardstickTime = Int.max
    for _ in 0..<rounds {
      let pass = try work.prepare()
      benchmark.startMeasurement()
      workTime = min(workTime, try processorTime(pass))
      benchmark.stopMeasurement()
      yardstickTime = min(yardstickTime, processorTime { blackHole(hash(yardstick)) })
    }
    let workRate = Double(workTime) / Double(work.byteCount)
    let yardstickRate = Double(yardstickTime) / Double(yardstick.count)
    return Int((100 * workRate / yardstickRate).rounded())
  }

  /// FNV-1a of every fourth byte, from four starts at once.
  ///
  /// Alone, one hash would wait for its multiplications, and so not be slowed by what else shares
  /// the processor's core; four keep it as busy as the work does.
  @inline(never) private static func hash(_ bytes: [UInt8]) -> UInt64 {
    var hashes: (UInt64, UInt64, UInt64, UInt64) = (1, 2, 3, 4)
    var index = 0
    while index + 4 <= bytes.count {
      hashes.0 = (hashes.0 ^ UInt64(bytes[index])) &* 0x100_0000_01b3
      hashes.1 = (hashes.1 ^ UInt64(bytes[index + 1])) &* 0x100_0000_01b3
      hashes.2 = (hashes.2 ^ UInt64(bytes[index + 2])) &* 0x100_0000_01b3
      hashes.3 = (hashes.3 ^ UInt64(bytes[index + 3])) &* 0x100_0000_01b3
      index += 4
    }
    return hashes.0 ^ hashes.1 ^ hashes.2 ^ hashes.3
  }

  /// The processor time of a call, in nanoseconds.
  private static func processorTime(_ body: () throws -> Void) rethrows -> Int {
    func now() -> Int {
      var time = timespec()
      unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
      return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
    let start = now()
    try body()
    return now() - start
  }
}
