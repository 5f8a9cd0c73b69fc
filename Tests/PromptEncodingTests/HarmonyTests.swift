// SPDX-License-Identifier: Apache-2.0

import ChatTemplates
import OrderedJSON
import PromptEncoding
import TestSupport
import Testing
import TextPrimitives
import Tokenization
import TokenizerFormats

/// Requests in OpenAI's JSON as openai-harmony renders them; Scripts/generate_harmony_fixtures.py
/// writes the expectations.
@Suite("Harmony against openai-harmony") struct HarmonyTests {
  private static let fixture = "Harmony/renders.jsonl"

  @Test func `every fixture's text is the reference's`() throws {
    let template = try ChatTemplate(family: "harmony")
    for line in try Fixtures.lines(Self.fixture) {
      let text = try Self.prompt(template, line).text
      let name = line["name"]?.string?.string ?? ""
      #expect(ExactString(text) == line["text"]?.string, "\(name): \(text)")
    }
  }

  @Test func `the exported Jinja template writes the same texts`() throws {
    let source = try ChatTemplate(family: "harmony").jinjaSource()
    let template = try ChatTemplate(jinja: source, name: "harmony.jinja")
    for line in try Fixtures.lines(Self.fixture) {
      let text = try Self.prompt(template, line).text
      #expect(ExactString(text) == line["text"]?.string, "\(line["name"]?.string?.string ?? "")")
    }
  }

  @Test(
    "every fixture's ids are the reference's",
    .enabled(if: Conformance.isPresent, "needs the conformance corpus"))
  func identifiers() throws {
    let template = try ChatTemplate(family: "harmony")
    let encoder = PromptEncoder(
      try Tokenizer(contentsOf: Conformance.root + "/vocab/o200k_harmony/tokenizer.json"))
    for line in try Fixtures.lines(Self.fixture) {
      let encoded = try encoder.encode(try Self.prompt(template, line))
      let expected = line["ids"]?.array?.compactMap(\.integer).map(TokenID.init)
      #expect(encoded.ids == expected, "\(line["name"]?.string?.string ?? "")")
    }
  }

  private static func prompt(_ template: ChatTemplate, _ line: JSONValue) throws -> Prompt {
    let (conversation, options) = try ChatRequest.read(try #require(line["request"]?.object))
    return try template.render(conversation, options: options)
  }
}
