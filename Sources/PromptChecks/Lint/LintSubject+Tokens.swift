// SPDX-License-Identifier: Apache-2.0

import ChatTemplates
import OrderedJSON
import TextPrimitives
import Tokenization

/// Rules about tokens.
extension LintSubject {
  /// Both write a token at the beginning, or only the tokenizer does.
  var beginFindings: [LintFinding] {
    guard let tokenizer = tokenizer?.tokenizer,
      let begin = tokenizer.addedBeginToken,
      let prompt = prompt([Self.question], opened: true)
    else { return [] }
    let tokens = tokens(prompt)
    let name = tokenizer.token(begin) ?? "#\(begin)"
    guard tokens.first?.id == begin else {
      return [
        finding(
          .missingBegin, "the tokenizer begins a text with '\(name)', the template does not",
          at: 0, of: tokens, prompt)
      ]
    }
    let isTwice = tokens.count > 1 && tokens[1].id == begin
    return [
      finding(
        .doubleBegin,
        isTwice
          ? "the template writes '\(name)' twice"
          : "'\(name)' is written by the template, and added by the tokenizer to any text",
        at: 0, of: tokens, prompt)
    ]
  }

  /// What looks like a control token and is none of the vocabulary.
  var controlTokenFindings: [LintFinding] {
    guard let tokenizer = tokenizer?.tokenizer else { return [] }
    var candidates: [ExactString] = prompt([Self.question], opened: true)?.controlTokens ?? []
    for source in template.sources {
      for mark in ControlMarks.find(in: source.text) where !candidates.contains(mark) {
        candidates.append(mark)
      }
    }
    return candidates.compactMap { candidate in
      guard tokenizer.identifier(of: candidate.string) == nil,
        let encoding = try? tokenizer.encode(candidate.string, special: .allowAll),
        encoding.ids.count > 1
      else { return nil }
      let pieces = encoding.ids.map { tokenizer.token($0) ?? "?" }.joined(separator: "│")
      return finding(
        .splitControlToken, "'\(candidate)' is \(encoding.ids.count) tokens: \(pieces)",
        words: [candidate.string])
    }
  }
}

/// Finds what looks like a control token in a template's source.
enum ControlMarks {
  /// `<|…|>`, `<｜…｜>`, `<start_of_…>`, `<end_of_…>`, `[INST]`, `[/INST]` and their like, each once.
  static func find(in text: String) -> [ExactString] {
    var found: [ExactString] = []
    let bytes = Array(text.utf8)
    for (start, byte) in bytes.enumerated() {
      guard byte == UInt8(ascii: "<") || byte == UInt8(ascii: "["),
        let end = end(of: bytes, from: start)
      else { continue }
      let mark = ExactString(String(decoding: bytes[start..<end], as: UTF8.self))
      if !found.contains(mark) { found.append(mark) }
    }
    return found
  }

  private static func end(of bytes: [UInt8], from start: Int) -> Int? {
    let closing = bytes[start] == UInt8(ascii: "<") ? UInt8(ascii: ">") : UInt8(ascii: "]")
    let rest = bytes[(start + 1)...].prefix(40)
    guard let close = rest.firstIndex(of: closing) else { return nil }
    let inner = bytes[start + 1..<close]
    guard inner.count > 1, !inner.contains(where: { $0 <= 0x20 || $0 == 0x22 || $0 == 0x27 }) else {
      return nil
    }
    let isMark: Bool
    if closing == UInt8(ascii: "]") {
      isMark = inner.allSatisfy { 0x41...0x5A ~= $0 || $0 == 0x5F || $0 == 0x2F }
    } else {
      let bar = Array("｜".utf8)
      isMark =
        inner.first == 0x7C && inner.last == 0x7C && inner.count > 2
        || inner.starts(with: bar) && inner.suffix(bar.count).elementsEqual(bar)
        || inner.starts(with: "start_of_".utf8) || inner.starts(with: "end_of_".utf8)
    }
    return isMark ? close + 1 : nil
  }
}
