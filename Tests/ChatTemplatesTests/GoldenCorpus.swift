// SPDX-License-Identifier: Apache-2.0

import ChatTemplates
import OrderedJSON
import TestSupport
import TextPrimitives

/// The corpus of real templates' renders: what a conversation and its options should become.
struct GoldenCorpus {
  /// One expected render.
  struct Line {
    var conversation: String
    var request: JSONObject
    /// The text, or nil where the reference fails.
    var rendered: ExactString?
    /// The message that must be equal, where the template itself refuses.
    var refusal: ExactString? = nil
    /// What `generation` tags enclose, in scalars.
    var assistantSpans: [Range<Int>]?
  }

  private var conversations: [ExactString: JSONValue] = [:]
  let templates: [JSONValue]

  init() throws {
    templates = try Conformance.json("templates/manifest.json")["templates"]?.array ?? []
  }

  /// The identifiers of templates with a flag.
  func identifiers(with flag: ExactString) -> [String] {
    templates.filter { $0[flag]?.bool == true }.compactMap { $0["id"]?.string?.string }
  }

  func entry(_ identifier: String) -> JSONValue? {
    templates.first { $0["id"]?.string?.string == identifier }
  }

  /// The expected renders of a template.
  mutating func lines(of identifier: String) throws -> [Line] {
    let entry = entry(identifier)
    var result: [Line] = []
    for line in try Conformance.lines("templates/golden/\(identifier).jsonl") {
      guard let name = line["conversation"]?.string, line["nondeterministic"] == nil else {
        continue
      }
      let conversation = try conversation(name)
      let options = line["options"]
      var request: JSONObject = [:]
      for key in ["messages", "tools", "documents"] as [ExactString] {
        request[key] = conversation[key]
      }
      for key in ["add_generation_prompt", "continue_final_message", "keep_nulls", "kwargs"]
        as [ExactString]
      {
        request[key] = options?[key]
      }
      for key in ["bos_token", "eos_token"] as [ExactString] { request[key] = entry?[key] }
      request["now"] = "2026-01-15"
      let isRefusal = line["error_kind"]?.string == "raise_exception"
      result.append(
        Line(
          conversation: name.string, request: request, rendered: line["rendered"]?.string,
          refusal: isRefusal ? line["error"]?.string : nil,
          assistantSpans: line["assistant_spans"]?.array?.compactMap {
            guard case .array(let ends) = $0, case .integer(let start) = ends[0],
              case .integer(let end) = ends[1]
            else { return nil }
            return start..<end
          }))
    }
    return result
  }

  /// Goes through the expected renders of every template that is a built-in family, or of the one
  /// that `DIALECT_FAMILY` names.
  mutating func forEachFamily(
    _ body: (_ identifier: String, _ template: ChatTemplate, _ lines: [Line]) throws -> Void
  ) throws {
    let names = Set(ChatTemplate.familyNamesAndAliases)
    for entry in templates {
      guard let identifier = entry["id"]?.string?.string, names.contains(identifier),
        Conformance.chosenFamily == nil || Conformance.chosenFamily == identifier
      else { continue }
      try body(identifier, ChatTemplate(family: identifier), lines(of: identifier))
    }
  }

  private mutating func conversation(_ name: ExactString) throws -> JSONValue {
    if let known = conversations[name] { return known }
    let value = try Conformance.json("templates/conversations/\(name).json")
    conversations[name] = value
    return value
  }
}

extension GoldenCorpus.Line {
  /// What is wrong with a template's answer to this line, or nil.
  func difference(from template: ChatTemplate) -> String? {
    do throws(ChatTemplateError) {
      let (conversation, options) = try ChatRequest.read(request)
      let prompt = try template.render(conversation, options: options)
      if let problem = prompt.coverageProblem { return problem }
      guard let rendered else {
        return "rendered, but should refuse: \(refusal?.string ?? "error")"
      }
      return ExactString(prompt.text) == rendered
        ? nil : Self.difference(prompt.text, rendered.string)
    } catch {
      if rendered != nil { return "refused: \(error)" }
      guard let refusal else { return nil }
      if case .refused(let text) = error.kind, ExactString(text) == refusal { return nil }
      return "should refuse with '\(refusal)', but: \(error)"
    }
  }

  private static func difference(_ found: String, _ wanted: String) -> String {
    let (left, right) = (Array(found.unicodeScalars), Array(wanted.unicodeScalars))
    let same = zip(left, right).enumerated().first { $0.element.0 != $0.element.1 }?.offset
    let at = same ?? min(left.count, right.count)
    func window(_ scalars: [Unicode.Scalar]) -> String {
      var text = String.UnicodeScalarView()
      text.append(contentsOf: scalars[max(0, at - 30)..<min(scalars.count, at + 60)])
      return String(text).debugDescription
    }
    return "at \(at): \(window(left)) | wanted \(window(right))"
  }
}

extension Prompt {
  /// What is wrong with the segments, which must cover the text end to end.
  var coverageProblem: String? {
    var end = 0
    for segment in segments {
      if segment.byteRange.lowerBound != end { return "a gap in the segments at byte \(end)" }
      if segment.byteRange.isEmpty { return "an empty segment at byte \(end)" }
      end = segment.byteRange.upperBound
    }
    return end == text.utf8.count ? nil : "the segments end at \(end) of \(text.utf8.count) bytes"
  }
}
