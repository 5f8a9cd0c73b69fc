// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

extension LawChecker {
  func openingVerdict(_ subject: LawSubject) -> LawVerdict {
    guard let answer = answer(in: subject) else { return .silent }
    let (opened, whole) = (Array(answer.opened.text.utf8), Array(answer.whole.text.utf8))
    if whole.starts(with: opened) { return .holds }
    let same = zip(opened, whole).prefix { $0 == $1 }.count
    return .broken(
      "after \(same) bytes the prompt goes on \(Self.excerpt(opened, from: same)), "
        + "the turn \(Self.excerpt(whole, from: same))")
  }

  /// Renders what was read back: all that the template can tell of two messages must be the same.
  func parseVerdict(_ subject: LawSubject) -> LawVerdict {
    guard let answer = answer(in: subject), let text = answer.text, isPlain(answer),
      !answer.message.saysNothing
    else { return .silent }
    let tools = subject.options.tools ?? subject.conversation.tools ?? []
    let parsed = template.parse(response: text, prompt: answer.opened, tools: tools)
    if let rest = parsed.unparsed { return .broken("not parsed: \(rest.string.debugDescription)") }
    var again = answer.after
    again.conversation.messages[again.conversation.messages.count - 1] = parsed.message
    do throws(ChatTemplateError) {
      let second = try template.render(again.conversation, options: again.options)
      if ExactString(second.text) == ExactString(answer.whole.text) { return .holds }
    } catch {
      return .broken(
        "\(text.debugDescription) is read as \(parsed.message.fields.serialized), "
          + "which the template refuses: \(error)")
    }
    return .broken(
      "\(text.debugDescription) is read as \(parsed.message.fields.serialized)")
  }

  /// Reads an answer in pieces of several sizes, also one that breaks off.
  func streamVerdict(_ subject: LawSubject) -> LawVerdict {
    guard let answer = answer(in: subject), let text = answer.text else { return .silent }
    let scalars = Array(text.unicodeScalars)
    guard scalars.count <= 4096 else { return .silent }
    let tools = subject.options.tools ?? subject.conversation.tools ?? []
    for (length, size) in [(scalars.count, 1), (scalars.count, 7), (scalars.count * 2 / 3, 3)] {
      let whole = Self.text(scalars[..<length])
      var stream = template.makeResponseStream(prompt: answer.opened, tools: tools)
      for start in stride(from: 0, to: length, by: size) {
        _ = stream.feed(Self.text(scalars[start..<min(start + size, length)]))
      }
      let expected = template.parse(response: whole, prompt: answer.opened, tools: tools)
      _ = stream.finish()
      if stream.response != expected {
        return .broken("\(whole.debugDescription) in pieces of \(size)")
      }
    }
    return .holds
  }

  private static func text(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }

  /// Whether the answer holds none of the format's own marks, which text alone cannot tell from
  /// the template's.
  private func isPlain(_ answer: Answer) -> Bool {
    let marks = marks(of: answer.whole)
    var isPlain = true
    _ = JSONValue.object(answer.message.fields).mappingStrings { text in
      isPlain = isPlain && !marks.contains { TextScanning.contains(text.string, $0.string) }
      return text
    }
    return isPlain
  }

  static func excerpt(_ bytes: [UInt8], from start: Int) -> String {
    String(decoding: bytes[start..<min(bytes.count, start + 40)], as: UTF8.self).debugDescription
  }
}

extension Message {
  /// Whether a text or a thought of it is nothing but white space, which marks have around them too.
  fileprivate var saysNothing: Bool {
    [text, reasoning?.string].compactMap(\.self).contains { text in
      !text.isEmpty && text.utf8.allSatisfy(ResponseMachine.isSpace)
    } || reasoning?.isEmpty == true
  }
}
