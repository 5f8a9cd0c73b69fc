// SPDX-License-Identifier: Apache-2.0

import ChatTemplates
import OrderedJSON
import PromptEncoding
import TestSupport
import Testing
import TextPrimitives
import Tokenization
import TokenizerFormats

/// Whole conversations to ids, as the makers' own code and transformers encode them.
@Suite("Layouts against the reference") struct LayoutTests {
  @Test(
    "the ids of every conversation are the reference's",
    .enabled(if: Conformance.isPresent, "needs the conformance corpus"))
  func identifiers() throws {
    let corpus = try LayoutCorpus(families: Set(ChatTemplate.familyNamesAndAliases))
    var tokenizers: [String: Tokenizer] = [:]
    var summary: [String] = []
    for layout in corpus.layouts {
      let family = layout.family
      let vocabulary = try #require(
        LayoutVocabulary(layout.settings), "\(family): which vocabulary?")
      if tokenizers[vocabulary.name] == nil {
        tokenizers[vocabulary.name] = try vocabulary.makeTokenizer()
      }
      let tokenizer = try #require(tokenizers[vocabulary.name])
      let template = try ChatTemplate(family: family)
      let encoder = PromptEncoder(tokenizer)
      var count = 0
      var differences: [String] = []
      let gap = try ChatTemplate(
        family: family == "mistral-v2" ? "mistral-fim-v2" : "mistral-fim")
      for (name, line) in try layout.lines(answer: "ids") {
        let template = line["fim"] == nil ? template : gap
        count += 1
        let layoutCase = LayoutCase(line, layout)
        if let difference = layoutCase.difference(template, encoder, tokenizer) {
          differences.append("\(name): \(difference)")
        }
      }
      summary.append("\(family): \(count - differences.count) of \(count)")
      #expect(differences.isEmpty, "\(family)\n\(differences.prefix(5).joined(separator: "\n"))")
    }
    print("layouts: \(summary.joined(separator: ", "))")
  }
}

/// One conversation of a layout file.
struct LayoutCase {
  let request: JSONObject
  let identifiers: [TokenID]?
  /// transformers parses control tokens in callers' text unless it is told not to.
  let trustsText: Bool

  init(_ line: JSONValue, _ layout: LayoutCorpus.Layout) {
    request = line["options"]?["api"] == nil ? layout.request(line) : HarmonyRequest.read(line)
    identifiers = line["ids"]?.array?.compactMap { $0.integer.map(TokenID.init) }
    trustsText = layout.settings["template"] != nil
  }

  func difference(_ template: ChatTemplate, _ encoder: PromptEncoder, _ tokenizer: Tokenizer)
    -> String?
  {
    do {
      let (conversation, options) = try ChatRequest.read(request)
      let prompt = try template.render(conversation, options: options)
      let encoded = try encoder.encode(prompt, trustText: trustsText)
      guard let identifiers else { return "encoded, but should refuse" }
      if encoded.layout.count != encoded.ids.count { return "the layout has another length" }
      if encoded.ids == identifiers { return nil }
      let place =
        zip(encoded.ids, identifiers).enumerated()
        .first { $0.element.0 != $0.element.1 }?.offset ?? min(encoded.ids.count, identifiers.count)
      func window(_ ids: [TokenID]) -> String {
        ids.dropFirst(max(0, place - 2)).prefix(6)
          .map { "\($0) \(tokenizer.token($0)?.debugDescription ?? "?")" }.joined(separator: " ")
      }
      return "at token \(place): \(window(encoded.ids)) | wanted \(window(identifiers))"
    } catch {
      return identifiers == nil ? nil : "refused: \(error)"
    }
  }
}
