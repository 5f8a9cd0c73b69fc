// SPDX-License-Identifier: Apache-2.0

import ChatTemplates
import OrderedJSON
import PromptEncoding
import TextPrimitives
import Tokenization

/// A template with its tokenizer, rendering small conversations for the rules.
struct LintSubject {
  static let question: JSONValue = ["role": "user", "content": "A question."]
  static let answer: JSONValue = ["role": "assistant", "content": "An answer."]

  let template: ChatTemplate
  let tokenizer: LoadedTokenizer?
  let chat: ChatTokenizer?
  /// What stands for `bos_token` and `eos_token` where no model says what they are: tokens of the
  /// vocabulary, so that none of them is at fault.
  private let beginToken: ExactString
  private let endToken: ExactString

  init(template: ChatTemplate, tokenizer: LoadedTokenizer?, chat: ChatTokenizer?) {
    self.template = template
    self.tokenizer = tokenizer
    self.chat = chat
    let vocabulary = tokenizer?.tokenizer
    let special = vocabulary?.addedTokens.filter(\.isSpecial).map(\.content) ?? []
    let begin = vocabulary?.addedBeginToken.flatMap { vocabulary?.token($0) }.map {
      ExactString($0)
    }
    let beginToken = begin ?? (special.contains("<s>") ? nil : special.first) ?? "<s>"
    self.beginToken = beginToken
    endToken =
      (special.contains("</s>") ? nil : special.last { $0 != beginToken }) ?? "</s>"
  }

  /// The request with the model's own special tokens and a frozen clock.
  func request(_ members: JSONObject, now: ExactString = "2026-01-15") -> JSONObject {
    var request = members
    if request["now"] == nil { request["now"] = .string(now) }
    if let bos = chat?.bosToken, request["bos_token"] == nil { request["bos_token"] = .string(bos) }
    if let eos = chat?.eosToken, request["eos_token"] == nil { request["eos_token"] = .string(eos) }
    // A Jinja template without a model would print nothing for its special tokens.
    if template.isJinja, chat == nil {
      if request["bos_token"] == nil { request["bos_token"] = .string(beginToken) }
      if request["eos_token"] == nil { request["eos_token"] = .string(endToken) }
    }
    return request
  }

  /// The prompt of messages; nil where the template refuses them.
  func prompt(
    _ messages: [JSONValue], opened: Bool = false, _ members: JSONObject = [:],
    now: ExactString = "2026-01-15"
  ) -> Prompt? {
    var object: JSONObject = ["messages": .array(messages)]
    for (key, value) in members { object[key] = value }
    if opened { object["add_generation_prompt"] = true }
    return prompt(object, now: now)
  }

  /// The prompt of a request; nil where the template refuses it.
  func prompt(_ members: JSONObject, now: ExactString = "2026-01-15") -> Prompt? {
    guard let (conversation, options) = try? ChatRequest.read(request(members, now: now)) else {
      return nil
    }
    return try? template.render(conversation, options: options)
  }

  /// The tokens of a prompt; words where there is no tokenizer.
  func tokens(_ prompt: Prompt) -> [ShownToken] {
    guard let tokenizer, let encoded = try? tokenizer.encoder.encode(prompt) else {
      return ShownToken.list(prompt)
    }
    return ShownToken.list(encoded, tokenizer.tokenizer)
  }

  // MARK: Places

  /// A finding at the template line that wrote the token at an index.
  func finding(
    _ rule: LintRule, _ message: String, at index: Int, of tokens: [ShownToken], _ prompt: Prompt
  ) -> LintFinding {
    let line = TemplateLine(at: index, of: tokens, prompt, template)
    return finding(rule, message, at: line?.place)
  }

