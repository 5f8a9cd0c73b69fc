// SPDX-License-Identifier: Apache-2.0

import ChatTemplates
import Foundation
import OrderedJSON
import TestSupport
import Testing
import TextPrimitives

/// The shared conversations, well formed or not, with every family.
@Suite("Conversations of every shape") struct MalformedConversationTests {
  /// What concerns no single message.
  private static let general = [
    "the conversation has no messages", "continue_final_message and add_generation_prompt",
    "this template writes the tools", "No user query found",
  ]
  /// Refusals that tell how to ask a family that takes a single message.
  private static let fieldless = ["this is a base model", "this is a request to fill a gap"]

  @Test(
    "an error names the message, and the field where it is one's",
    .enabled(if: Conformance.isPresent, "needs the conformance corpus"))
  func places() throws {
    let folder = "templates/conversations/"
    let names = try FileManager.default.contentsOfDirectory(
      atPath: Conformance.root + "/" + folder)
    let requests = try names.sorted().map { name in
      (name, try #require(try Conformance.json(folder + name).object))
    }
    #expect(requests.count > 70)
    var refused: Set<String> = []
    for family in ChatTemplate.familyNames {
      let template = try ChatTemplate(family: family)
      for (name, request) in requests {
        do {
          let (conversation, options) = try ChatRequest.read(request)
          _ = try template.render(conversation, options: options)
        } catch {
          refused.insert(name)
          let note = Comment(rawValue: "\(family), \(name): \(error)")
          switch error.kind {
          case .missingField(let field), .wrongType(let field, _, _):
            #expect(error.message != nil || field.utf8.starts(with: "tools[".utf8), note)
            #expect(!Self.namesVariable(field), note)
          case .refused(let words) where !Self.starts(words, Self.general):
            #expect(error.message != nil, note)
            let field = error.field
            #expect(field != nil || Self.starts(words, Self.fieldless), note)
            #expect(!Self.namesVariable(field ?? ""), note)
          default:
            #expect(error.message != nil || Self.starts(error.text, Self.general), note)
          }
        }
      }
    }
    let malformed = [
      "missing-content", "non-string-content", "null-content", "empty-conversation",
      "unknown-role", "assistant-first", "tool-orphan", "parts-everywhere",
      "continue-final-conflict", "tool-call-no-id",
    ]
    for name in malformed { #expect(refused.contains(name + ".json"), "\(name)") }
  }

  private static func starts(_ text: String, _ beginnings: [String]) -> Bool {
    beginnings.contains { text.utf8.starts(with: $0.utf8) }
  }

  /// Whether a path starts as a template's own names do, which tell a user nothing.
  private static func namesVariable(_ path: String) -> Bool {
    starts(path, ["call.", "piece.", "part.", "tool.", "instruction.", "system.", "argument."])
  }
}
