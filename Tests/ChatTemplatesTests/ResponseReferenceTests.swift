// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TestSupport
import Testing
import TextPrimitives

@testable import ChatTemplates

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

  /// A message of openai-harmony's StreamableParser.
  private struct HarmonyMessage {
    let channel: ExactString?
    let recipient: ExactString?
    let type: ExactString
    let content: ExactString

    init(_ value: JSONValue) {
      channel = value["channel"]?.string
      recipient = value["recipient"]?.string
      type = value["type"]?.string ?? ""
      content = value["content"]?.string ?? ""
    }

    private static let channels: [ExactString] = ["analysis", "commentary", "final"]
    private static let types: [ExactString] = ["", "json", "<|constrain|>json"]

    /// Whether its header is one that the format has, and its text holds no mark.
    var isRegular: Bool {
      guard channel.map(Self.channels.contains) == true, Self.types.contains(type),
        !content.string.contains("<|")
      else { return false }
      guard let recipient else { return true }
      return recipient.string.utf8.starts(with: "functions.".utf8)
        && (try? JSONValue(parsing: content.string)) != nil
    }

    var isCall: Bool { recipient != nil }
    var isReasoning: Bool { !isCall && channel == "analysis" }
  }

  /// Texts of several messages as one: a line is broken where nothing else separates them.
  private func joined(_ texts: [ExactString]) -> [UInt8] {
    texts.reduce(into: []) { result, text in
      let bytes = Array(text.utf8)
      if result.needsBreak(before: bytes[...]) { result.append(0x0A) }
      result += bytes
    }
  }

  @Test func `whole, cut and damaged answers are read as openai-harmony's StreamableParser does`()
    throws
  {
    let templates = [try ChatTemplate(family: "gpt-oss"), try ChatTemplate(family: "harmony")]
    var counts: [String: Int] = [:]
    for line in try Fixtures.lines("Responses/harmony-stream.jsonl").dropFirst() {
      let response = try #require(line["response"]?.string).string
      let kind = try #require(line["kind"]?.string).string
      let messages = (line["messages"]?.array ?? []).map(HarmonyMessage.init)
      // A mark in a message's text is text to the reference, and a mark to us: models lose ends.
      let turns = response.split(separator: "<|start|>", omittingEmptySubsequences: false)
      let isRegular =
        turns.dropFirst().allSatisfy { $0.utf8.starts(with: "assistant".utf8) }
        && turns.count == messages.count && messages.allSatisfy(\.isRegular)
      if kind == "damaged", !isRegular { continue }
      // Part of a first header is no message to the reference, and content to us.
      if messages.isEmpty { continue }
      counts[kind, default: 0] += 1
      let isWhole = line["refused"] == nil
      let reasoning = joined(messages.filter(\.isReasoning).map(\.content))
      let content = joined(messages.filter { !$0.isReasoning && !$0.isCall }.map(\.content))
      for template in templates {
        let parsed = template.parse(
          response: response, prompt: prompt(line["opening"]?.string ?? "", template))
        let note = Comment(
          rawValue: "\(template.name), \(kind): \(response.debugDescription) gave \(parsed)")
        let ours = (Array((parsed.message.reasoning ?? "").utf8), Array(parsed.content.utf8))
        #expect(isWhole ? ours.0 == reasoning : ours.0.starts(with: reasoning), note)
        #expect(isWhole ? ours.1 == content : ours.1.starts(with: content), note)
        for (call, message) in zip(parsed.message.toolCalls, messages.filter(\.isCall)) {
          #expect("functions." + call.name.string == message.recipient?.string, note)
          guard let arguments = try? JSONValue(parsing: message.content.string) else { continue }
          #expect(call.arguments == arguments, note)
        }
      }
    }
    #expect((counts["whole"] ?? 0) > 80 && (counts["cut"] ?? 0) > 80, "\(counts)")
    #expect((counts["damaged"] ?? 0) > 20, "\(counts)")
  }
}