  /// A finding at the first place where the template holds one of the words; on the line of a place,
  /// or on the one after it, if it can be.
  func finding(
    _ rule: LintRule, _ message: String, words: [String], near place: TemplatePlace? = nil,
    severity: LintRule.Severity? = nil
  ) -> LintFinding {
    for source in template.sources {
      let bytes = Array(source.text.utf8)
      if let place, place.name.string == source.name {
        let lines = Self.lines(place.line...place.line + 1, of: bytes)
        for word in words {
          guard let offset = Self.find(Array(word.utf8), in: Array(bytes[lines])) else { continue }
          let start = lines.lowerBound + offset
          return finding(
            rule, message, in: source, start..<start + word.utf8.count, severity: severity)
        }
      }
      for word in words {
        guard let offset = Self.find(Array(word.utf8), in: bytes) else { continue }
        return finding(
          rule, message, in: source, offset..<offset + word.utf8.count, severity: severity)
      }
    }
    return finding(rule, message, at: nil)
  }

  /// The bytes of some lines, counted from 1.
  private static func lines(_ numbers: ClosedRange<Int>, of bytes: [UInt8]) -> Range<Int> {
    var starts = [0]
    for (place, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") {
      starts.append(place + 1)
    }
    starts.append(bytes.count)
    let last = starts.count - 1
    return starts[min(numbers.lowerBound - 1, last)]..<starts[min(numbers.upperBound, last)]
  }

  /// A finding at a place; the template's first line where there is none.
  func finding(_ rule: LintRule, _ message: String, at place: TemplatePlace?) -> LintFinding {
    let source =
      template.sources.first { $0.name == place?.name.string } ?? template.sources.first
      ?? (template.name, "")
    let bytes = Array(source.text.utf8)
    var offset = 0
    if let place {
      var line = 1
      while line < place.line, offset < bytes.count {
        if bytes[offset] == UInt8(ascii: "\n") { line += 1 }
        offset += 1
      }
      var columns = place.column - 1
      while columns > 0, offset < bytes.count {
        offset += 1
        if offset < bytes.count, bytes[offset] & 0xC0 != 0x80 { columns -= 1 }
      }
    }
    let isEnd: (UInt8) -> Bool = { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "}") }
    let width = bytes.dropFirst(offset).prefix { !isEnd($0) }.count
    return finding(rule, message, in: source, offset..<offset + max(1, width))
  }

  private func finding(
    _ rule: LintRule, _ message: String, in source: (name: String, text: String),
    _ range: Range<Int>, severity: LintRule.Severity? = nil
  ) -> LintFinding {
    let severity = severity ?? rule.severity
    let excerpt = SourceExcerpt(
      name: source.name, source: Array(source.text.utf8), range: range,
      message: "\(severity.rawValue): \(message) [\(rule.rawValue)]")
    return LintFinding(
      rule: rule, severity: severity, message: message, file: source.name,
      line: excerpt.position.line,
      column: excerpt.position.column, excerpt: excerpt.description)
  }

  /// Where a word stands by itself, not inside another one.
  static func find(_ word: [UInt8], in bytes: [UInt8]) -> Int? {
    guard let first = word.first, word.count <= bytes.count else { return nil }
    for place in 0...bytes.count - word.count where bytes[place] == first {
      guard bytes[place...].starts(with: word) else { continue }
      let end = place + word.count
      let isMember =
        place > 0 && isLetter(first)
        && [UInt8(ascii: "."), UInt8(ascii: "'"), UInt8(ascii: "\"")].contains(bytes[place - 1])
      let isWhole =
        !isMember && (place == 0 || !isLetter(bytes[place - 1]) || !isLetter(first))
        && (end == bytes.count || !isLetter(bytes[end]) || !isLetter(bytes[end - 1]))
      if isWhole { return place }
    }
    return nil
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}

extension Tokenizer {
  /// The special token that the tokenizer itself puts before a text; nil for none.
  var addedBeginToken: TokenID? {
    guard let added = try? encode("x", addsSpecialTokens: true),
      added.specialTokensMask.first == true
    else { return nil }
    return added.ids.first
  }
}
