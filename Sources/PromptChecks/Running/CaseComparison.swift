// SPDX-License-Identifier: Apache-2.0

import ChatTemplates
import OrderedJSON
import PromptEncoding
import PromptFixtures
import TextPrimitives
import Tokenization

/// Holds a run against its record.
struct CaseComparison {
  let item: FixtureCase
  let run: CaseRun

  /// What differs; nothing where the run is as recorded.
  var differences: [CaseVerdict.Difference] {
    let expected = item.expectation
    switch run.outcome {
    case .refused(let words, let report):
      switch expected.error {
      case .any: return []
      case .saying(let wanted) where Self.contains(words, wanted) || Self.contains(report, wanted):
        return []
      case .saying(let wanted):
        return [Self.plain("error", "it says '\(words)', recorded was '\(wanted)'")]
      case nil:
        return [Self.plain("error", "it is refused now: \(report)")]
      }
    case .rendered(let prompt, let encoded):
      if let error = expected.error {
        let wanted = if case .saying(let words) = error { " with '\(words)'" } else { "" }
        return [Self.plain("error", "it renders now; recorded was a refusal\(wanted)")]
      }
      return differences(expected, prompt, encoded)
    }
  }

  private func differences(
    _ expected: RecordedPrompt, _ prompt: Prompt, _ encoded: EncodedPrompt?
  ) -> [CaseVerdict.Difference] {
    var found: [CaseVerdict.Difference] = []
    if let text = expected.text, !text.matches(ExactString(prompt.text)) {
      found.append(difference(text, prompt, encoded))
    }
    if let stop = expected.stop, stop != prompt.stopTokens {
      found.append(
        Self.plain("stop", "\(Self.list(prompt.stopTokens)), recorded was \(Self.list(stop))"))
    }
    if let encoded, let tokenizer = run.tokenizer?.tokenizer {
      if let ids = expected.ids, !ids.matches(encoded.ids) {
        found.append(difference(ids, prompt, encoded, tokenizer))
      }
      if let layout = expected.layout, layout != encoded.turnRanges {
        found.append(Self.difference(layout, encoded.turnRanges))
      }
      if let mask = expected.mask, mask != encoded.maskRanges {
        found.append(
          Self.plain("mask", "\(encoded.maskRanges), recorded was \(mask)"))
      }
    } else if expected.ids != nil || expected.layout != nil || expected.mask != nil {
      found.append(
        Self.plain("ids", "were recorded, but the case names no tokenizer to compare them with"))
    }
    if let message = expected.message, message != run.message {
      let now = run.message.map { JSONValue.object($0).serialized() } ?? "nothing: no 'response'"
      found.append(
        Self.plain("message", "\(now), recorded was \(JSONValue.object(message).serialized())"))
    }
    return found
  }

  // MARK: Text and ids

  private func difference(
    _ recorded: Recorded<ExactString>, _ prompt: Prompt, _ encoded: EncodedPrompt?
  ) -> CaseVerdict.Difference {
    switch recorded {
    case .digest(let digest, let count):
      return Self.plain(
        "text",
        "\(prompt.text.utf8.count) bytes with another digest than the \(count) recorded "
          + "(\(digest.prefix(12))…); record it whole to see where it differs")
    case .whole(let text):
      let new = ShownToken.list(prompt)
      let old = ShownToken.list(text.string, control: prompt.controlTokens)
      return difference("text", "piece", old, new, prompt)
    }
  }

  private func difference(
    _ recorded: Recorded<[TokenID]>, _ prompt: Prompt, _ encoded: EncodedPrompt,
    _ tokenizer: Tokenizer
  ) -> CaseVerdict.Difference {
    switch recorded {
    case .digest(let digest, let count):
      return Self.plain(
        "ids",
        "\(encoded.ids.count) ids with another digest than the \(count) recorded "
          + "(\(digest.prefix(12))…)")
    case .whole(let ids):
      return difference(
        "ids", "token", ShownToken.list(ids, tokenizer), ShownToken.list(encoded, tokenizer), prompt
      )
    }
  }

  private func difference(
    _ part: String, _ unit: String, _ old: [ShownToken], _ new: [ShownToken], _ prompt: Prompt
  ) -> CaseVerdict.Difference {
    let hunks = TokenDiff.hunks(old, new)
    guard let first = hunks.first else { return Self.plain(part, "differs") }
    let more = hunks.count > 1 ? ", and \(hunks.count - 1) more after it" : ""
    var detail = DiffText(old: old, new: new).lines(of: first)
    if let line = TemplateLine(
      at: first.new.lowerBound, of: new, prompt, run.template.template)
    {
      for row in line.description.split(separator: "\n") { detail.append("    \(row)\n", .faint) }
    }
    return CaseVerdict.Difference(
      part: part,
      summary: "\(new.count) \(unit)s, recorded were \(old.count); the first difference is at "
        + "\(unit) \(first.new.lowerBound)\(more)",
      detail: detail)
  }

  // MARK: The rest

  private static func difference(_ old: [TurnRange], _ new: [TurnRange])
    -> CaseVerdict.Difference
  {
    let same = zip(old, new).prefix { $0 == $1 }.count
    func shown(_ turns: [TurnRange]) -> String {
      guard turns.indices.contains(same) else { return "nothing" }
      let turn = turns[same]
      return "\(turn.role?.string ?? "no role"), "
        + "message \(turn.message.map(String.init) ?? "none"), tokens \(turn.tokens)"
    }
    return plain("layout", "run \(same) is \(shown(new)); recorded was \(shown(old))")
  }

  private static func plain(_ part: String, _ summary: String) -> CaseVerdict.Difference {
    CaseVerdict.Difference(part: part, summary: summary, detail: StyledText())
  }

  private static func list(_ tokens: [ExactString]) -> String {
    "[\(tokens.map { VisibleText.of(Array($0.utf8)) }.joined(separator: ", "))]"
  }

  private static func contains(_ text: String, _ part: ExactString) -> Bool {
    let (text, part) = (Array(text.utf8), Array(part.utf8))
    guard part.count <= text.count else { return false }
    return (0...text.count - part.count).contains { text[$0...].starts(with: part) }
  }
}
