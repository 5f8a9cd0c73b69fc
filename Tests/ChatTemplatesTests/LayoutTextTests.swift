// SPDX-License-Identifier: Apache-2.0

import ChatTemplates
import Glibc
import OrderedJSON
import TestSupport
import Testing
import TextPrimitives

/// Whole conversations as the model makers' own code renders them.
@Suite("Families against the makers' code") struct LayoutTextTests {
  /// SentencePiece's own pieces show other texts, and harmony has its own message format.
  private static let skipped: Set<String> = [
    "mistral-v1", "mistral-v2", "mistral-v3", "mistral-v7", "harmony",
  ]

  /// What the makers' request types refuse, or an older template than ours.
  private static let refusedElsewhere: Set<String> = ["tool-call-nested-args", "content-parts"]

  @Test(
    "the text of every layout is the reference's",
    .enabled(if: Conformance.isPresent, "needs the conformance corpus"))
  func texts() throws {
    let manifest = try Conformance.json("vocab/manifest.json")
    let names = Set(ChatTemplate.familyNamesAndAliases)
    // SAFETY: the variable is copied before anything else may change the environment.
    let only = unsafe getenv("DIALECT_FAMILY").map { unsafe String(cString: $0) }
    for layout in manifest["layouts"]?.array ?? [] {
      guard let family = layout["family"]?.string?.string, names.contains(family),
        !Self.skipped.contains(family), only == nil || only == family
      else { continue }
      let template = try ChatTemplate(family: family)
      var count = 0
      var differences: [String] = []
      for line in try Conformance.lines("vocab/layout/\(family).jsonl") where line["fim"] == nil {
        let name = line["name"]?.string?.string ?? ""
        if line["text"] == nil, Self.refusedElsewhere.contains(name) { continue }
        count += 1
        let expected = GoldenCorpus.Line(
          conversation: name,
          request: LayoutRequest.read(line, layout), rendered: line["text"]?.string)
        if let difference = expected.difference(from: template) {
          differences.append("\(expected.conversation): \(difference)")
        }
      }
      #expect(
        differences.isEmpty,
        "\(family): \(count - differences.count) of \(count)\n\(differences.prefix(8).joined(separator: "\n"))"
      )
    }
  }
}

/// Turns a line of a layout file into a request.
enum LayoutRequest {
  static func read(_ line: JSONValue, _ layout: JSONValue) -> JSONObject {
    var request: JSONObject = [:]
    request["messages"] = line["messages"]
    request["tools"] = line["tools"]
    let options = line["options"]
    request["kwargs"] = options?["template_kwargs"] ?? .object([:])
    if let opening = options?["add_generation_prompt"] {
      request["add_generation_prompt"] = opening
      request["continue_final_message"] = options?["continue_final_message"]
    } else if let mode = options?["mode"]?.string {
      request["add_generation_prompt"] = .bool(mode != "finetuning")
    } else {
      request["add_generation_prompt"] = true
    }
    if let effort = options?["reasoning_effort"] {
      request["kwargs"] = ["reasoning_effort": effort]
    }
    if let format = options?["tool_prompt_format"] {
      request["kwargs"] = ["tool_prompt_format": format]
    }
    request["now"] = layout["strftime_now"] ?? "2026-01-15"
    return request
  }
}
