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
    "the template changes the last message", "this template writes the tools",
    // Words of templates about the conversation as a whole.
    "Conversation must start with a user", "System role not supported", "No user query found",
  ]

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
            #expect(error.message != nil || Self.tellsItsPlace(field), note)
          default:
            let isGeneral = Self.general.contains { error.text.utf8.starts(with: $0.utf8) }
            #expect(error.message != nil || isGeneral, note)
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

  /// Tools are no part of a message; a system message may be named by its role.
  private static func tellsItsPlace(_ field: String) -> Bool {
    field == "type"
      || ["tool.", "system.", "instruction."].contains { field.utf8.starts(with: $0.utf8) }
  }
}
