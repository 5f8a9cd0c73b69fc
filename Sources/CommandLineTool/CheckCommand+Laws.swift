// SPDX-License-Identifier: Apache-2.0

import ChatTemplates
import Glibc
import OrderedJSON
import PromptChecks
import PromptEncoding
import TextPrimitives

/// `dialect check --laws`: what must hold of a template, whatever the conversation.
extension CheckCommand {
  func checkLaws() throws {
    let chat = try template.chatTokenizer()
    let checker = LawChecker(try chat?.template ?? template.load())
    let subjects = try subjects().map { subject in
      LawSubject(subject.conversation, options: template.completed(subject.options, by: chat))
    }
    var broken = 0
    let exceptions = checker.template.information?.exceptions ?? [:]
    for law in TemplateLaw.allCases {
      let report = checker.check(law, on: subjects)
      if report.violation != nil, exceptions[law] == nil { broken += 1 }
      write(report, exception: exceptions[law])
    }
    let passed = TemplateLaw.allCases.count - broken
    Console.write(
      json
        ? "{\"passed\": \(passed), \"failed\": \(broken)}\n"
        : "\(passed) passed, \(broken) failed\n")
    if broken > 0 { Glibc.exit(ToolError.Status.input.rawValue) }
  }

  /// The conversations of the paths, or as many made-up ones as were asked for.
  private func subjects() throws -> [LawSubject] {
    guard paths.isEmpty else {
      var subjects: [LawSubject] = []
      for path in paths {
        do {
          for (_, request) in try ConversationFolder.read(path, format: format.format) {
            let (conversation, options) = try ChatRequest.read(request)
            subjects.append(LawSubject(conversation, options: options))
          }
        } catch {
          throw ToolError(.loading, "\(path): \(error)")
        }
      }
      return subjects
    }
    var generator = ConversationGenerator(seed: seed)
    return (0..<count).map { _ in generator.next() }
  }

  /// Writes what came of a law, and why the family does not keep it where its file says so.
  private func write(_ report: LawReport, exception: String?) {
    let law = report.law
    if json {
      var object: JSONObject = [
        "law": .string(ExactString(law.rawValue)), "held": .integer(report.held),
        "silent": .integer(report.silent),
        "outcome": report.violation == nil ? "passed" : exception == nil ? "failed" : "excepted",
      ]
      if let exception { object["exception"] = .string(ExactString(exception)) }
      if let violation = report.violation {
        object["explanation"] = .string(ExactString(violation.explanation))
        object["conversation"] = .object(violation.subject.conversation.openAI)
      }
      return Console.write(JSONValue.object(object).serialized() + "\n")
    }
    let counts = "\(report.held) held, \(report.silent) say nothing"
    guard let violation = report.violation else {
      return Console.write("ok    \(law.rawValue): \(law.statement) (\(counts))\n")
    }
    if let exception {
      return Console.write("known \(law.rawValue): \(law.statement); not here: \(exception)\n")
    }
    Console.write("FAIL  \(law.rawValue): \(law.statement) (\(counts) before this one)\n")
    Console.write("  \(violation.explanation)\n")
    Console.write(
      "  \(JSONValue.object(violation.subject.conversation.openAI).serialized())\n")
  }
}
