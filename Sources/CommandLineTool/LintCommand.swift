// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ChatTemplates
import Glibc
import OrderedJSON
import PromptChecks
import TextPrimitives

/// `dialect lint`: what is likely wrong with a template.
struct LintCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lint",
    abstract: "Finds what is likely wrong with a template, with its tokenizer at hand.",
    discussion: """
      Every finding has an id, a place in the template and, with --explain, the reason why it \
      matters. Exit status 1 tells that there are warnings or errors; notes do not count.

        dialect lint --jinja chat_template.jinja --tokenizer tokenizer.json
        dialect lint --model models/qwen3 --input conversation.json
        dialect lint --rules
      """)

  @OptionGroup(title: "Template") var template: TemplateOptions
  @OptionGroup(title: "Tokenizer") var source: TokenizerOptions

  @Option(
    help: ArgumentHelp(
      "The conversation on which rewritten history is counted.", valueName: "file"))
  var input: String?

  @OptionGroup var format: FormatOptions

  @Flag(help: "Tell why each finding matters.")
  var explain = false

  @Flag(help: "List what is looked for.")
  var rules = false

  @Flag(help: "Write JSON, a line per finding.")
  var json = false

  func run() throws {
    if rules {
      for rule in LintRule.allCases {
        Console.write("\(rule.rawValue) (\(rule.severity.rawValue))\n  \(rule.explanation)\n")
      }
      return
    }
    let linter: TemplateLinter
    if let chat = try template.chatTokenizer() {
      linter = TemplateLinter(chat)
    } else {
      linter = TemplateLinter(try template.load(), tokenizer: try source.named())
    }
    let findings = linter.findings(conversation: try conversation())
    for finding in findings { write(finding) }
    if !json {
      let counts = [LintRule.Severity.error, .warning, .note].map { severity in
        let count = findings.count { $0.severity == severity }
        return "\(count) \(severity.rawValue)\(count == 1 ? "" : "s")"
      }
      Console.write(counts.joined(separator: ", ") + "\n")
    }
    if findings.contains(where: { $0.severity > .note }) {
      Glibc.exit(ToolError.Status.input.rawValue)
    }
  }

  private func conversation() throws -> JSONObject? {
    guard let input else { return nil }
    do {
      return try ConversationFolder.read(input, format: format.format).first?.request
    } catch {
      throw ToolError(.loading, "\(error)")
    }
  }

  private func write(_ finding: LintFinding) {
    if json {
      let object: JSONObject = [
        "rule": .string(ExactString(finding.rule.rawValue)),
        "severity": .string(ExactString(finding.severity.rawValue)),
        "message": .string(ExactString(finding.message)),
        "file": .string(ExactString(finding.file)), "line": .integer(finding.line),
        "column": .integer(finding.column),
        "explanation": .string(ExactString(finding.rule.explanation)),
      ]
      return Console.write(JSONValue.object(object).serialized() + "\n")
    }
    Console.write(finding.excerpt + "\n")
    if explain { Console.write("  \(finding.rule.explanation)\n") }
  }
}
