// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

// What every Swift target is held to: text that a user can write must not be able to break us,
// so memory safety is strict and a warning is an error.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
]

let arguments = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")

func library(
  _ name: String, _ dependencies: [Target.Dependency] = [], path: String? = nil
) -> Target {
  .target(name: name, dependencies: dependencies, path: path, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: dependencies + ["TestSupport"], swiftSettings: strict)
}

// The layers, lowest first: a target imports only what stands above it in this list.
let package = Package(
  name: "Dialect",
  products: [
    .library(name: "Dialect", targets: ["Dialect"]),
    .library(name: "DialectTesting", targets: ["DialectTesting"]),
    .library(name: "ChatInference", targets: ["ChatInference"]),
    .executable(name: "dialect", targets: ["CommandLineTool"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    // 0: system libraries and data, behind names of our own
    .target(name: "CProcessor"),
    .systemLibrary(name: "CMalloc"),
    .target(name: "CICU", linkerSettings: [.linkedLibrary("icuuc"), .linkedLibrary("icui18n")]),
    .target(name: "COpenBLAS", linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),
    .target(name: "CHalfPrecision"),
    .systemLibrary(name: "CYAML"),

    // 1: bytes and text without meaning
    library("TextPrimitives"),
    library("BinaryInput"),

    // 2: formats and Unicode
    library("OrderedJSON", ["TextPrimitives"]),
    library("YAMLFormat", ["CYAML"]),
    library("TextNormalization", ["CICU", "TextPrimitives"]),
    library("GGUFFormat", ["BinaryInput", "TextPrimitives"]),

    // 3: the engines
    library(
      "Tokenization", ["CProcessor", "TextNormalization", "BinaryInput", "TextPrimitives"]),
    library("JinjaEngine", ["OrderedJSON", "TextPrimitives"]),
    library(
      "ReferenceTransformer",
      [
        "COpenBLAS", "CHalfPrecision", "OrderedJSON", "GGUFFormat", "BinaryInput",
        "TextPrimitives",
      ]),

    // 4: what files say
    .target(
      name: "VocabularyLibrary", path: "vocab", exclude: ["README.md", "control-tokens.txt"]),
    library(
      "TokenizerFormats",
      [
        "VocabularyLibrary", "Tokenization", "TextNormalization", "OrderedJSON", "GGUFFormat",
        "BinaryInput",
        "TextPrimitives",
      ]),
    library(
      "TokenizerTraining",
      ["Tokenization", "TextNormalization", "OrderedJSON", "BinaryInput", "TextPrimitives"]),
    .target(name: "TinyModelLibrary", path: "models", exclude: ["README.md"]),
    .target(name: "TemplateLibrary", path: "templates", exclude: ["README.md", "schema.json"]),
    library(
      "ChatTemplates",
      ["TemplateLibrary", "JinjaEngine", "OrderedJSON", "BinaryInput", "TextPrimitives"]),

    // 5: prompts become ids
    library(
      "PromptEncoding",
      [
        "TokenizerFormats", "Tokenization", "ChatTemplates", "OrderedJSON", "BinaryInput",
        "TextPrimitives",
      ]),

    // 6: a model answers
    library(
      "ChatInference",
      [
        "PromptEncoding", "ReferenceTransformer", "TinyModelLibrary", "TokenizerFormats",
        "Tokenization", "ChatTemplates", "OrderedJSON", "BinaryInput", "TextPrimitives",
      ]),

    // 6: recordings of prompts, and checks against them
    library(
      "PromptFixtures",
      [
        "Tokenization", "ChatTemplates", "OrderedJSON", "BinaryInput", "TextPrimitives",
        "YAMLFormat",
      ]),

    library(
      "PromptChecks",
      [
        "PromptFixtures", "PromptEncoding", "TokenizerFormats", "Tokenization", "ChatTemplates",
        "JinjaEngine", "OrderedJSON", "BinaryInput", "TextPrimitives",
      ]),

    // 7: faces
    library(
      "Dialect",
      [
        "PromptEncoding", "TokenizerFormats", "ChatTemplates", "Tokenization", "OrderedJSON",
        "TextPrimitives",
      ]),
    library("DialectTesting", ["PromptChecks", "PromptFixtures", "ChatTemplates"]),
    .executableTarget(
      name: "CommandLineTool",
      dependencies: [
        "CMalloc", "Dialect", "PromptChecks", "PromptFixtures", "ChatInference",
        "ReferenceTransformer",
        "PromptEncoding", "TokenizerFormats",
        "TokenizerTraining", "ChatTemplates",
        "JinjaEngine", "Tokenization", "TextNormalization", "OrderedJSON", "BinaryInput",
        "TextPrimitives", arguments,
      ],
      swiftSettings: strict),

    // Tests
    .target(
      name: "TestSupport", dependencies: ["OrderedJSON", "BinaryInput", "TextPrimitives"],
      path: "Tests/TestSupport", swiftSettings: strict),
    tests("TextPrimitivesTests", ["TextPrimitives"]),
    tests("BinaryInputTests", ["BinaryInput"]),
    tests("OrderedJSONTests", ["OrderedJSON", "TextPrimitives"]),
    tests(
      "TextNormalizationTests",
      ["TextNormalization", "OrderedJSON", "BinaryInput", "TextPrimitives"]),
    tests("GGUFFormatTests", ["GGUFFormat", "BinaryInput", "TextPrimitives"]),
    tests(
      "TokenizationTests",
      ["Tokenization", "TextNormalization", "OrderedJSON", "TextPrimitives"]),
    tests("JinjaEngineTests", ["JinjaEngine", "OrderedJSON", "TextPrimitives"]),
    tests(
      "ReferenceTransformerTests",
      [
        "ReferenceTransformer", "CHalfPrecision", "OrderedJSON", "BinaryInput", "TextPrimitives",
      ]),
    tests(
      "TokenizerFormatsTests",
      [
        "TokenizerFormats", "Tokenization", "TextNormalization", "OrderedJSON", "BinaryInput",
        "TextPrimitives",
      ]),
    tests(
      "TokenizerTrainingTests",
      ["TokenizerTraining", "OrderedJSON", "BinaryInput", "TextPrimitives"]),
    tests(
      "ChatTemplatesTests",
      ["ChatTemplates", "JinjaEngine", "OrderedJSON", "TextPrimitives", "YAMLFormat"]),
    tests(
      "PromptEncodingTests",
      [
        "PromptEncoding", "ChatTemplates", "TokenizerFormats", "Tokenization",
        "TextNormalization", "OrderedJSON",
      ]),
    tests(
      "PromptFixturesTests",
      ["PromptFixtures", "OrderedJSON", "BinaryInput", "TextPrimitives"]),
    tests(
      "PromptChecksTests",
      [
        "PromptChecks", "PromptFixtures", "TokenizerFormats", "Tokenization", "ChatTemplates",
        "OrderedJSON", "BinaryInput", "TextPrimitives",
      ]),
    // What Examples shows, built here so that it is not built twice.
    .testTarget(
      name: "ExampleTests", dependencies: ["Dialect", "DialectTesting"],
      path: "Examples/PromptTests/Tests/PromptTests", exclude: ["Prompts"], swiftSettings: strict),
    tests(
      "ChatInferenceTests",
      [
        "ChatInference", "ReferenceTransformer", "PromptEncoding", "ChatTemplates", "Tokenization",
        "OrderedJSON", "TextPrimitives",
      ]),
    tests("CommandLineToolTests", ["Dialect", "OrderedJSON"]),
  ]
)
