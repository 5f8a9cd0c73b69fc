// SPDX-License-Identifier: Apache-2.0

import Benchmark
import Glibc

/// Work that is measured, and how many bytes it is about.
struct Work {
  /// What is timed.
  typealias Pass = () throws -> Void

  let byteCount: Int
  /// Makes a pass ready, outside the measurement.
  let prepare: () throws -> Pass

  /// Work whose passes are alike.
  init(bytes byteCount: Int, pass: @escaping Pass) {
    self.init(byteCount: byteCount, prepare: { pass })
  }

  /// Work of which each pass starts anew.
  init(byteCount: Int, prepare: @escaping () throws -> Pass) {
    self.byteCount = byteCount
    self.prepare = prepare
  }
}

/// A result that is wrong, so that there is nothing to measure.
struct WrongResult: Error {
  let what: String

  /// Checks something before it is measured.
  static func unless(_ isRight: Bool, _ what: String) throws {
    guard isRight else { throw WrongResult(what: what) }
  }
}

extension Benchmark {
  /// Adds a benchmark.
  ///
  /// - Parameters:
  ///   - name: Its name, without spaces.
  ///   - teardown: What is done after the last pass.
  ///   - setup: Makes the work, before the first pass.
  static func add(
    _ name: String, teardown: @escaping @Sendable () throws -> Void = {},
    setup: @escaping @Sendable () throws -> Work
  ) {
    Benchmark(
      name,
      configuration: .init(
        // Instructions show up where the machine counts them; virtual ones mostly do not.
        metrics: [Cost.metric, .wallClock, .instructions],
        units: [Cost.metric: .count],
        maxDuration: .seconds(2),
        // Two and a half times the recorded cost is a failure: load alone was seen to bring 1.7.
        // What has become better is none, since nothing is better by more than 100 %.
        thresholds: [Cost.metric: BenchmarkThresholds(relative: [.p90: 150])]),
      closure: { (benchmark: Benchmark, work: Work) in
        let cost = orExit(name) { try Cost.measure(work, for: benchmark) }
        benchmark.measurement(Cost.metric, cost)
      },
      setup: { orExit(name, setup) },
      teardown: { orExit(name, teardown) })
  }
}

/// Ends the process where something fails.
///
/// An error that the benchmark package is told of is printed, and the check of thresholds passes; a
/// process that fails is a failure.
private func orExit<Value>(_ name: String, _ body: () throws -> Value) -> Value {
  do {
    return try body()
  } catch {
    print("\(name): \(error)")
    exit(1)
  }
}
