// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import Testing
import TextPrimitives

@testable import ChatTemplates

/// Answers that follow no form, or break it anywhere: nothing of them is lost.
@Suite("What becomes of every byte") struct ResponseBytesTests {
  /// A family's marks, and pieces of other families'.
  private struct Pieces {
    let marks: [String]
    let controls: [String]
    private static let foreign = [
      "<think>", "</tool_call>", "[TOOL_CALLS]", "<|channel|>", "<function=", "<arg_key>", "<q>",
      "&#34;", "\u{FF5C}", "<|\"|>", "call:", "functions.", "é", "🚀", "\\", "\\u00e9", "%", "&",
    ]
    private static let json = [
      "{", "}", "[", "]", "\"", ":", ", ", "{\"name\": \"", "\"name\": \"", "\"arguments\": {",
      "\"a\": ", "1.5", "null", "'", "{\"a\": \"b\"}", "\", \"parameters\": {\"", "\"id\": \"",
    ]
    private static let space = [" ", "\n", "\n\n", "\r\n", "\t"]

    init(_ definition: TemplateDefinition) {
      let grammar = ResponseGrammar(definition)
      let nodes = (grammar.turns + grammar.answers + [grammar.reasoning]).flatMap(\.self)
      controls = grammar.controls.map(\.string)
      marks = Set(nodes.flatMap(\.literals) + controls).filter { !$0.isEmpty }.sorted()
    }

    /// A text of random pieces; words are numbered, so that each can be found again.
    func text(_ count: Int, _ random: inout SplitMix64, words: inout [String]) -> String {
      var text = ""
      for _ in 0..<count {
        let mark = marks.isEmpty ? "" : marks[random.below(marks.count)]
        switch random.below(12) {
        case 0, 1, 2, 3: text += mark
        case 4:
          let scalars = mark.unicodeScalars
          text += String(String.UnicodeScalarView(scalars.prefix(random.below(scalars.count + 1))))
        case 5, 6: text += Self.json[random.below(Self.json.count)]
        case 7: text += Self.space[random.below(Self.space.count)]
        case 8: text += Self.foreign[random.below(Self.foreign.count)]
        default:
          words.append((random.below(2) == 0 ? "q\(words.count)z" : "Ж\(words.count)ш"))
          text += words[words.count - 1]
        }
      }
      return text
    }
  }

  /// All text that an answer's parts hold, one part after the other.
  private func kept(_ parsed: ParsedResponse) -> String {
    var parts = [parsed.content, parsed.message.reasoning?.string, parsed.unparsed?.string]
    for call in parsed.message.toolCalls {
      parts += [call.name.string, call.id?.string]
      parts += call.arguments.texts
    }
    return parts.compactMap(\.self).joined(separator: "\u{0}")
  }

  /// What of a text is neither a mark of the family, nor white space, nor a sign of JSON.
  private func countable(_ text: String, marks: [String]) -> [Int] {
    let own = (marks + ["\"name\"", "\"arguments\"", "\"parameters\"", "\"id\""])
      .map { Array($0.utf8) }.sorted { $0.count > $1.count }
    let signs = Set("{}[],:\"'\\ \n\r\t".utf8)
    var counts = Array(repeating: 0, count: 256)
    var rest = Array(text.utf8)[...]
    while let byte = rest.first {
      if let mark = own.first(where: { rest.starts(with: $0) }) {
        rest = rest.dropFirst(mark.count)
      } else {
        if !signs.contains(byte) { counts[Int(byte)] += 1 }
        rest = rest.dropFirst()
      }
    }
    return counts
  }

  private func lost(_ text: String, _ words: [String], _ parsed: ParsedResponse, _ marks: [String])
    -> String?
  {
    let kept = kept(parsed)
    for word in words where !TextScanning.contains(kept, word) { return "the word \(word)" }
    var counts = Array(repeating: 0, count: 256)
    for byte in kept.utf8 { counts[Int(byte)] += 1 }
    for (byte, count) in countable(text, marks: marks).enumerated() where counts[byte] < count {
      return "\(count - counts[byte]) of the byte \(byte)"
    }
    return nil
  }

