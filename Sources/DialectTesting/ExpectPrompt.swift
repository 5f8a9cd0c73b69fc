// SPDX-License-Identifier: Apache-2.0

public import ChatTemplates
import Glibc
import PromptChecks
@_exported public import PromptFixtures

/// Expects that a conversation becomes the prompt on record.
///
/// The record is a fixture file of one case beside the test, which `dialect check` reads too. Where
/// there is none yet, it is written, and the test fails once to say so; with `DIALECT_RECORD=1` in
/// the environment, every difference is recorded so. The clock stands at 2026-01-15 unless the
/// options have another. Works in Swift Testing and in XCTest.
///
/// ```swift
/// @Test func greeting() {
///   expectPrompt(
///     Conversation([Message(.user, "Hello")]), template: .family("llama-3"),
///     options: .init(addGenerationPrompt: true), matches: "Prompts/greeting.yaml")
/// }
/// ```
///
/// - Parameters:
///   - conversation: What is rendered.
///   - template: What renders it; paths start from the test's folder.
///   - tokenizer: What encodes it; without one, only the text is compared.
///   - options: How it is rendered.
///   - fixture: The record's path, from the test's folder.
///   - fileID: Where the test stands; the compiler fills it in, as the next three.
///   - filePath: The test's source, from whose folder paths start.
///   - line: The line of the call.
///   - column: The column of the call.
public func expectPrompt(
  _ conversation: Conversation, template: TemplateReference,
  tokenizer: TokenizerReference? = nil, options: RenderOptions = RenderOptions(),
  matches fixture: String, fileID: StaticString = #fileID, filePath: StaticString = #filePath,
  line: UInt = #line, column: UInt = #column
) {
  let place = TestPlace(fileID: fileID, filePath: filePath, line: line, column: column)
  let snapshot = PromptSnapshot(
    conversation: conversation, template: template, tokenizer: tokenizer, options: options,
    path: "\(place.folder)/\(fixture)", depth: fixture.split(separator: "/").count - 1)
  if let failure = snapshot.failure(isRecording: isRecording) { place.fail(failure) }
}

/// Expects that all cases of fixture files are as recorded; each that is not is a failure of its own.
///
/// ```swift
/// @Test func prompts() { expectFixtures("Prompts") }
/// ```
///
/// - Parameters:
///   - path: A fixture file, or a folder of them, from the test's folder.
///   - fileID: Where the test stands; the compiler fills it in, as the next three.
///   - filePath: The test's source, from whose folder paths start.
///   - line: The line of the call.
///   - column: The column of the call.
public func expectFixtures(
  _ path: String, fileID: StaticString = #fileID, filePath: StaticString = #filePath,
  line: UInt = #line, column: UInt = #column
) {
  let place = TestPlace(fileID: fileID, filePath: filePath, line: line, column: column)
  var runner = CheckRunner()
  runner.updates = isRecording
  runner.program = "DialectTesting"
  var count = 0
  let summary = runner.run(["\(place.folder)/\(path)"]) { verdict in
    count += 1
    guard verdict.outcome != .passed else { return }
    let end = verdict.outcome == .recorded ? "recorded; run again without DIALECT_RECORD\n" : ""
    place.fail(
      "\(verdict.file):\(verdict.line): \(verdict.name)\n\(verdict.report(isColored: false))\(end)")
  }
  for error in summary.errors { place.fail("\(error)") }
  if count == 0, summary.errors.isEmpty { place.fail("\(path) holds no fixtures") }
}

/// Whether differences become the record.
private let isRecording: Bool = {
  // SAFETY: the variable is copied before anything else may change the environment.
  guard let value = unsafe getenv("DIALECT_RECORD") else { return false }
  return unsafe String(cString: value) == "1"
}()
