// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import OrderedJSON
import PromptChecks
import PromptFixtures
import TextPrimitives

/// `dialect check`: fixture files against what comes out now.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Compares recorded prompts with what comes out now.",
    discussion: """
      Every case of the fixture files, or of all fixture files in the folders, gives a line; what \
      differs follows it. The last line counts them. Exit status 1 tells that something differs, 3 \
      that a file is damaged.

        dialect check Tests/Prompts
        dialect check Tests/Prompts --update
        dialect check Tests/Prompts --filter llama --junit report.xml

      Documentation/Fixtures.md describes the files. With --laws, a template is held against what \
      must hold of every template, on the conversations of the paths or on made-up ones; a law that \
      is broken shows the smallest conversation found that breaks it.

        dialect check --laws --family qwen3
        dialect check --laws --jinja chat_template.jinja --seed 7 --count 1000
      """)

  @Argument(
    help: ArgumentHelp(
      "Fixture files, or folders of them; with --laws, conversations.", valueName: "path"))
  var paths: [String] = []

  @Flag(help: "Check the laws of a template.")
  var laws = false

  @OptionGroup(title: "Template, for the laws") var template: TemplateOptions

  @OptionGroup(title: "Conversations, for the laws") var format: FormatOptions

  @Option(help: "What the made-up conversations follow from.")
  var seed: UInt64 = 1

  @Option(help: "How many conversations are made up.")
  var count = 300

  @Flag(help: "Record what comes out now, and show what changed.")
  var update = false

  @Option(
    help: ArgumentHelp("Run only cases in whose 'file: name' this stands.", valueName: "text"))
  var filter: String?

  @Option(help: ArgumentHelp("Write JUnit's XML as well.", valueName: "file"))
  var junit: String?

  @Flag(help: "Write GitHub's annotations as well.")
  var github = false

  @Flag(help: "Write a JSON object a case, and one that counts them.")
  var json = false

  @Flag(help: "Leave out the lines of cases that pass.")
  var quiet = false

  @Option(help: "Colour the differences: auto, always or never.")
  var color: ColorChoice = .auto

  func validate() throws {
    guard laws || !paths.isEmpty else { throw ValidationError("name fixture files or folders") }
    guard laws || !template.isGiven else {
      throw ValidationError("fixtures name their templates; --family and its like go with --laws")
    }
  }

  func run() throws {
    ProcessMemory.keepFreed()
    if laws { return try checkLaws() }
    var runner = CheckRunner()
    runner.updates = update
    runner.filter = filter
    runner.program = "dialect \(DialectCommand.version)"
    var report = JUnitReport()
    let summary = runner.run(paths) { verdict in
      if junit != nil { report.add(verdict) }
      write(verdict)
    }
    for error in summary.errors {
      if github { Console.write(GitHubAnnotation.line(error) + "\n") }
      Console.complain("\(error)")
    }
    guard summary.passed + summary.failed + summary.recorded > 0 else {
      let wanted = filter.map { "case with '\($0)' in its 'file: name'" } ?? "fixture"
      throw ToolError(.loading, "\(paths.joined(separator: ", ")): there is no \(wanted)")
    }
    if let junit { try OutputFile.write(Array(report.xml.utf8), to: junit) }
    write(summary)
    if !summary.errors.isEmpty { Glibc.exit(ToolError.Status.loading.rawValue) }
    if summary.failed > 0 { Glibc.exit(ToolError.Status.input.rawValue) }
  }

  private func write(_ verdict: CaseVerdict) {
    if json {
      return Console.write(JSONValue.object(verdict.json).serialized() + "\n")
    }
    if github, let line = GitHubAnnotation.line(verdict) { Console.write(line + "\n") }
    let name = VisibleName.of(verdict.name)
    switch verdict.outcome {
    case .passed:
      if !quiet { Console.write("ok    \(verdict.file): \(name)\n") }
    case .recorded:
      Console.write("new   \(verdict.file):\(verdict.line): \(name)\n")
      Console.write(verdict.report(isColored: color.isOn))
    case .failed:
      Console.write("FAIL  \(verdict.file):\(verdict.line): \(name)\n")
      Console.write(verdict.report(isColored: color.isOn))
    }
  }

  private func write(_ summary: CheckRunner.Summary) {
    if json {
      let counts: JSONObject = [
        "passed": .integer(summary.passed), "failed": .integer(summary.failed),
        "recorded": .integer(summary.recorded),
      ]
      return Console.write(JSONValue.object(counts).serialized() + "\n")
    }
    if update { Console.write("\(summary.recorded) recorded\n") }
    Console.write("\(summary.passed) passed, \(summary.failed) failed\n")
  }
}

/// A case's name on one line.
enum VisibleName {
  static func of(_ name: String) -> String {
    name.unicodeScalars.contains { $0.value < 0x20 } ? VisibleText.of(Array(name.utf8)) : name
  }
}
