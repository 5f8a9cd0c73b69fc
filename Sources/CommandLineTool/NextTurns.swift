// SPDX-License-Identifier: Apache-2.0

import ChatTemplates
import OrderedJSON
import PromptEncoding
import TextPrimitives

/// What of a prompt stays when turns are added to its conversation, and what a model reads next.
struct NextTurns {
  let template: ChatTemplate
  let options: RenderOptions
  /// A file with the ids that the model answered with.
  let sampled: String?

  /// How many tokens stay; with sampled ids also the bridge from them to the new turns.
  func report(
    _ conversation: Conversation, _ longer: Conversation, _ prompts: inout PromptTokenizer
  ) throws -> JSONObject {
    let count = conversation.messages.count
    guard longer.messages.count > count, Array(longer.messages[..<count]) == conversation.messages
    else {
      throw ToolError(.input, "--next must hold the messages of --input and more after them")
    }
    do {
      let stability = try template.prefixStability(
        of: conversation, adding: Array(longer.messages[count...]), options: options)
      let encoder = try prompts.encoder(for: stability.later).1
      var report: JSONObject = [
        "tokens": .integer(try encoder.encode(stability.earlier).ids.count),
        "kept": .integer(try encoder.keptTokens(of: stability)),
      ]
      if let change = stability.firstChange { report["first_change"] = Self.place(of: change) }
      if let sampled {
        let ids = try TokenIDs.read([try TextInput.text(sampled)])
        let bridge = try encoder.continuation(
          of: stability.earlier, sampled: ids, to: stability.later)
        report["context"] = .integer(bridge.keptCount)
        report["keeps_answer"] = .bool(bridge.keepsAnswer)
        report["bridge"] = .array(bridge.bridge.map { .integer(Int($0)) })
      }
      return report
    } catch let error as ToolError {
      throw error
    } catch {
      throw ToolError(.input, "\(error)")
    }
  }

  /// The message and the line of the template that wrote what changes first.
  private static func place(of segment: PromptSegment) -> JSONValue {
    var words = segment.message.map { "message \($0)" } ?? "outside of the messages"
    if let source = segment.source { words += " (\(source.name):\(source.line))" }
    return .string(ExactString(words))
  }
}
