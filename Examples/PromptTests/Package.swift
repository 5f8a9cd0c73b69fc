// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

let package = Package(
  name: "PromptTests",
  dependencies: [.package(name: "Dialect", path: "../..")],
  targets: [
    .testTarget(
      name: "PromptTests",
      dependencies: [
        .product(name: "Dialect", package: "Dialect"),
        .product(name: "DialectTesting", package: "Dialect"),
      ],
      exclude: ["Prompts"])
  ]
)