  @Test func `content, reasoning, calls and the unparsed rest hold all that is no mark`() throws {
    var random = SplitMix64(state: 20_261_121)
    for family in ChatTemplate.familyNames {
      let template = try ChatTemplate(family: family)
      guard let definition = template.definition, definition.variant != .base else { continue }
      let pieces = Pieces(definition)
      for round in 0..<120 {
        var words: [String] = []
        let text = pieces.text(random.below(4 + round / 4), &random, words: &words)
        let parsed = template.parse(response: text)
        let lost = lost(text, words, parsed, pieces.marks)
        #expect(lost == nil, "\(family) loses \(lost ?? "") of \(text.debugDescription): \(parsed)")
        if lost != nil { break }
      }
    }
  }

  @Test func `a text cut at any place is read as the whole`() throws {
    var random = SplitMix64(state: 7)
    for family in ChatTemplate.familyNames {
      let template = try ChatTemplate(family: family)
      guard let definition = template.definition, definition.variant != .base else { continue }
      let pieces = Pieces(definition)
      for round in 0..<4 {
        var words: [String] = []
        let text = pieces.text(2 + 2 * round, &random, words: &words)
        let bytes = Array(text.utf8)
        let whole = template.parse(response: text)
        for place in 0...bytes.count {
          var stream = template.makeResponseStream()
          _ = stream.feed(bytes: Array(bytes[..<place]))
          _ = stream.feed(bytes: Array(bytes[place...]))
          _ = stream.finish()
          #expect(stream.response == whole, "\(family): \(text.debugDescription) cut at \(place)")
          if stream.response != whole { break }
        }
      }
    }
  }

  @Test func `a short text in every way that it can be cut is read as the whole`() throws {
    for (family, text) in [
      ("qwen3", "<think>a\n"), ("llama-3.1", "[f(a=1)]"), ("glm-4.5", "é<think>"),
      ("qwen3", "{\"name\""), ("mistral-v3", "\n\r é</s>"), ("command-r", "Action:\n"),
    ] {
      let template = try ChatTemplate(family: family)
      let whole = template.parse(response: text)
      let bytes = Array(text.utf8)
      for cuts in 0..<(1 << (bytes.count - 1)) {
        var stream = template.makeResponseStream()
        var piece: [UInt8] = []
        for (place, byte) in bytes.enumerated() {
          piece.append(byte)
          if cuts >> place & 1 == 1 {
            _ = stream.feed(bytes: piece)
            piece = []
          }
        }
        _ = stream.feed(bytes: piece)
        _ = stream.finish()
        #expect(stream.response == whole, "\(family): \(text.debugDescription) cut as \(cuts)")
      }
    }
  }
}

extension ResponseGrammar.Node {
  /// The texts of the marks, without the white space around them.
  fileprivate var literals: [String] {
    switch self {
    case .literal(let text, _):
      let core = text[TextScanning.trimmed(text.span, 0..<text.count)]
      return [String(decoding: core, as: UTF8.self)]
    case .choice(let branches): return branches.flatMap { $0.flatMap(\.literals) }
    case .calls(let body, let separator), .repeated(let body, let separator):
      return body.flatMap(\.literals)
        + ResponseGrammar.Node.literal(separator, isControl: false).literals
    case .identifier(let parts): return parts.flatMap(\.literals)
    default: return []
    }
  }
}

extension JSONValue {
  /// Its texts and keys, other values as JSON.
  fileprivate var texts: [String] {
    switch self {
    case .string(let text): [text.string]
    case .array(let elements): elements.flatMap(\.texts)
    case .object(let object): object.flatMap { [$0.key.string] + $0.value.texts }
    default: [serialized()]
    }
  }
}
