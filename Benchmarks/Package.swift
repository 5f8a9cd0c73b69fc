// swift-tools-version: 6.3
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

// Apart from the library, so that nobody who depends on it fetches what only measuring needs.
let package = Package(
  name: "DialectBenchmarks",
  dependencies: [
    .package(name: "Dialect", path: ".."),
    // Without traits it needs no allocator of its own; allocations are not counted.
    .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
  ],
  targets: [
    // The plugin takes for benchmarks what lies in a folder named Benchmarks.
    .executableTarget(
      name: "MicroBenchmarks",
      dependencies: [
        .product(name: "Dialect", package: "Dialect"),
        .product(name: "Benchmark", package: "benchmark"),
      ],
      path: "MicroBenchmarks",
      swiftSettings: [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .strictMemorySafety(),
        .treatAllWarnings(as: .error),
      ],
      plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")])
  ]
)
