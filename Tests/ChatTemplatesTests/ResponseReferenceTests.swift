// SPDX-License-Identifier: Apache-2.0

import ChatTemplates
import OrderedJSON
import TestSupport
import Testing
import TextPrimitives

@Suite("Answers against reference parsers") struct ResponseReferenceTests {
  /// A prompt that ends with the opening that a reference was told of.
  private func prompt(_ opening: ExactString, _ template: ChatTemplate) -> Prompt {
    let segment = PromptSegment(
      byteRange: 0..<opening.utf8.count, content: .literal, author: .template, role: "assistant")
    return Prompt(
      text: opening.string, segments: opening.isEmpty ? [] : [segment], stopTokens: [],
      boundary: .fuse, controlTokens: [])
  }

  @Test(
    "what a reference reads is read the same way, and what it refuses is kept",
    arguments: ["harmony", "mistral", "transformers"])
  func parity(_ name: String) throws {
    let lines = try Fixtures.lines("Responses/\(name).jsonl")
    #expect(lines.first?["reference"] != nil && lines.count > 8)
    for line in lines.dropFirst() {
      guard let family = line["family"]?.string, let response = line["response"]?.string,
        let opening = line["opening"]?.string
      else {
        Issue.record("not a case: \(line)")
        continue
      }
      let template = try ChatTemplate(family: family.string)
      let parsed = template.parse(
        response: response.string, prompt: prompt(opening, template))
      let note = Comment(rawValue: "\(family): \(response.string.debugDescription) gave \(parsed)")
      if line["refused"] != nil {
        let isKept = !parsed.content.isEmpty && parsed.message.toolCalls.isEmpty
        #expect(parsed.isTruncated || isKept, note)
        continue
      }
      #expect(parsed.message.reasoning ?? "" == line["reasoning"]?.string, note)
      #expect(ExactString(parsed.content) == line["content"]?.string, note)
      let calls = line["calls"]?.array ?? []
      #expect(parsed.message.toolCalls.map(\.name) == calls.map { $0["name"]?.string ?? "" }, note)
      for (call, expected) in zip(parsed.message.toolCalls, calls) {
        #expect(call.arguments == expected["arguments"], note)
        if let id = expected["id"]?.string { #expect(call.id == id, note) }
      }
    }
  }
}
