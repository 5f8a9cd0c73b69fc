// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

extension LawChecker {
  /// Compares with the same conversation in which every mark of the format is plain letters.
  func controlVerdict(_ subject: LawSubject) -> LawVerdict {
    guard let prompt = prompt(subject) else { return .silent }
    let sought = template.definition?.soughtTexts ?? []
    let marks = marks(of: prompt).filter { mark in
      !sought.contains { TextScanning.contains($0.string, mark.string) }
    }
    var plain = subject
    plain.conversation.messages = subject.conversation.messages.map { message in
      var fields = message.fields
      for (key, value) in message.fields where key != "role" {
        fields[key] = value.mappingStrings { Self.neutral($0, marks) }
      }
      return Message(fields: fields)
    }
    guard plain.conversation != subject.conversation else { return .silent }
    guard let other = self.prompt(plain) else { return .silent }
    let (found, expected) = (prompt.controlCount, other.controlCount)
    return found == expected
      ? .holds : .broken("\(found) control tokens, but \(expected) where the text holds no marks")
  }

  /// The format's own marks: what would be a control token if the template wrote it.
  func marks(of prompt: Prompt) -> [ExactString] {
    var marks = prompt.controlTokens
    for stop in prompt.stopTokens where !marks.contains(stop) { marks.append(stop) }
    return marks.filter { !$0.isEmpty }
  }

  /// The text with every mark replaced by as many letters.
  private static func neutral(_ text: ExactString, _ marks: [ExactString]) -> ExactString {
    var bytes = Array(text.utf8)
    for mark in marks {
      let needle = mark.string.utf8Span.span
      var start = 0
      while let place = TextScanning.find(needle, in: bytes.span, start..<bytes.count) {
        for index in place..<place + needle.count { bytes[index] = UInt8(ascii: "x") }
        start = place + needle.count
      }
    }
    return ExactString(String(decoding: bytes, as: UTF8.self))
  }
}

extension Prompt {
  /// How many control tokens the template wrote.
  fileprivate var controlCount: Int { segments.count { $0.content == .control } }
}

extension JSONValue {
  /// The value with each of its strings, not its keys, replaced.
  func mappingStrings(_ change: (ExactString) -> ExactString) -> JSONValue {
    switch self {
    case .string(let text): .string(change(text))
    case .array(let elements): .array(elements.map { $0.mappingStrings(change) })
    case .object(let object):
      .object(JSONObject(object.map { ($0.key, $0.value.mappingStrings(change)) }))
    default: self
    }
  }
}
