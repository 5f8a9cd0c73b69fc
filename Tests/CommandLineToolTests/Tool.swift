// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The built tool, run as its user runs it.
struct Tool {
  struct Answer {
    var status: Int32
    var output: String
    var errors: String
  }

  /// Beside the test bundle, where the build puts it.
  private static let path: String = {
    let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") }
    let folder = URL(fileURLWithPath: bundle ?? CommandLine.arguments[0])
      .deletingLastPathComponent()
    return folder.appendingPathComponent("dialect").path
  }()

  static func run(_ arguments: String..., input: String = "") throws -> Answer {
    try run(arguments, input: Data(input.utf8))
  }

  /// Runs the tool; a limit, in bytes, is for the memory that it writes to.
  static func run(_ arguments: [String], input: Data, memoryLimit: Int? = nil) throws -> Answer {
    let process = Process()
    if let memoryLimit {
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments =
        ["-c", "ulimit -d \(memoryLimit >> 10); exec \"$0\" \"$@\"", path] + arguments
    } else {
      process.executableURL = URL(fileURLWithPath: path)
      process.arguments = arguments
    }
    // Nothing of a user's is read or left behind.
    process.environment = ProcessInfo.processInfo.environment.merging(["DIALECT_CACHE": "off"]) {
      $1
    }
    let (inPipe, outPipe, errorPipe) = (Pipe(), Pipe(), Pipe())
    process.standardInput = inPipe
    process.standardOutput = outPipe
    process.standardError = errorPipe
    try process.run()
    try inPipe.fileHandleForWriting.write(contentsOf: input)
    try inPipe.fileHandleForWriting.close()
    let output = outPipe.fileHandleForReading.readDataToEndOfFile()
    let errors = errorPipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Answer(
      status: process.terminationStatus, output: String(decoding: output, as: UTF8.self),
      errors: String(decoding: errors, as: UTF8.self))
  }

  /// A folder of files that is there while the body runs.
  static func withFolder<Result>(
    _ name: String, _ files: [String: String], _ body: (String) throws -> Result
  ) throws -> Result {
    let parent = FileManager.default.temporaryDirectory
      .appendingPathComponent("dialect-tests-\(UUID().uuidString)")
    let folder = parent.appendingPathComponent(name)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: parent) }
    for (file, text) in files {
      try Data(text.utf8).write(to: folder.appendingPathComponent(file))
    }
    return try body(folder.path)
  }

  /// A file that is there while the body runs.
  static func withFile<Result>(_ name: String, _ text: String, _ body: (String) throws -> Result)
    throws -> Result
  {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("dialect-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent(name)
    try Data(text.utf8).write(to: file)
    return try body(file.path)
  }
}
