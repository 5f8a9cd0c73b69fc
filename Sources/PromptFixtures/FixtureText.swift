// SPDX-License-Identifier: Apache-2.0

package import OrderedJSON
package import TextPrimitives
import Tokenization

/// Writes values so that YAML and JSON read them alike, on one line, with nothing invisible.
package struct FixtureText {
  let syntax: FixtureSource.Syntax

  /// A text in double quotes, as YAML reads it.
  package static func quoted(_ text: ExactString) -> String {
    FixtureText(syntax: .yaml).quoted(text)
  }

  /// A value on one line, as YAML reads it.
  package static func inline(_ value: JSONValue) -> String {
    FixtureText(syntax: .yaml).value(value)
  }

  /// A key, bare in YAML.
  func key(_ name: ExactString) -> String {
    syntax == .yaml ? name.string : "\"\(name)\""
  }

  /// A text in double quotes.
  func quoted(_ text: ExactString) -> String {
    var output = "\""
    for scalar in text.string.unicodeScalars {
      switch scalar {
      case "\"": output += #"\""#
      case "\\": output += #"\\"#
      case "\n": output += #"\n"#
      case "\t": output += #"\t"#
      case "\r": output += #"\r"#
      case " "..."~": output.unicodeScalars.append(scalar)
      default:
        if isVisible(scalar) {
          output.unicodeScalars.append(scalar)
        } else {
          output += escape(scalar)
        }
      }
    }
    return output + "\""
  }

  private func isVisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator, .privateUse,
      .surrogate, .unassigned:
      false
    default: true
    }
  }

  private func escape(_ scalar: Unicode.Scalar) -> String {
    if scalar.value > 0xFFFF, syntax == .yaml { return "\\U" + Self.digits(scalar.value, 8) }
    return Array(String(scalar).utf16).map { "\\u" + Self.digits(UInt32($0), 4) }.joined()
  }

  private static func digits(_ value: UInt32, _ count: Int) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
  }

  /// Any value.
  func value(_ value: JSONValue) -> String {
    switch value {
    case .string(let text): quoted(text)
    case .array(let elements): "[\(elements.map(self.value).joined(separator: ", "))]"
    case .object(let object):
      "{\(object.map { "\(quoted($0.key)): \(self.value($0.value))" }.joined(separator: ", "))}"
    default: value.serialized()
    }
  }

  private func map(_ members: [(ExactString, String)]) -> String {
    "{\(members.map { "\(key($0.0)): \($0.1)" }.joined(separator: ", "))}"
  }

  private func range(_ range: Range<Int>) -> String { "[\(range.lowerBound), \(range.upperBound)]" }

  // MARK: Parts of an expectation

  /// The parts that are there, in the order in which they are written.
  func parts(of expectation: RecordedPrompt) -> [(key: ExactString, text: String)] {
    var parts: [(ExactString, String)] = []
    if let text = expectation.text { parts.append(("text", self.text(text))) }
    if let ids = expectation.ids { parts.append(("ids", self.ids(ids))) }
    if let layout = expectation.layout {
      parts.append(("layout", "[\(layout.map(turn).joined(separator: ", "))]"))
    }
    if let mask = expectation.mask {
      parts.append(("mask", "[\(mask.map(range).joined(separator: ", "))]"))
    }
    if let stop = expectation.stop {
      parts.append(("stop", "[\(stop.map(quoted).joined(separator: ", "))]"))
    }
    if let message = expectation.message { parts.append(("message", value(.object(message)))) }
    switch expectation.error {
    case nil: break
    case .any: parts.append(("error", "true"))
    case .saying(let words): parts.append(("error", quoted(words)))
    }
    return parts
  }

  private func text(_ text: Recorded<ExactString>) -> String {
    switch text {
    case .whole(let text): quoted(text)
    case .digest(let digest, let count):
      map([("sha256", quoted(ExactString(digest))), ("bytes", String(count))])
    }
  }

  private func ids(_ ids: Recorded<[TokenID]>) -> String {
    switch ids {
    case .whole(let ids): "\(ids)"
    case .digest(let digest, let count):
      map([("sha256", quoted(ExactString(digest))), ("count", String(count))])
    }
  }

  private func turn(_ turn: TurnRange) -> String {
    map([
      ("role", turn.role.map(quoted) ?? "null"),
      ("message", turn.message.map(String.init) ?? "null"),
      ("tokens", range(turn.tokens)),
    ])
  }

  /// What a recording was made with.
  func parts(of recorded: RecordedInputs) -> [(key: ExactString, text: String)] {
    [("by", recorded.program), ("template", recorded.template), ("tokenizer", recorded.tokenizer)]
      .compactMap { key, value in value.map { (key, quoted(ExactString($0))) } }
  }
}
