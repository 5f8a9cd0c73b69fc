// SPDX-License-Identifier: Apache-2.0

import Benchmark

/// What the benchmark package runs.
///
/// A benchmark's name is part of its threshold's file name: it has neither spaces nor slashes.
let benchmarks: @Sendable () -> Void = {
  encodingBenchmarks()
  decodingBenchmarks()
  templateBenchmarks()
  loadingBenchmarks()
}
